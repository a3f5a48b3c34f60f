/** Files on their way to the server: each is tried until it has arrived or was refused, and never twice at once. */
import { Refusal } from '../link/http';
import { pauseAfter } from '../link/line';
import type { FileFact } from '../wire';

/** A refusal that names so long a wait is the customer's to try again. */
export const PATIENCE_S = 30;

export interface UploadEvents {
  arrived(id: string, file: FileFact): void;
  refused(id: string, text: string): void;
  /** One has failed and will be tried again, or has gone on: what the widget says of it may change. */
  changed(): void;
}

interface Trip {
  file: File;
  failures: number;
  under: boolean;
  timer?: ReturnType<typeof setTimeout>;
}

export class Uploads {
  private readonly trips = new Map<string, Trip>();

  constructor(
    private readonly put: (file: File) => Promise<FileFact>,
    private readonly events: UploadEvents,
  ) {}

  /** Whether a file has failed and waits for its next try. */
  get late(): boolean {
    return [...this.trips.values()].some((trip) => trip.failures > 0);
  }

  add(id: string, file: File): void {
    this.trips.set(id, { file, failures: 0, under: false });
  }

  /** Send a file now, unless it is under way. */
  send(id: string): void {
    const trip = this.trips.get(id);
    if (trip && !trip.under) void this.try(id, trip);
  }

  forget(id: string): void {
    clearTimeout(this.trips.get(id)?.timer);
    this.trips.delete(id);
  }

  stop(): void {
    for (const id of [...this.trips.keys()]) this.forget(id);
  }

  private async try(id: string, trip: Trip): Promise<void> {
    clearTimeout(trip.timer);
    trip.under = true;
    try {
      const fact = await this.put(trip.file);
      // The customer may have given it up meanwhile.
      if (this.trips.get(id) !== trip) return;
      this.forget(id);
      this.events.arrived(id, fact);
    } catch (error) {
      if (this.trips.get(id) === trip) this.failed(id, trip, error);
    } finally {
      trip.under = false;
    }
  }

  private failed(id: string, trip: Trip, error: unknown): void {
    const refusal = error instanceof Refusal ? error : undefined;
    const wait = refusal?.retryAfter;
    if (refusal && !(wait !== undefined && wait <= PATIENCE_S)) {
      trip.failures = 0;
      this.events.refused(id, refusal.text || refusal.code);
      return;
    }
    const pause = wait === undefined ? pauseAfter(trip.failures) : wait * 1000;
    trip.failures += 1;
    trip.timer = setTimeout(() => this.send(id), pause);
    this.events.changed();
  }
}
