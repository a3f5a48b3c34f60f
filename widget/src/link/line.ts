/**
 * Keeps a link up: WebSocket first, plain requests where that fails twice, patience when nothing answers.
 */
import type { FromClient, FromServer } from '../wire';
import { openHttp } from './http';
import type { Greeting, Link, MakeLink } from './link';
import { openSocket } from './socket';

const PAUSES_MS = [250, 600, 1_200, 2_500, 5_000, 8_000, 12_000] as const;

/** Return how long to wait after so many failures: ten thousand widgets must not come back in the same instant. */
export function pauseAfter(failures: number): number {
  const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 0;
  return pause * (0.8 + Math.random() * 0.4);
}

const TRIES_BEFORE_HTTP = 2;
/** After so long on plain requests a WebSocket is tried again. */
const HTTP_MS = 120_000;

export interface LineEvents {
  /** What has to be waited for before the server is greeted, if anything. */
  ready(): Promise<void> | undefined;
  greeting(): Greeting;
  packet(packet: FromServer): void;
  /** `up` after the server's greeting, `down` when the line broke or could not be had. */
  state(up: boolean): void;
}

export class Line {
  private link: Link | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private socketFailures = 0;
  private wanted = false;
  /** Which attempt this is: one that was left while it waited to begin does not begin. */
  private attempt = 0;
  up = false;
  /** On plain requests "accepted" comes with the answer, not at once. */
  slow = false;

  constructor(
    private readonly server: string,
    private readonly events: LineEvents,
    private readonly ways: { socket: MakeLink; http: MakeLink } = { socket: openSocket, http: openHttp },
  ) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    addEventListener('online', this.hurry);
    document.addEventListener('visibilitychange', this.hurry);
    this.connect();
  }

  stop(): void {
    this.wanted = false;
    removeEventListener('online', this.hurry);
    document.removeEventListener('visibilitychange', this.hurry);
    this.leave();
  }

  send(packet: FromClient): void {
    if (this.up) this.link?.send(packet);
  }

  /** Leave the link as it is and greet anew: the session is another one, or the line looks dead. */
  again(): void {
    if (!this.wanted) return;
    this.leave();
    this.connect();
  }

  /** Try now instead of later: the network is back, or the customer looks. */
  readonly hurry = (): void => {
    if (this.wanted && !this.link && document.visibilityState === 'visible') this.again();
  };

  private leave(): void {
    clearTimeout(this.timer);
    this.attempt += 1;
    this.link?.close();
    this.link = undefined;
    this.up = false;
  }

  private connect(): void {
    const ready = this.events.ready();
    if (!ready) {
      this.greet();
      return;
    }
    const { attempt } = this;
    void ready.then(() => {
      if (attempt === this.attempt) this.greet();
    });
  }

  private greet(): void {
    const http = this.socketFailures >= TRIES_BEFORE_HTTP;
    const make = http ? this.ways.http : this.ways.socket;
    let welcome = false;
    const down = (): void => {
      this.link = undefined;
      this.up = false;
      // A socket that had worked is tried as a socket again.
      if (http || welcome) this.socketFailures = 0;
      else this.socketFailures += 1;
      this.events.state(false);
      this.later();
    };
    const packet = (each: FromServer): void => {
      if (each.type === 'welcome') {
        welcome = true;
        this.up = true;
        this.failures = 0;
        this.slow = http;
        if (http) this.timer = setTimeout(() => this.sockets(), HTTP_MS);
      }
      this.events.packet(each);
      if (each.type === 'welcome') this.events.state(true);
    };
    try {
      this.link = make(this.server, this.events.greeting(), { packet, down });
    } catch {
      // A page's policy may forbid WebSockets outright.
      down();
    }
  }

  private sockets(): void {
    this.socketFailures = 0;
    this.again();
  }

  private later(): void {
    clearTimeout(this.timer);
    if (!this.wanted) return;
    this.timer = setTimeout(() => this.connect(), pauseAfter(this.failures));
    this.failures += 1;
  }
}
