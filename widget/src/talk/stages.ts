/** Where an order stands on the bar: five stages, and how good the news is. */

export const STAGES = ['registered', 'preparing', 'shipped', 'delivering', 'delivered'] as const;
export type Stage = (typeof STAGES)[number];
export type Tone = 'going' | 'care' | 'bad' | 'good' | 'ended';

export interface Place {
  /** The stage reached, counted from 0; -1 when the order has left the usual way. */
  step: number;
  tone: Tone;
}

// The words are `Situation` of peyk/domain/situations.py.
const PLACES: Record<string, Place> = {
  awaiting_payment: { step: 0, tone: 'care' },
  payment_failed: { step: 0, tone: 'bad' },
  payment_unverified: { step: 0, tone: 'care' },
  registered: { step: 0, tone: 'going' },
  preparing: { step: 1, tone: 'going' },
  address_incomplete: { step: 1, tone: 'care' },
  in_transit: { step: 2, tone: 'going' },
  split: { step: 2, tone: 'going' },
  late: { step: 2, tone: 'care' },
  stalled: { step: 2, tone: 'care' },
  customs: { step: 2, tone: 'care' },
  held: { step: 2, tone: 'care' },
  lost: { step: 2, tone: 'bad' },
  out_for_delivery: { step: 3, tone: 'going' },
  ready_for_pickup: { step: 3, tone: 'going' },
  delivery_failed: { step: 3, tone: 'care' },
  delivered: { step: 4, tone: 'good' },
  returned: { step: -1, tone: 'ended' },
  refund_pending: { step: -1, tone: 'ended' },
  refunded: { step: -1, tone: 'ended' },
  cancelled: { step: -1, tone: 'ended' },
};

/** Return the place of a status; one we do not know has no bar, only its name. */
export function placeOf(status: string): Place {
  return PLACES[status] ?? { step: -1, tone: 'ended' };
}
