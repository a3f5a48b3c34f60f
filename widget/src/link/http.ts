/**
 * The way where WebSockets do not get through: the same packets over plain requests.
 *
 * Messages go one after the other, so that they arrive in order; a long poll brings what others say.
 */
import type { Entry, FromClient, FromServer, Order, Owner, Sending, Welcome } from '../wire';
import type { Events, Greeting, Link } from './link';

const POLL_S = 25;
/** An answer may take the bot a while; a poll is never longer than it was asked to be. */
const ANSWER_MS = 70_000;
const POLL_MS = (POLL_S + 10) * 1000;

interface Session {
  token: string;
  new?: boolean;
  seen?: number;
  conversation: { owner: Owner; language?: 'fa' | 'en'; last_seq: number };
  entries: Entry[];
}

interface News {
  owner?: Owner;
  agent_name?: string;
  place?: number;
  entries?: Entry[];
  order?: Order;
  seen?: number;
}

/** What the server answered when it did not take something. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly text: string,
    readonly retryAfter?: number,
  ) {
    super(code);
  }
}

/** Ask the server; raises Refusal for a 4xx, another error when there is no answer. */
export async function ask<T>(url: string, init: RequestInit & { token?: string | null }, ms: number): Promise<T> {
  const { token, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (token) headers.set('Authorization', `Bearer ${token}`);
  if (typeof rest.body === 'string') headers.set('Content-Type', 'application/json');
  const given = rest.signal ?? undefined;
  const timeout = AbortSignal.timeout(ms);
  const signal = given && 'any' in AbortSignal ? AbortSignal.any([given, timeout]) : (given ?? timeout);
  const response = await fetch(url, { ...rest, headers, signal, credentials: 'omit', cache: 'no-store' });
  if (response.ok) return (await response.json()) as T;
  if (response.status >= 500 || response.status === 408) throw new Error(String(response.status));
  const body = (await response.json().catch(() => ({}))) as { error?: { code?: string; text?: string } };
  const wait = Number(response.headers.get('Retry-After')) || undefined;
  throw new Refusal(response.status, body.error?.code ?? 'refused', body.error?.text ?? '', wait);
}

export function openHttp(server: string, greeting: Greeting, events: Events): Link {
  const ended = new AbortController();
  const waiting: Sending[] = [];
  let token = greeting.token;
  let last = greeting.after;
  let sending = false;

  function end(): void {
    if (ended.signal.aborted) return;
    ended.abort();
    events.down();
  }

  function call<T>(path: string, init: RequestInit, ms: number): Promise<T> {
    return ask<T>(`${server}/chat${path}`, { ...init, token, signal: ended.signal }, ms);
  }

  function pass(packet: FromServer): void {
    if (!ended.signal.aborted) events.packet(packet);
  }

  function hand(news: News): void {
    for (const entry of news.entries ?? []) {
      last = Math.max(last, entry.seq);
      pass({ type: 'entry', ...entry });
    }
    if (news.owner) {
      const { owner, agent_name, place } = news;
      pass({ type: 'owner', owner, ...(agent_name ? { agent_name } : {}), ...(place ? { place } : {}) });
    }
    if (news.order) pass({ type: 'order', order: news.order });
    if (news.seen) pass({ type: 'seen', seq: news.seen });
  }

  async function begin(): Promise<void> {
    const { language, after, pending, page } = greeting;
    const body = JSON.stringify({ ...(token ? { token } : {}), language, after, pending, ...(page ? { page } : {}) });
    const session = await ask<Session>(
      `${server}/chat/session`,
      { method: 'POST', body, signal: ended.signal },
      10_000,
    );
    token = session.token;
    // A long absence comes in parts: the polls bring the rest.
    last = session.entries.at(-1)?.seq ?? session.conversation.last_seq;
    const { conversation, ...rest } = session;
    pass({ type: 'welcome', known: {}, ...conversation, ...rest } satisfies Welcome);
    for (;;) hand(await call<News>(`/messages?after=${last}&wait=${POLL_S}`, {}, POLL_MS));
  }

  async function deliver(message: Sending): Promise<void> {
    const { type: _, ...body } = message;
    try {
      const answer = await call<News & { accepted: { id: string; seq: number } }>(
        '/messages',
        { method: 'POST', body: JSON.stringify(body) },
        ANSWER_MS,
      );
      pass({ type: 'accepted', ...answer.accepted });
      hand(answer);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status === 401) throw error;
      const { code, text, retryAfter } = error;
      pass({ type: 'refused', id: message.id, code, text, ...(retryAfter ? { retry_after_s: retryAfter } : {}) });
    }
  }

  async function drain(): Promise<void> {
    if (sending) return;
    sending = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) await deliver(next);
    sending = false;
  }

  begin().catch(end);
  return {
    send(packet: FromClient) {
      if (packet.type !== 'message') return;
      waiting.push(packet);
      drain().catch(end);
    },
    close() {
      events = { packet: () => undefined, down: () => undefined };
      end();
    },
  };
}
