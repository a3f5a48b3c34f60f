/**
 * Of several tabs opened at once one begins the conversation, and the others come to it.
 *
 * Browsers let one tab at a time hold a lock (Web Locks), and free it when its tab goes. Pages without https have
 * none: their tabs begin one each, and all go over to the last.
 */

/** Longer than a server may take to greet; a tab that hangs must not keep the others away for ever. */
const WAIT_MS = 10_000;

export class Turn {
  private waiting: Promise<boolean> | undefined;
  private leave: (() => void) | undefined;

  constructor(private readonly name: string) {}

  /**
   * Wait until no other tab begins a conversation, or for as long as is sensible; then it is this tab's turn.
   *
   * True when another tab had the turn before: it may have begun a conversation.
   */
  take(): Promise<boolean> {
    this.waiting ??= new Promise((taken) => {
      const { locks } = navigator;
      if (!locks) {
        taken(false);
        return;
      }
      const given = new AbortController();
      const timer = setTimeout(() => given.abort(), WAIT_MS);
      this.leave = () => given.abort();
      const held = (after: boolean): Promise<void> => {
        clearTimeout(timer);
        taken(after);
        return new Promise((free) => (this.leave = free));
      };
      const wait = (): Promise<void> => locks.request(this.name, { signal: given.signal }, () => held(true));
      locks
        .request(this.name, { ifAvailable: true }, (lock) =>
          lock ? held(false) : void wait().catch(() => taken(true)),
        )
        .catch(() => taken(true));
    });
    return this.waiting;
  }

  /** Let the others. */
  give(): void {
    this.leave?.();
    this.waiting = this.leave = undefined;
  }
}
