/** What the customer can do and what happens then: the talk, its storage and its line, held together. */
import { ask, Refusal } from '../link/http';
import { Line } from '../link/line';
import { webAddress } from '../options';
import type { Greeting } from '../link/link';
import type { Entry, FileFact, FromServer, Language, Order, Sending } from '../wire';
import type { Storage } from './storage';
import {
  accepted,
  dropped,
  EMPTY,
  hasHole,
  mended,
  moved,
  refused,
  statusShown,
  welcomed,
  withEntry,
  written,
} from './talk';
import type { Talk, Unsent } from './talk';
import { Turn } from './turn';
import { PATIENCE_S, Uploads } from './uploads';

/** A live line says "accepted" at once; one that does not is dead. */
const ACCEPT_MS = 10_000;
const HOLE_MS = 400;
const TYPING_MS = 8_000;
const TELL_TYPING_MS = 3_000;
const UPLOAD_MS = 120_000;
/** What another tab has stored is seen within milliseconds; a tab that stored nothing is waited for no longer. */
const NEWS_MS = 1_000;
/** A browser lets a click open a tab for five seconds. */
const LINK_MS = 4_000;

export interface SessionEvents {
  changed(): void;
  /** Something said by others, for sound and badge; not what a reload brings back. */
  heard(entry: Entry): void;
  orderMoved(order: Order): void;
  /** The server refused something that is no single message. */
  refused(text: string): void;
}

export type LineState = 'idle' | 'connecting' | 'up' | 'down';

export class Session {
  talk: Talk = EMPTY;
  state: LineState = 'idle';
  typing: 'bot' | 'agent' | undefined;
  private readonly line: Line;
  private readonly uploads: Uploads;
  private readonly accepting = new Map<string, ReturnType<typeof setTimeout>>();
  /** Messages of other tabs: shown here too, and sent from here should that tab be gone. */
  private readonly foreign = new Set<string>();
  private typingEnds: ReturnType<typeof setTimeout> | undefined;
  private mending: ReturnType<typeof setTimeout> | undefined;
  private toldTyping = 0;
  private token: string | null;
  private readonly unwatch: () => void;
  private readonly turn: Turn | undefined;

  constructor(
    private readonly server: string,
    private readonly language: Language,
    private readonly page: string,
    private readonly storage: Storage,
    private readonly events: SessionEvents,
  ) {
    this.token = storage.token;
    this.turn = storage.shared ? new Turn(`${storage.shared}begin`) : undefined;
    this.line = new Line(server, {
      ready: () => this.ready(),
      greeting: () => this.greeting(),
      packet: (packet) => this.take(packet),
      state: (up) => this.lineIs(up),
    });
    this.uploads = new Uploads((file) => this.put(file), {
      arrived: (id, file) => this.arrived(id, file),
      refused: (id, text) => this.change(refused(this.talk, id, text)),
      changed: () => events.changed(),
    });
    for (const message of storage.unsent()) this.talk = written(this.talk, message);
    this.unwatch = storage.watch((name) => this.otherTab(name));
  }

  /** Whether there is a conversation to come back to. */
  get known(): boolean {
    return this.token !== null || this.talk.unsent.length > 0;
  }

  /** Whether a file could not be brought to the server and is tried again. */
  get fileLate(): boolean {
    return this.uploads.late;
  }

  start(): void {
    if (this.state !== 'idle') return;
    this.state = 'connecting';
    this.line.start();
    this.events.changed();
  }

  stop(): void {
    this.line.stop();
    this.uploads.stop();
    this.turn?.give();
    this.unwatch();
    for (const timer of this.accepting.values()) clearTimeout(timer);
    this.state = 'idle';
  }

  say(text: string): void {
    this.write({ id: newId(), at: new Date().toISOString(), text });
  }

  tap(token: string, title: string): void {
    this.write({ id: newId(), at: new Date().toISOString(), token, title });
  }

  attach(file: File): void {
    const id = newId();
    this.uploads.add(id, file);
    const { name, type, size } = file;
    this.write({ id, at: new Date().toISOString(), upload: { name, type, size } });
  }

  /** Try a refused message once more, in the same bubble. */
  retry(id: string): void {
    const message = this.talk.unsent.find((each) => each.id === id);
    if (!message) return;
    const { failed: _, ...rest } = message;
    this.write(rest);
  }

  giveUp(id: string): void {
    this.uploads.forget(id);
    this.storage.forget(id);
    this.change(dropped(this.talk, id));
  }

  /** Return a fresh address of a file of an entry, or why there is none; what a bubble has is good for a while only. */
  async fileAddress(seq: number, id: string): Promise<{ address: string } | { reason: string }> {
    const url = `${this.server}/chat/messages/${seq}/files/${encodeURIComponent(id)}`;
    try {
      const { url: path } = await ask<{ url: string }>(url, { token: this.token }, LINK_MS);
      return { address: webAddress(path, `${this.server}/`) };
    } catch (error) {
      return { reason: error instanceof Refusal ? error.text : '' };
    }
  }

  seen(seq: number): void {
    this.line.send({ type: 'seen', seq });
  }

  /** The customer types; people are told, the bot does not care. */
  types(): void {
    const now = Date.now();
    if (this.talk.owner === 'bot' || now - this.toldTyping < TELL_TYPING_MS) return;
    this.toldTyping = now;
    this.line.send({ type: 'typing' });
  }

  /** Who has no conversation yet lets other tabs finish beginning one: it will be theirs together. */
  private ready(): Promise<void> | undefined {
    if (this.token !== null) return undefined;
    return this.turn?.take().then(async (afterAnother) => {
      this.token ??= this.storage.token;
      // A browser frees the turn of one tab sooner than it shows another what that tab has stored.
      if (this.token === null && afterAnother) await this.storage.news(NEWS_MS);
      this.token ??= this.storage.token;
    });
  }

  private greeting(): Greeting {
    const pending = this.talk.unsent.map((each) => each.id);
    const base = { token: this.token, after: this.talk.upTo, language: this.language, pending };
    return this.page ? { ...base, page: this.page } : base;
  }

  private write(message: Unsent): void {
    // First out, then on the screen: between Enter and the request stands nothing.
    this.talk = written(this.talk, message);
    this.start();
    this.deliver(message);
    this.storage.keep(message);
    this.events.changed();
  }

  private deliver(message: Unsent): void {
    if (!this.line.up || message.failed !== undefined || this.accepting.has(message.id)) return;
    if (message.upload && !message.files) {
      this.uploads.send(message.id);
      return;
    }
    const { id, text, token, files } = message;
    const what = token ? { token } : text === undefined ? {} : { text };
    const packet: Sending = { type: 'message', id, ...what, ...(files ? { files: files.map((file) => file.id) } : {}) };
    this.accepting.set(
      id,
      setTimeout(() => this.line.again(), this.line.slow ? 6 * ACCEPT_MS : ACCEPT_MS),
    );
    this.line.send(packet);
  }

  private async put(file: File): Promise<FileFact> {
    const body = new FormData();
    body.append('file', file, file.name);
    const init = { method: 'POST', body, token: this.token };
    return (await ask<{ file: FileFact }>(`${this.server}/chat/files`, init, UPLOAD_MS)).file;
  }

  /** A file is there; only now goes the message it belongs to, under the id it has had from the beginning. */
  private arrived(id: string, file: FileFact): void {
    const message = this.talk.unsent.find((each) => each.id === id);
    if (message) this.write({ ...message, files: [file] });
  }

  private take(packet: FromServer): void {
    switch (packet.type) {
      case 'welcome': {
        const before = this.talk;
        const strange = packet.new === true && before.upTo > 0;
        this.token = packet.token;
        if (this.storage.token !== packet.token) this.storage.token = packet.token;
        this.turn?.give();
        if (packet.new) this.storage.read = 0;
        this.change(welcomed(this.talk, packet));
        this.forgetKept(before.unsent);
        // What was missed while away is news; what a reload brings back is not.
        if (before.upTo > 0 && !strange) packet.entries.forEach((entry) => this.tell(before, entry));
        break;
      }
      case 'accepted':
        this.settled(packet.id);
        this.storage.forget(packet.id);
        this.change(accepted(this.talk, packet.id, packet.seq));
        break;
      case 'entry': {
        const { type: _, ...entry } = packet;
        const before = this.talk;
        if (entry.author !== 'customer') this.setTyping(undefined);
        this.change(withEntry(this.talk, entry));
        this.tell(before, entry);
        break;
      }
      case 'typing':
        this.setTyping(packet.author);
        this.events.changed();
        break;
      case 'owner':
        if (packet.owner !== 'agent' && this.typing === 'agent') this.setTyping(undefined);
        this.change({ ...this.talk, owner: packet.owner, agentName: packet.agent_name ?? '', place: packet.place });
        break;
      case 'order':
        if (typeof packet.order?.orderId !== 'string') break;
        this.orderIs(packet.order);
        break;
      case 'seen':
        this.change({ ...this.talk, seen: Math.max(this.talk.seen, packet.seq) });
        break;
      case 'refused':
        this.refusal(packet);
        break;
      default:
        break;
    }
    if (hasHole(this.talk)) this.mending ??= setTimeout(() => void this.mend(), HOLE_MS);
  }

  private refusal({ id, text, retry_after_s }: Extract<FromServer, { type: 'refused' }>): void {
    if (id === undefined) {
      this.events.refused(text);
      return;
    }
    this.settled(id);
    const message = this.talk.unsent.find((each) => each.id === id);
    if (!message) return;
    if (retry_after_s !== undefined && retry_after_s <= PATIENCE_S) {
      this.accepting.set(
        id,
        setTimeout(() => {
          this.settled(id);
          this.deliver(message);
        }, retry_after_s * 1000),
      );
      return;
    }
    this.storage.forget(id);
    this.change(refused(this.talk, id, text));
  }

  private orderIs(order: Order): void {
    // A new time or scan is on the card; only another status is worth a word.
    const before = statusShown(this.talk, order.orderId);
    this.change(moved(this.talk, order));
    if (before !== order.status) this.events.orderMoved(order);
  }

  private tell(before: Talk, entry: Entry): void {
    if (entry.author !== 'customer' && !before.entries.has(entry.seq)) this.events.heard(entry);
  }

  private lineIs(up: boolean): void {
    for (const timer of this.accepting.values()) clearTimeout(timer);
    this.accepting.clear();
    this.turn?.give();
    this.state = up ? 'up' : 'down';
    if (up) for (const message of this.talk.unsent) this.deliver(message);
    else this.setTyping(undefined);
    this.events.changed();
  }

  private settled(id: string): void {
    clearTimeout(this.accepting.get(id));
    this.accepting.delete(id);
  }

  private forgetKept(before: readonly Unsent[]): void {
    const left = new Set(this.talk.unsent.map((each) => each.id));
    for (const { id } of before) if (!left.has(id)) this.storage.forget(id);
  }

  /** Ask for what is missing between entries: something overtook it, or it was lost. */
  private async mend(): Promise<void> {
    try {
      if (!hasHole(this.talk)) return;
      const url = `${this.server}/chat/messages?after=${this.talk.upTo}&wait=0`;
      const news = await ask<{ entries?: Entry[] }>(url, { token: this.token }, 10_000);
      for (const entry of news.entries ?? []) this.talk = withEntry(this.talk, entry);
      this.change(mended(this.talk));
    } catch {
      // The next entry, or the next greeting, asks again.
    } finally {
      this.mending = undefined;
    }
  }

  private otherTab(name: string): void {
    if (name === 'token' && this.storage.token && this.storage.token !== this.token) {
      this.token = this.storage.token;
      this.change({ ...EMPTY, unsent: this.talk.unsent });
      this.line.again();
    } else if (name === 'unsent') {
      const kept = this.storage.unsent();
      const mine = new Set(this.talk.unsent.map((each) => each.id));
      const still = new Set(kept.map((each) => each.id));
      for (const message of kept) {
        if (mine.has(message.id)) continue;
        this.foreign.add(message.id);
        this.talk = written(this.talk, message);
      }
      // The other tab has brought it home, or given it up.
      for (const id of this.foreign) if (!still.has(id)) this.talk = dropped(this.talk, id);
      this.events.changed();
    } else if (name === 'read') {
      this.events.changed();
    }
  }

  private setTyping(author: 'bot' | 'agent' | undefined): void {
    clearTimeout(this.typingEnds);
    this.typing = author;
    if (author) {
      this.typingEnds = setTimeout(() => {
        this.typing = undefined;
        this.events.changed();
      }, TYPING_MS);
    }
  }

  private change(talk: Talk): void {
    this.talk = talk;
    this.events.changed();
  }
}

/** Return an id no other message has; `randomUUID` is missing on pages without https. */
export function newId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
