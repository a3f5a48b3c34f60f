/**
 * Of several tabs opened at once one begins the conversation, and the others come to it.
 *
 * Browsers let one tab at a time hold a lock (Web Locks), and free it when its tab goes. Pages without https have
 * none: their tabs begin one each, and all go over to the last.
 */

/** Longer than a server may take to greet; a tab that hangs must not keep the others away for ever. */
const WAIT_MS = 10_000;

export class Turn {
  private waiting: Promise<void> | undefined;
  private leave: (() => void) | undefined;

  constructor(private readonly name: string) {}

  /** Wait until no other tab begins a conversation, or for as long as is sensible; then it is this tab's turn. */
  take(): Promise<void> {
    this.waiting ??= new Promise((taken) => {
      const given = new AbortController();
      const timer = setTimeout(() => given.abort(), WAIT_MS);
      this.leave = () => given.abort();
      const held = (): Promise<void> => {
        clearTimeout(timer);
        taken();
        return new Promise((free) => (this.leave = free));
      };
      const { locks } = navigator;
      if (locks) locks.request(this.name, { signal: given.signal }, held).catch(() => taken());
      else taken();
    });
    return this.waiting;
  }

  /** Let the others. */
  give(): void {
    this.leave?.();
    this.waiting = this.leave = undefined;
  }
}
