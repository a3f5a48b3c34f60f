"""When something is wrong with an order: the truth, the reason, the next step, and a ticket where a person must act.

Address, return, cancellation and resending are always decided by an operator: these actions open
the ticket and promise nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import ClassVar

from actions._base import ServiceAction
from actions._handoff import hand_over_ticket
from actions._orders import (
    TALK,
    ask_identity,
    begin,
    held_for_damage,
    names_parcel,
    order_in_question,
    say_order,
    say_refund,
)
from actions._turn import Button, Turn
from peyk.domain.identity import Level
from peyk.domain.situations import Situation
from peyk.domain.tickets import TicketReason
from peyk.i18n.payload import order_payload
from peyk.services.tracking import TrackOutcome, TrackResult

_PROBLEMS = {Situation.LATE, Situation.STALLED, Situation.LOST, Situation.HELD, Situation.DELIVERY_FAILED}
_IN_PREPARATION = {
    Situation.REGISTERED,
    Situation.PREPARING,
    Situation.ADDRESS_INCOMPLETE,
    Situation.PAYMENT_UNVERIFIED,
}
_SHIPPED = {
    Situation.IN_TRANSIT,
    Situation.OUT_FOR_DELIVERY,
    Situation.READY_FOR_PICKUP,
    Situation.CUSTOMS,
    Situation.SPLIT,
    *_PROBLEMS,
}
_MOVING = {Situation.IN_TRANSIT, Situation.OUT_FOR_DELIVERY, Situation.CUSTOMS, Situation.SPLIT}
_ON_TIME = {Situation.REGISTERED, Situation.PREPARING, Situation.IN_TRANSIT, Situation.OUT_FOR_DELIVERY}
_ENDED = {Situation.CANCELLED, Situation.REFUND_PENDING, Situation.REFUNDED}
_PAYMENT = {Situation.AWAITING_PAYMENT, Situation.PAYMENT_FAILED, Situation.PAYMENT_UNVERIFIED}


async def say_ticket(turn: Turn, reason: TicketReason, number: str | None) -> None:
    """Open the ticket of an order and reason, or find the one that is open, and tell its number.

    The note is what the customer wrote, now or before proving the mobile. What only a person can decide, or cannot
    wait, goes to one at once.
    """
    note = str(turn.slot("pending_note") or turn.words)
    ticket = await turn.act(turn.services.tickets.open, turn.caller, reason, number, note)
    turn.set_slots(pending_note=None)
    turn.say(
        "utter_tickets_opened" if ticket.created_now else "utter_tickets_open_already",
        ticket=ticket.number,
        order_id=number or "",
    )
    await hand_over_ticket(turn, ticket)


class OrderRequest(ServiceAction):
    """A request about one order: which order, who asks, what is true, then a ticket if a person must act."""

    reason: ClassVar[TicketReason]
    # In these situations the request needs a person: the response is said and the ticket opened.
    accepted: ClassVar[AbstractSet[Situation]] = frozenset()
    # The response said before the ticket; None where the order's own answer says it all.
    response: ClassVar[str | None] = None
    # Said beside the truth about the order where the situation is none of `accepted`, by situation.
    refused: ClassVar[Mapping[Situation, str]] = {}

    @property
    @abstractmethod
    def action(self) -> str:
        """The action's name; abstract, so that the action server does not register this class itself."""

    def name(self) -> str:
        """Return the action's name."""
        return self.action

    async def handle(self, turn: Turn) -> None:
        """Find the order, have the customer prove the mobile, then answer; a tracking code alone proves nothing."""
        if names_parcel(turn):
            turn.follow("action_track_order")
            return
        begin(turn, self.action)
        number = await order_in_question(turn)
        if number is None:
            await self._ask_which(turn)
            return
        await self.about(turn, number)

    async def about(self, turn: Turn, number: str) -> None:
        """Answer about this order, once its mobile is proven."""
        result = await turn.call(turn.services.tracking.by_number, turn.caller, number)
        if result.outcome is not TrackOutcome.FOUND or result.other_mobile:
            await say_order(turn, result, named=number)
        elif result.level < Level.VERIFIED:
            await self._prove(turn, result)
        else:
            turn.set_slots(pending_request=None, order_id=result.order_number)
            await self.answer(turn, result)

    async def _ask_which(self, turn: Turn) -> None:
        turn.set_slots(pending_request=self.action, pending_note=_words_for_it(turn))
        turn.set_slots(pending_order=None)
        proven = await turn.call(turn.services.identity.current, turn.caller)
        recent = await turn.call(turn.services.tracking.recent, turn.caller, shown=False) if proven else None
        if recent and len(recent) == 1 and recent[0].order_number:
            turn.set_slots(order_id=recent[0].order_number, subject="order")
            turn.follow(self.action)
            return
        if recent:
            turn.follow("action_list_orders")
            return
        turn.say("utter_exceptions_which_order", buttons=[Button("my_orders", "press_my_orders"), TALK])

    async def _prove(self, turn: Turn, result: TrackResult) -> None:
        situation = result.situation or Situation.IN_TRANSIT
        turn.set_slots(order_id=result.order_number, subject="order")
        custom = order_payload(result, turn.language, turn.app.settings.money_unit.value)
        turn.say(f"utter_tracking_stage_{situation.value}", custom=custom, order_id=result.order_number)
        turn.say("utter_identity_needed_for_request")
        ask_identity(turn, self.action)

    def accepts(self, result: TrackResult) -> bool:
        """Tell whether a person can act on this request now; late but not shipped is still in preparation."""
        if result.situation is Situation.LATE and not result.parcels:
            return bool({Situation.LATE, Situation.PREPARING} & self.accepted)
        return result.situation in self.accepted

    async def answer(self, turn: Turn, result: TrackResult) -> None:
        """Answer the verified customer."""
        if not self.accepts(result):
            turn.set_slots(pending_note=None)
            refused = self.refused.get(result.situation) if result.situation else None
            if refused:
                turn.say(refused, order_id=result.order_number)
            await say_order(turn, result, ask_rating=False)
            return
        if self.response:
            turn.say(self.response, order_id=result.order_number)
        else:
            await say_order(turn, result, ask_rating=False)
        await say_ticket(turn, self.reason, result.order_number)


class ActionReportDelay(OrderRequest):
    """It is late, or not shipped though it should be."""

    action = "action_report_delay"
    reason = TicketReason.LATE
    accepted = _PROBLEMS
    refused = dict.fromkeys(_ON_TIME, "utter_exceptions_not_late")


class ActionReportStalled(OrderRequest):
    """The status has not changed for days."""

    action = "action_report_stalled"
    reason = TicketReason.STALLED
    accepted = _PROBLEMS
    refused = dict.fromkeys(_MOVING, "utter_exceptions_carriers_update")


class ActionReportNotReceived(OrderRequest):
    """Lost, or marked delivered but not received."""

    action = "action_report_not_received"
    reason = TicketReason.NOT_RECEIVED
    accepted = frozenset({Situation.DELIVERED, Situation.SPLIT, Situation.READY_FOR_PICKUP, *_PROBLEMS})

    async def handle(self, turn: Turn) -> None:
        """Find the order by its parcel, too: to say what the carrier says would be no answer to who denies it."""
        code = _parcel_meant(turn)
        if code is None:
            await super().handle(turn)
            return
        begin(turn, self.action)
        turn.set_slots(order_id=None, subject="code", tracking_code=code)
        recent = await turn.call(turn.services.tracking.recent, turn.caller, shown=False)
        if recent is None:
            turn.say("utter_identity_needed_for_request")
            ask_identity(turn, self.action)
            return
        turn.set_slots(pending_request=None)
        own = (result.order_number for result in recent if any(parcel.code == code for parcel in result.parcels))
        number = next(own, None)
        if number is None:
            # Another's: what anybody may know of it.
            turn.follow("action_track_order")
            return
        turn.set_slots(order_id=number, subject="order")
        await self.about(turn, number)

    async def answer(self, turn: Turn, result: TrackResult) -> None:
        """Where the carrier says delivered, say what to look at first; the ticket is opened in any case."""
        if result.situation is Situation.DELIVERED:
            await say_order(turn, result, ask_rating=False)
            turn.say("utter_exceptions_not_received", order_id=result.order_number)
            await say_ticket(turn, self.reason, result.order_number)
            return
        await super().answer(turn, result)


class ActionReportReturned(OrderRequest):
    """The parcel went back to the sender."""

    action = "action_report_returned"
    reason = TicketReason.RETURNED
    accepted = frozenset({Situation.RETURNED, Situation.DELIVERY_FAILED})
    # A split order may have a parcel that went back, and a refund may be for one that did.
    refused = dict.fromkeys(
        set(Situation) - accepted - {Situation.SPLIT, Situation.REFUND_PENDING, Situation.REFUNDED},
        "utter_exceptions_not_returned",
    )


class ActionFixAddress(OrderRequest):
    """A wrong or incomplete address."""

    action = "action_fix_address"
    reason = TicketReason.FIX_ADDRESS
    accepted = frozenset({*_IN_PREPARATION, *_SHIPPED, Situation.RETURNED})
    response = "utter_exceptions_fix_address"
    refused = dict.fromkeys({Situation.DELIVERED, *_ENDED}, "utter_exceptions_too_late_to_change")


class ActionPaymentProblem(OrderRequest):
    """Paid but not registered, failed, or paid twice."""

    action = "action_payment_problem"
    reason = TicketReason.PAYMENT
    accepted = frozenset(_PAYMENT)
    refused = dict.fromkeys(set(Situation) - accepted - _ENDED, "utter_exceptions_payment_fine")


class ActionRequestReturn(OrderRequest):
    """Return, exchange or refund of an item."""

    action = "action_request_return"
    reason = TicketReason.RETURN_REQUEST
    accepted = frozenset({Situation.DELIVERED, Situation.SPLIT})
    response = "utter_exceptions_return"
    refused = dict.fromkeys({*_IN_PREPARATION, *_SHIPPED} - accepted, "utter_exceptions_return_not_delivered")


class ActionTellRefund(OrderRequest):
    """Where the refund is."""

    action = "action_tell_refund"
    reason = TicketReason.REFUND
    refused = dict.fromkeys(Situation, "utter_exceptions_no_refund")

    async def answer(self, turn: Turn, result: TrackResult) -> None:
        """Tell the refund's state where there is one; it needs no ticket by itself."""
        if result.situation in (Situation.REFUND_PENDING, Situation.REFUNDED):
            await say_order(turn, result)
            return
        if result.order is not None and result.order.refund is not None:
            # For a part of it: the order itself goes on.
            turn.set_slots(pending_note=None)
            say_refund(turn, result, result.order.refund)
            await say_order(turn, result, ask_rating=False)
            return
        await super().answer(turn, result)


class ActionCancelOrder(OrderRequest):
    """Cancel an order."""

    action = "action_cancel_order"
    reason = TicketReason.CANCEL
    accepted = frozenset({*_IN_PREPARATION, Situation.AWAITING_PAYMENT, Situation.PAYMENT_FAILED})
    response = "utter_exceptions_cancel"
    refused: ClassVar[Mapping[Situation, str]] = {
        **dict.fromkeys(_SHIPPED, "utter_exceptions_cancel_shipped"),
        **dict.fromkeys(_ENDED, "utter_exceptions_cancelled_already"),
        Situation.DELIVERED: "utter_exceptions_cancel_delivered",
    }


class ActionChangeOrder(OrderRequest):
    """Change items or quantity."""

    action = "action_change_order"
    reason = TicketReason.CHANGE_ORDER
    accepted = frozenset(_IN_PREPARATION)
    response = "utter_exceptions_change"
    refused = dict.fromkeys(set(Situation) - accepted - _PAYMENT, "utter_exceptions_too_late_to_change")


class ActionReportDamaged(OrderRequest):
    """A damaged, wrong or incomplete item."""

    action = "action_report_damaged"
    reason = TicketReason.DAMAGED
    accepted = frozenset({Situation.DELIVERED, Situation.SPLIT})
    response = "utter_exceptions_damaged"
    refused = dict.fromkeys({*_IN_PREPARATION, *_SHIPPED} - accepted, "utter_exceptions_damaged_not_delivered")

    async def answer(self, turn: Turn, result: TrackResult) -> None:
        """Answer the verified customer; what the carrier itself reports damaged need not arrive first."""
        if held_for_damage(result):
            await say_order(turn, result, ask_rating=False)
            await say_ticket(turn, self.reason, result.order_number)
            return
        await super().answer(turn, result)


def _parcel_meant(turn: Turn) -> str | None:
    """Return the code of the parcel in question: in the message, or talked about before and no order since."""
    if turn.entity("order_id"):
        return None
    named = turn.entity("tracking_code")
    about_order = turn.slot("order_id") or turn.slot("orders_offered")
    code = named or (None if about_order or turn.slot("subject") != "code" else turn.slot("tracking_code"))
    return str(code) if code else None


def _words_for_it(turn: Turn) -> str | None:
    """Return the words in which the request was made; "yes" to an offer only points back to them."""
    kept = turn.slot("pending_note")
    return kept if kept and turn.intent == "affirm" else turn.words or kept
