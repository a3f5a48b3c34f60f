"""What a verified customer is told of an order in each situation, and the payloads that go with it."""

from __future__ import annotations

from peyk.domain.situations import Situation
from tests.unit.actions.fakes import TALK, About, Line
from tests.unit.actions.stories import NUMBER

VERIFY = f'/press_verify{{"order_id": "{NUMBER}"}}'
RATE = tuple(f'/give_feedback{{"rating": {stars}, "order_id": "{NUMBER}"}}' for stars in range(1, 6))
PARCEL = "utter_tracking_parcel"


def act(intent: str, reason: str | None = None) -> str:
    """Return the payload of a button about NUMBER."""
    more = f', "ticket_reason": "{reason}"' if reason else ""
    return f'/{intent}{{"order_id": "{NUMBER}"{more}}}'


AGAIN = act("track_order")
# Situation → the lines of the full answer, and the buttons of the last one.
FULL: dict[Situation, tuple[list[str], list[str]]] = {
    Situation.AWAITING_PAYMENT: (["awaiting_payment"], [act("payment_problem")]),
    Situation.PAYMENT_FAILED: (["payment_failed_known"], [act("open_ticket", "payment")]),
    Situation.PAYMENT_UNVERIFIED: (["payment_unverified_known"], [act("open_ticket", "payment")]),
    Situation.REGISTERED: (["registered_known"], [act("cancel_order"), act("change_order")]),
    Situation.PREPARING: (["preparing_reason"], [act("cancel_order"), act("change_order")]),
    Situation.ADDRESS_INCOMPLETE: (["address_incomplete"], [act("fix_address")]),
    Situation.IN_TRANSIT: (["in_transit_known", PARCEL], [AGAIN]),
    Situation.LATE: (["late_shipped", PARCEL], [act("open_ticket", "late")]),
    Situation.STALLED: (["stalled_quiet", PARCEL], [act("open_ticket", "stalled")]),
    Situation.LOST: (["lost_quiet", PARCEL], [act("open_ticket", "lost")]),
    Situation.CUSTOMS: (["customs_known", PARCEL], [act("open_ticket", "customs")]),
    Situation.HELD: (["held_known", PARCEL], [act("open_ticket", "damaged")]),
    Situation.OUT_FOR_DELIVERY: (["out_for_delivery", PARCEL], [AGAIN]),
    Situation.READY_FOR_PICKUP: (["ready_for_pickup_known", PARCEL], [AGAIN]),
    Situation.DELIVERY_FAILED: (["delivery_failed_known", PARCEL], [act("fix_address"), act("open_ticket", "late")]),
    Situation.DELIVERED: (["delivered_signed"], [act("report_not_received"), act("request_return")]),
    Situation.RETURNED: (["returned_attempts", PARCEL], [act("open_ticket", "returned")]),
    Situation.SPLIT: (["split", "utter_tracking_parcels"], [AGAIN]),
    Situation.REFUND_PENDING: (["refund_pending_cancelled"], [act("open_ticket", "refund")]),
    Situation.REFUNDED: (["refunded_known"], [act("open_ticket", "refund")]),
    Situation.CANCELLED: (["cancelled_unpaid"], []),
}

CODE_ONLY = "utter_tracking_parcel_code"
# The lines of the full answer where shop, carrier and bank say little (the stories of TELL_LITTLE).
LITTLE = {
    "payment failed, no reason": ["payment_failed"],
    "payment failed, no reference": ["payment_failed_reason"],
    "payment reversed": ["payment_failed_reversed"],
    "money taken, no reference": ["payment_unverified"],
    "paid, no plan": ["registered"],
    "preparing, no plan": ["preparing"],
    "preparing, no reason": ["preparing_known"],
    "in transit, no scan": ["in_transit_carrier", CODE_ONLY],
    "in transit, carrier knows nothing yet": ["in_transit_carrier", CODE_ONLY],
    "shipped, no parcel on record": ["in_transit"],
    "in transit, scan without link": ["in_transit_known", "utter_tracking_parcel_no_link"],
    "in transit, link without scan": ["in_transit_carrier", "utter_tracking_parcel_no_event"],
    "late, not shipped": ["late"],
    "reported lost, no scan": ["lost_reported", CODE_ONLY],
    "held, no reason": ["held", CODE_ONLY],
    "held and late, no reason": ["held_late", PARCEL],
    "held and late": ["held_late_known", PARCEL],
    "held, late, the shop has it delivered": ["held", PARCEL],
    "held, late since the carrier is away": ["held", PARCEL, "utter_tracking_carrier_unavailable_stale"],
    "late, the carrier says why": ["late_known", PARCEL],
    "customs, no scan": ["customs_known", CODE_ONLY],
    "out for delivery, no scan": ["out_for_delivery", CODE_ONLY],
    "pick-up, place unknown": ["ready_for_pickup", CODE_ONLY],
    "delivery failed, no reason": ["delivery_failed", CODE_ONLY],
    "delivered, no scan": ["delivered", "utter_feedback_ask_rating"],
    "delivered by the shop's word": ["delivered", "utter_feedback_ask_rating"],
    "returned, no reason": ["returned", CODE_ONLY],
    "returned by the shop's word": ["returned"],
    "refund of a returned order": ["refund_pending_known"],
    "refund that is overdue": ["refund_pending_overdue"],
    "cancelled, no payment on record": ["cancelled"],
    "cancelled, paid": ["cancelled"],
    "pick-up time is over": ["ready_for_pickup", CODE_ONLY],
    "refunded, no refund on record": ["refunded"],
}


def keys(names: list[str]) -> list[str]:
    """Return the responses of these lines; a bare name is an order's own answer."""
    return [name if name.startswith("utter_") else f"utter_tracking_detail_{name}" for name in names]


def full_answer(situation: Situation, *, rating: bool = False) -> list[Line]:
    """Return the lines a verified customer is told of NUMBER."""
    names, buttons = FULL[situation]
    *first, final = keys(names)
    last = Line(final, (*buttons, TALK), About(NUMBER, situation.value, 2))
    ask = [Line("utter_feedback_ask_rating", RATE)] if rating else []
    return [*(Line(key) for key in first), last, *ask]
