/** What goes over the wire between widget and edge. Everything that arrives is only believed as far as it is checked. */

export type Author = 'customer' | 'bot' | 'agent' | 'system';
export type Owner = 'bot' | 'queue' | 'agent';
export type Language = 'fa' | 'en';

export interface Button {
  title: string;
  payload: string;
}

export interface FileFact {
  id: string;
  name: string;
  type: string;
  size: number;
  url?: string;
}

export interface TrackingEvent {
  at: string;
  text: string;
  place?: string | null;
}

export interface Tracking {
  carrier: string;
  code: string;
  url?: string | null;
  lastEvent?: string | null;
  asOf?: string | null;
  events?: TrackingEvent[];
}

export interface Order {
  orderId: string;
  status: string;
  statusFa?: string;
  /** When the shop last said so, where that is old. */
  asOf?: string;
  createdAt?: string | null;
  eta?: string | null;
  items?: { sku?: string; title: string; quantity: number; price?: string }[];
  tracking?: Tracking | null;
  parcels?: Tracking[];
}

export interface Custom {
  order?: Order;
  /** What the customer is asked for: the composer shows a field made for it. */
  input?: 'otp' | 'mobile' | 'rating';
  nextActions?: { id: string; title: string; payload?: string }[];
}

export interface Entry {
  seq: number;
  author: Author;
  at: string;
  text?: string;
  buttons?: Button[];
  custom?: Custom;
  agent_name?: string;
  files?: FileFact[];
}

export interface Welcome {
  type: 'welcome';
  token: string;
  new?: boolean;
  owner: Owner;
  language?: Language;
  last_seq: number;
  /** How far the shop has read. */
  seen?: number;
  known?: Record<string, number>;
  entries: Entry[];
  agent_name?: string;
  place?: number;
}

export type FromServer =
  | Welcome
  | { type: 'accepted'; id: string; seq: number }
  | ({ type: 'entry' } & Entry)
  | { type: 'typing'; author: 'bot' | 'agent' }
  | { type: 'owner'; owner: Owner; agent_name?: string; place?: number }
  | { type: 'order'; order: Order }
  | { type: 'seen'; seq: number }
  | { type: 'refused'; id?: string; code: string; text: string; retry_after_s?: number }
  | { type: 'pong' }
  | { type: 'bye'; reason: string };

export interface Sending {
  type: 'message';
  id: string;
  text?: string;
  token?: string;
  files?: string[];
}

export type FromClient = Sending | { type: 'ping' } | { type: 'seen'; seq: number } | { type: 'typing' };
