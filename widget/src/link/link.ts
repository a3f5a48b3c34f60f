/** One way to the server. It speaks until it is down; then a new one is made. */
import type { FromClient, FromServer, Language } from '../wire';

export interface Greeting {
  token: string | null;
  after: number;
  language: Language;
  pending: string[];
  page?: string;
}

export interface Events {
  packet(packet: FromServer): void;
  /** Said once; nothing comes after it. */
  down(): void;
}

export interface Link {
  send(packet: FromClient): void;
  close(): void;
}

export type MakeLink = (server: string, greeting: Greeting, events: Events) => Link;

/** Return what a server's line of JSON says, undefined for what is none of ours. */
export function parse(raw: unknown): FromServer | undefined {
  try {
    const packet: unknown = typeof raw === 'string' ? JSON.parse(raw) : raw;
    return packet && typeof packet === 'object' && 'type' in packet ? (packet as FromServer) : undefined;
  } catch {
    return undefined;
  }
}
