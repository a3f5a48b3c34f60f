"""Which order the customer means, and the answer about one order: shared by several topics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from actions._turn import IDENTITY_FORM, Button, Turn
from peyk import i18n
from peyk.domain.identity import Level
from peyk.domain.orders import Order, OrderStatus, Refund
from peyk.domain.payments import PaymentState
from peyk.domain.shipments import ExceptionReason
from peyk.domain.situations import Situation
from peyk.i18n.payload import order_payload, reply_values
from peyk.services.assess import is_late
from peyk.services.tracking import TrackOutcome, TrackResult
from peyk.text.references import Candidate, resolve

# Longer messages say something of their own.
ANSWER_WORDS = 5

# Requests about one order: what "which order?" was asked for goes on when the customer has said which.
REQUESTS = {
    "action_give_tracking_code",
    "action_report_delay",
    "action_report_stalled",
    "action_report_not_received",
    "action_report_returned",
    "action_fix_address",
    "action_payment_problem",
    "action_request_return",
    "action_tell_refund",
    "action_cancel_order",
    "action_change_order",
    "action_report_damaged",
    "action_request_document",
    "action_open_ticket",
}

TALK = Button("talk_to_human", "talk_to_human")
MY_ORDERS = Button("my_orders", "press_my_orders")
CHANGE_MOBILE = Button("change_mobile", "press_change_mobile")

# Next steps by situation once the customer is verified: (button id, intent, ticket reason).
_NEXT: dict[Situation, tuple[tuple[str, str, str | None], ...]] = {
    Situation.AWAITING_PAYMENT: (("payment_help", "payment_problem", None),),
    Situation.PAYMENT_FAILED: (("payment_help", "open_ticket", "payment"),),
    Situation.PAYMENT_UNVERIFIED: (("payment_help", "open_ticket", "payment"),),
    Situation.REGISTERED: (("cancel_order", "cancel_order", None), ("change_order", "change_order", None)),
    Situation.PREPARING: (("cancel_order", "cancel_order", None), ("change_order", "change_order", None)),
    Situation.ADDRESS_INCOMPLETE: (("fix_address", "fix_address", None),),
    Situation.IN_TRANSIT: (("track_again", "track_order", None),),
    Situation.LATE: (("open_ticket", "open_ticket", "late"),),
    Situation.STALLED: (("open_ticket", "open_ticket", "stalled"),),
    Situation.LOST: (("open_ticket", "open_ticket", "lost"),),
    Situation.CUSTOMS: (("open_ticket", "open_ticket", "customs"),),
    Situation.HELD: (("open_ticket", "open_ticket", "held"),),
    Situation.OUT_FOR_DELIVERY: (("track_again", "track_order", None),),
    Situation.READY_FOR_PICKUP: (("track_again", "track_order", None),),
    Situation.DELIVERY_FAILED: (("fix_address", "fix_address", None), ("open_ticket", "open_ticket", "late")),
    Situation.DELIVERED: (("not_received", "report_not_received", None), ("request_return", "request_return", None)),
    Situation.RETURNED: (("resend_parcel", "open_ticket", "returned"),),
    Situation.SPLIT: (("track_again", "track_order", None),),
    Situation.REFUND_PENDING: (("open_ticket", "open_ticket", "refund"),),
    Situation.REFUNDED: (("open_ticket", "open_ticket", "refund"),),
}
# Fuller answers, best first: the response's ending, and the values it needs to be whole.
_FULLER: dict[Situation, tuple[tuple[str, tuple[str, ...]], ...]] = {
    Situation.PAYMENT_FAILED: (
        ("_reversed", ("reversed", "payment_amount")),
        ("_known", ("payment_failure", "payment_ref")),
        ("_reason", ("payment_failure", "payment_amount")),
    ),
    Situation.PAYMENT_UNVERIFIED: (("_known", ("payment_amount", "payment_ref")),),
    Situation.REGISTERED: (("_known", ("ready_on",)),),
    Situation.PREPARING: (("_reason", ("ready_on", "delay_reason")), ("_known", ("ready_on",))),
    Situation.IN_TRANSIT: (("_known", ("eta", "carrier", "shipped_on")), ("_carrier", ("carrier", "shipped_on"))),
    Situation.LATE: (("_known", ("carrier", "carrier_reason")), ("_shipped", ("carrier",))),
    Situation.STALLED: (("_quiet", ("carrier", "quiet_for")),),
    Situation.LOST: (("_reported", ("reason", "reported_lost")), ("_quiet", ("carrier", "quiet_for"))),
    Situation.REFUND_PENDING: (
        ("_cancelled", ("refund_amount", "refund_due", "cancelled")),
        ("_known", ("refund_amount", "refund_due")),
        ("_overdue", ("refund_amount",)),
    ),
    Situation.REFUNDED: (("_known", ("refund_amount",)),),
    Situation.CUSTOMS: (("_known", ("reason",)),),
    Situation.HELD: (
        ("_late_known", ("is_late", "carrier_reason")),
        ("_late", ("is_late",)),
        ("_known", ("carrier_reason",)),
    ),
    Situation.READY_FOR_PICKUP: (("_known", ("pickup_place", "pickup_until")),),
    Situation.DELIVERY_FAILED: (("_known", ("carrier_reason",)),),
    Situation.DELIVERED: (("_signed", ("delivered_on", "signed_by")), ("_known", ("delivered_on",))),
    Situation.CANCELLED: (("_unpaid", ("unpaid",)),),
    Situation.RETURNED: (
        ("_attempts", ("carrier", "carrier_reason", "attempts")),
        ("_known", ("carrier", "carrier_reason")),
    ),
}
# After these the number is of no use any more; a system that fails leaves it in mind.
_NO_SUCH_ORDER = {TrackOutcome.NOT_FOUND, TrackOutcome.AMBIGUOUS}
# Situations in which there is a parcel to tell about.
ON_THE_WAY = {
    Situation.IN_TRANSIT,
    Situation.LATE,
    Situation.STALLED,
    Situation.LOST,
    Situation.CUSTOMS,
    Situation.HELD,
    Situation.OUT_FOR_DELIVERY,
    Situation.READY_FOR_PICKUP,
    Situation.DELIVERY_FAILED,
    Situation.RETURNED,
}


TELLS_PARCELS = ON_THE_WAY | {Situation.SPLIT}
WITHOUT_PARCEL = {
    Situation.AWAITING_PAYMENT,
    Situation.PAYMENT_FAILED,
    Situation.PAYMENT_UNVERIFIED,
    Situation.REGISTERED,
    Situation.PREPARING,
    Situation.ADDRESS_INCOMPLETE,
    Situation.LATE,
}


def today(turn: Turn) -> date:
    """Return today's date where the shop is."""
    return i18n.local_date(turn.app.clock.now())


async def order_in_question(turn: Turn) -> str | None:
    """Return the order number the message means.

    A number in the message wins, then words for one of the orders that were offered ("the second
    one"), then the order talked about before. None when nothing says which.
    """
    named = turn.entity("order_id")
    if named:
        turn.set_slots(order_id=named, subject="order")
        return str(named)
    offered = await _offered(turn)
    if len(offered) == 1:
        turn.set_slots(order_id=offered[0], subject="order")
        return offered[0]
    current = turn.slot("order_id")
    return str(current) if current else None


def names_parcel(turn: Turn) -> bool:
    """Tell whether the message names a parcel by its tracking code, and no order."""
    return bool(turn.entity("tracking_code")) and not turn.entity("order_id")


async def goes_on_with_offer(turn: Turn) -> bool:
    """Take a few words for the answer to what was just asked, whatever they look like by themselves.

    "the headphones" after "which order?" names an order; "4" after "how would you rate it?" is a rating.
    """
    if turn.pressed or len(turn.text.split()) > ANSWER_WORDS:
        return False
    if turn.slot("pending_offer") == "rating" and rating_of(turn) is not None:
        turn.follow("action_take_feedback")
        return True
    if turn.slot("orders_offered") and not turn.entity("order_id"):
        offered = await _offered(turn)
        if len(offered) == 1:
            pending = turn.slot("pending_request")
            turn.set_slots(order_id=offered[0], subject="order", pending_offer=None, pending_request=None)
            turn.follow(pending if pending in REQUESTS else "action_track_order")
        elif offered:
            # "the other one" of three: ask which, instead of picking one.
            turn.follow("action_list_orders")
        return bool(offered)
    return False


def rating_of(turn: Turn) -> int | None:
    """Return the rating in the message: as an entity, or a bare 1 to 5 after it was asked for."""
    role = None if turn.slot("pending_offer") == "rating" else ""
    rating = turn.entity("rating", role=role)
    return int(rating) if rating is not None else None


async def _offered(turn: Turn) -> list[str]:
    if not turn.slot("orders_offered") or not turn.text or turn.pressed:
        return []
    recent = await turn.call(turn.services.tracking.recent, turn.caller, shown=False)
    orders = [result.order for result in recent or [] if result.order is not None]
    candidates = [_candidate(order) for order in orders]
    hits = resolve(turn.text, candidates, today=today(turn), current=turn.slot("order_id"))
    return [candidates[hit].number for hit in hits]


def _candidate(order: Order) -> Candidate:
    words = tuple(title for item in order.items for title in (item.title_fa, item.title_en))
    return Candidate(number=order.number, words=words, placed_on=i18n.local_date(order.placed_at))


def verify_button(number: str) -> Button:
    """Return the button that starts the verification for an order."""
    return Button("verify", "press_verify", (("order_id", number),))


def rating_buttons(number: str) -> list[Button]:
    """Return five buttons that rate an order."""
    return [
        Button(f"rate_{stars}", "give_feedback", (("rating", stars), ("order_id", number))) for stars in range(1, 6)
    ]


def next_steps(result: TrackResult) -> list[Button]:
    """Return the buttons that make sense after an answer about one order."""
    number = result.order_number or ""
    if result.level < Level.VERIFIED:
        return [MY_ORDERS, CHANGE_MOBILE, TALK] if result.other_mobile else [verify_button(number), TALK]
    steps = _NEXT.get(result.situation, ()) if result.situation else ()
    if held_for_damage(result):
        # The same ticket as of who writes that it is damaged.
        steps = (("open_ticket", "open_ticket", "damaged"),)
    return [*(_step(number, *step) for step in steps), TALK]


def _step(number: str, button: str, intent: str, reason: str | None) -> Button:
    entities: list[tuple[str, Any]] = [("order_id", number)]
    if reason:
        entities.append(("ticket_reason", reason))
    return Button(button, intent, tuple(entities))


async def say_order(turn: Turn, result: TrackResult, *, named: str | None = None, ask_rating: bool = True) -> None:
    """Tell what is known of one order at the level the customer has proven; `named` is what they called it."""
    if result.outcome is not TrackOutcome.FOUND:
        say_no_order(turn, result, named)
        return
    situation = result.situation or Situation.IN_TRANSIT
    unit = turn.app.settings.money_unit.value
    values: dict[str, Any] = reply_values(result, turn.language, unit)
    custom = order_payload(result, turn.language, unit)
    stage = result.level < Level.VERIFIED
    lines = [] if stage else _extra_lines(situation, values)
    values |= _facts(result)
    responses = [_main_response(situation, values, stage=stage), *lines]
    if values["shop_as_of"]:
        responses.append("utter_tracking_shop_down")
    if result.carrier_trouble:
        responses.append(carrier_response(result.carrier_trouble, stale=bool(values["as_of"])))
    if stage and result.other_mobile:
        responses.append("utter_identity_other_mobile")
    for response in responses[:-1]:
        turn.say(response, **values)
    turn.say(responses[-1], buttons=next_steps(result), custom=custom, **values)
    turn.set_slots(order_id=result.order_number, subject="order", tracking_code=None)
    turn.set_slots(pending_offer="verify" if stage else None)
    if situation is Situation.DELIVERED and ask_rating:
        turn.set_slots(pending_offer="rating")
        turn.say("utter_feedback_ask_rating", buttons=rating_buttons(result.order_number or ""), **values)


def carrier_response(trouble: str, *, stale: bool) -> str:
    """Return the response that says why a carrier tells nothing new; `stale`: an older answer of its is told."""
    return f"utter_tracking_carrier_{trouble}" + ("_stale" if stale else "")


def say_refund(turn: Turn, result: TrackResult, refund: Refund) -> None:
    """Tell of the money that goes back, whatever becomes of the order itself."""
    values: dict[str, Any] = reply_values(result, turn.language, turn.app.settings.money_unit.value)
    situation = Situation.REFUND_PENDING if refund.done_at is None else Situation.REFUNDED
    turn.say(_main_response(situation, values | _facts(result), stage=False), **values)


def _facts(result: TrackResult) -> dict[str, Any]:
    """Return what decides between two true-sounding sentences, beside the values."""
    paid = result.order is None or result.order.paid_at is not None
    no_money = result.payment is not None and result.payment.state in (PaymentState.UNPAID, PaymentState.FAILED)
    # To the carrier's last word, as the situation is counted.
    heard_at = result.as_of or result.asked_at
    return {
        "is_late": result.order is not None and heard_at is not None and is_late(result.order, heard_at),
        "unpaid": not paid and no_money,
        "reversed": result.payment is not None and result.payment.state is PaymentState.REVERSED,
        "cancelled": result.order is not None and result.order.status is OrderStatus.CANCELLED,
        "reported_lost": ExceptionReason.CARRIER_PARCEL_LOST in _carriers_reasons(result),
    }


def held_for_damage(result: TrackResult) -> bool:
    """Tell whether a carrier holds a parcel because it was damaged on the way."""
    return result.situation is Situation.HELD and ExceptionReason.CARRIER_DAMAGED in _carriers_reasons(result)


def _carriers_reasons(result: TrackResult) -> set[ExceptionReason | None]:
    return {parcel.tracking.reason for parcel in result.parcels if parcel.tracking}


def _main_response(situation: Situation, values: dict[str, Any], *, stage: bool) -> str:
    if stage:
        return f"utter_tracking_stage_{situation.value}"
    endings = (ending for ending, needs in _FULLER.get(situation, ()) if all(values[need] for need in needs))
    return f"utter_tracking_detail_{situation.value}{next(endings, '')}"


def _extra_lines(situation: Situation, values: dict[str, Any]) -> list[str]:
    if situation is Situation.SPLIT:
        return ["utter_tracking_parcels"]
    if situation not in ON_THE_WAY or not values["code"]:
        return []
    if values["last_event"] and values["as_of"]:
        return ["utter_tracking_parcel" if values["url"] else "utter_tracking_parcel_no_link"]
    return ["utter_tracking_parcel_no_event" if values["url"] else "utter_tracking_parcel_code"]


def say_no_order(turn: Turn, result: TrackResult, named: str | None = None, *, code: str = "") -> None:
    """Tell why there is no answer: each reason is its own sentence; of a parcel's `code` with the carrier's page."""
    number = str(result.order_number or named or turn.slot("order_id") or "")
    limited = {"limit": result.scope or "order_guess", "retry_after_s": result.retry_after_s}
    custom = limited if result.outcome is TrackOutcome.TOO_MANY else None
    said = f"utter_tracking_{result.outcome.value}"
    if code and result.page:
        turn.say(said, custom=custom, order_id=number)
        turn.say("utter_tracking_parcel_no_event", buttons=[TALK], code=code, url=result.page)
    else:
        turn.say(said, custom=custom, buttons=[TALK], order_id=number)
    if result.outcome in _NO_SUCH_ORDER:
        turn.set_slots(order_id=None)


def say_orders(turn: Turn, results: Sequence[TrackResult]) -> None:
    """List the newest orders of the proven mobile, each with its date and stage, as buttons."""
    unit = turn.app.settings.money_unit.value
    buttons, shop_as_of = [], ""
    for result in results:
        values = reply_values(result, turn.language, unit)
        title = tuple((key, values[key]) for key in ("order_id", "placed_on", "status"))
        shop_as_of = shop_as_of or values["shop_as_of"]
        buttons.append(Button("choose_order", "track_order", (("order_id", result.order_number),), title))
    many = i18n.localise_digits(str(len(results)), turn.language)
    if shop_as_of:
        turn.say("utter_tracking_shop_down", shop_as_of=shop_as_of)
    turn.say("utter_tracking_choose_order", buttons=buttons, count=many)
    turn.set_slots(orders_offered=True, order_id=None, pending_offer="choose")


def begin(turn: Turn, request: str) -> None:
    """Forget what was written for another request than `request`."""
    took_offer = turn.slot("pending_offer") == turn.intent
    if turn.slot("pending_request") not in (None, request) and not took_offer:
        turn.set_slots(pending_note=None)


def ask_identity(turn: Turn, request: str) -> None:
    """Ask the customer to prove a mobile; `request` (an action) goes on afterwards, with what was written."""
    words = None if turn.entity("phone_number") and turn.intent == "track_order" else turn.words
    note = (turn.slot("pending_note") or words or None) if request in REQUESTS else None
    if request != "action_open_ticket":
        turn.set_slots(ticket_reason=None)
    turn.set_slots(pending_note=note, pending_order=turn.slot("order_id"))
    turn.set_slots(pending_request=request, pending_offer=None, otp_outcome=None, otp_code=None)
    turn.follow(IDENTITY_FORM)
