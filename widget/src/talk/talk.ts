/**
 * The conversation as this tab knows it, and how each thing that happens changes it. Nothing here talks to the network.
 *
 * A message of the customer has two lives: `unsent` until the server has said that it is kept, then an entry with a
 * number. `ids` remembers which entry was which message, so that its bubble stays the same one.
 */
import type { Entry, FileFact, Order, Owner, Welcome } from '../wire';

export interface Unsent {
  id: string;
  at: string;
  text?: string;
  token?: string;
  /** What stands in the bubble of a tapped button. */
  title?: string;
  files?: FileFact[];
  /** A file still on its way; its bytes live in this tab only. */
  upload?: { name: string; type: string; size: number };
  /** Why the server did not take it; the customer decides whether to try again. */
  failed?: string;
}

export interface Talk {
  entries: ReadonlyMap<number, Entry>;
  ids: ReadonlyMap<number, string>;
  unsent: readonly Unsent[];
  /** Everything up to here is known; beyond it there may be holes. */
  upTo: number;
  /** How far the other side has read. */
  seen: number;
  owner: Owner;
  agentName: string;
  place: number | undefined;
  /** The newest state of orders that moved while the conversation was open. */
  orders: ReadonlyMap<string, Order>;
}

export const EMPTY: Talk = {
  entries: new Map(),
  ids: new Map(),
  unsent: [],
  upTo: 0,
  seen: 0,
  owner: 'bot',
  agentName: '',
  place: undefined,
  orders: new Map(),
};

/** Return the talk after the server's greeting: what was missed is there, what it already has is no longer unsent. */
export function welcomed(talk: Talk, welcome: Welcome): Talk {
  let next: Talk = welcome.new ? { ...EMPTY, unsent: talk.unsent } : talk;
  for (const entry of welcome.entries) next = withEntry(next, entry);
  for (const [id, seq] of Object.entries(welcome.known ?? {})) next = accepted(next, id, seq);
  return {
    ...next,
    upTo: Math.max(next.upTo, welcome.last_seq),
    seen: Math.max(next.seen, welcome.seen ?? 0),
    owner: welcome.owner,
    agentName: welcome.agent_name ?? (welcome.owner === 'agent' ? next.agentName : ''),
    place: welcome.place,
  };
}

/** Return the talk with one entry more; the same one again changes nothing. */
export function withEntry(talk: Talk, entry: Entry): Talk {
  if (!Number.isSafeInteger(entry.seq) || entry.seq < 1) return talk;
  const entries = new Map(talk.entries).set(entry.seq, entry);
  let { upTo } = talk;
  while (entries.has(upTo + 1)) upTo += 1;
  const agentName = entry.author === 'agent' && entry.agent_name ? entry.agent_name : talk.agentName;
  return { ...talk, entries, upTo, agentName };
}

/** Return the talk with a message of the customer. */
export function written(talk: Talk, message: Unsent): Talk {
  const others = talk.unsent.filter((each) => each.id !== message.id);
  return others.length === talk.unsent.length
    ? { ...talk, unsent: [...others, message] }
    : { ...talk, unsent: talk.unsent.map((each) => (each.id === message.id ? message : each)) };
}

/** Return the talk after the server has said that it keeps message `id` as number `seq`. */
export function accepted(talk: Talk, id: string, seq: number): Talk {
  const message = talk.unsent.find((each) => each.id === id);
  if (!message) return talk;
  const unsent = talk.unsent.filter((each) => each.id !== id);
  const next: Talk = { ...talk, unsent, ids: new Map(talk.ids).set(seq, id) };
  return next.entries.has(seq) ? next : withEntry(next, asEntry(message, seq));
}

/** Return the talk after message `id` was not taken; `reason` is shown with it. */
export function refused(talk: Talk, id: string, reason: string): Talk {
  return { ...talk, unsent: talk.unsent.map((each) => (each.id === id ? { ...each, failed: reason } : each)) };
}

/** Return the talk without a message the customer gave up, or that another tab has brought home. */
export function dropped(talk: Talk, id: string): Talk {
  return { ...talk, unsent: talk.unsent.filter((each) => each.id !== id) };
}

/** Return the talk with an order that moved; what is not said again stays as it was shown. */
export function moved(talk: Talk, order: Order): Talk {
  return { ...talk, orders: new Map(talk.orders).set(order.orderId, order) };
}

/** Return what an order stands at on the screen, undefined for one that is not there. */
export function statusShown(talk: Talk, number: string): string | undefined {
  const now = talk.orders.get(number);
  if (now) return now.status;
  const card = inOrder(talk).findLast((each) => each.custom?.order?.orderId === number);
  return card?.custom?.order?.status;
}

/** Return an entry for a message that is kept, before the server has repeated it to us. */
function asEntry(message: Unsent, seq: number): Entry {
  const text = message.text ?? message.title;
  return {
    seq,
    author: 'customer',
    at: message.at,
    ...(text === undefined ? {} : { text }),
    ...(message.files ? { files: message.files } : {}),
  };
}

/** Tell whether something between what we have is missing. */
export function hasHole(talk: Talk): boolean {
  return talk.entries.size > 0 && Math.max(...talk.entries.keys()) > talk.upTo;
}

/** Return the talk after the server was asked for what was missing: what it did not give is not there for us. */
export function mended(talk: Talk): Talk {
  return { ...talk, upTo: Math.max(talk.upTo, ...talk.entries.keys()) };
}

/** Return the entries in order. */
export function inOrder(talk: Talk): Entry[] {
  return [...talk.entries.values()].sort((one, other) => one.seq - other.seq);
}

/** Return how many messages of others came after `read`. */
export function unread(talk: Talk, read: number): number {
  let count = 0;
  for (const entry of talk.entries.values()) if (entry.seq > read && entry.author !== 'customer') count += 1;
  return count;
}

/**
 * Return the messages to show as unsent: not one whose entry came before its "accepted".
 *
 * On a line that mixes up the order an entry of ours can arrive first. It has no id; until the server names it, the
 * oldest message with the same words is taken for it, so that nobody sees it twice. It is still sent again if need be.
 */
export function shownUnsent(talk: Talk): readonly Unsent[] {
  const spare: string[] = [];
  const first = talk.unsent[0];
  if (!first) return talk.unsent;
  for (const entry of talk.entries.values()) {
    const late =
      entry.author === 'customer' && !talk.ids.has(entry.seq) && Date.parse(entry.at) >= Date.parse(first.at) - 5000;
    if (late && entry.text !== undefined) spare.push(entry.text);
  }
  return talk.unsent.filter((message) => {
    const place = spare.indexOf(message.text ?? message.title ?? '\0');
    if (place >= 0) spare.splice(place, 1);
    return place < 0;
  });
}
