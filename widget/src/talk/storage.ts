/**
 * What outlives a page: the session, messages not yet brought home, the draft, how far was read, the customer's choices.
 *
 * Tabs of one browser share it. Where a page has no storage (private windows, blocked cookies) memory takes its place.
 */
import type { Unsent } from './talk';

export interface Choices {
  sound: boolean;
  badge: boolean;
  /** 0 is the usual text, 1 and 2 are larger. */
  size: number;
}

type Kept = 'token' | 'unsent' | 'draft' | 'read' | 'choices';

export class Storage {
  private readonly memory = new Map<string, string>();
  private readonly prefix: string;

  constructor(
    server: string,
    private readonly store: globalThis.Storage | undefined = browserStorage(),
  ) {
    this.prefix = `peyk:${server}:`;
  }

  /** The name of what the tabs share; undefined for a tab that shares nothing. */
  get shared(): string | undefined {
    return this.store && this.prefix;
  }

  get token(): string | null {
    return this.get('token');
  }

  set token(token: string | null) {
    this.set('token', token);
  }

  get draft(): string {
    return this.get('draft') ?? '';
  }

  set draft(text: string) {
    this.set('draft', text || null);
  }

  get read(): number {
    return Number(this.get('read')) || 0;
  }

  set read(seq: number) {
    this.set('read', String(seq));
  }

  choices(usual: Choices): Choices {
    return { ...usual, ...(this.json('choices') as Partial<Choices> | undefined) };
  }

  choose(choices: Choices): void {
    this.set('choices', JSON.stringify(choices));
  }

  /** Return the messages any tab has not yet brought home, oldest first. */
  unsent(): Unsent[] {
    const kept = this.json('unsent');
    return Array.isArray(kept)
      ? kept.filter((each) => typeof each?.id === 'string' && typeof each.at === 'string')
      : [];
  }

  keep(message: Unsent): void {
    // The bytes of a file cannot be kept here: its message lives as long as its tab.
    if (message.upload && !message.files) return;
    this.setUnsent([...this.unsent().filter((each) => each.id !== message.id), message]);
  }

  forget(id: string): void {
    const before = this.unsent();
    if (before.some((each) => each.id === id)) this.setUnsent(before.filter((each) => each.id !== id));
  }

  /** Call `changed` with the name of what another tab has changed; the answer ends it. */
  watch(changed: (name: Kept) => void): () => void {
    const heard = (event: StorageEvent): void => {
      if (event.key?.startsWith(this.prefix)) changed(event.key.slice(this.prefix.length) as Kept);
    };
    addEventListener('storage', heard);
    return () => removeEventListener('storage', heard);
  }

  /** Wait until another tab has stored a token, or for `ms`. */
  news(ms: number): Promise<void> {
    return new Promise((seen) => {
      const done = (): void => {
        clearTimeout(timer);
        unwatch();
        seen();
      };
      const timer = setTimeout(done, ms);
      const unwatch = this.watch((name) => {
        if (name === 'token') done();
      });
    });
  }

  private setUnsent(messages: Unsent[]): void {
    this.set('unsent', messages.length ? JSON.stringify(messages) : null);
  }

  private json(name: Kept): unknown {
    try {
      return JSON.parse(this.get(name) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }

  private get(name: Kept): string | null {
    try {
      return this.store?.getItem(this.prefix + name) ?? this.memory.get(name) ?? null;
    } catch {
      return this.memory.get(name) ?? null;
    }
  }

  private set(name: Kept, value: string | null): void {
    if (value === null) this.memory.delete(name);
    else this.memory.set(name, value);
    try {
      if (value === null) this.store?.removeItem(this.prefix + name);
      else this.store?.setItem(this.prefix + name, value);
      if (this.store) this.memory.delete(name);
    } catch {
      // Full or forbidden: this tab still has it in memory.
    }
  }
}

function browserStorage(): globalThis.Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
