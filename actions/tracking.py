"""Where is it: by order number, by mobile, by tracking code."""

from __future__ import annotations

from typing import Any, ClassVar

from actions._base import ServiceAction
from actions._orders import (
    CHANGE_MOBILE,
    REQUESTS,
    TALK,
    TELLS_PARCELS,
    WITHOUT_PARCEL,
    ask_identity,
    carrier_response,
    goes_on_with_offer,
    names_parcel,
    order_in_question,
    say_no_order,
    say_order,
    say_orders,
)
from actions._turn import Button, Turn
from peyk.domain.identity import Level
from peyk.i18n.payload import order_payload, reply_values
from peyk.services.tracking import TrackOutcome, TrackResult
from peyk.text.phrases import asks_something

# Orders named in one message that are answered, the first of them last so that it stays the one talked about.
MOST_AT_ONCE = 3


class ActionTrackOrder(ServiceAction):
    """Tell the customer where the order is."""

    keeps_request: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_track_order"

    async def handle(self, turn: Turn) -> None:
        """Answer by the number, mobile or tracking code in the message, else by what was talked about."""
        if turn.slot("pending_offer") == "rating" and await goes_on_with_offer(turn):
            return
        mobile, code = turn.entity("phone_number"), turn.entity("tracking_code")
        if mobile and not turn.entity("order_id") and not code:
            await self._by_mobile(turn, mobile)
            return
        if names_parcel(turn):
            await self._by_code(turn, code)
            return
        if await self._goes_on(turn):
            return
        if turn.slot("subject") == "code" and not turn.entity("order_id") and turn.slot("tracking_code"):
            await self._by_code(turn, turn.slot("tracking_code"))
            return
        await self._by_number(turn)

    async def _goes_on(self, turn: Turn) -> bool:
        """Go on with the request that asked "which order?", once the customer has said which."""
        if turn.in_form:
            # There the request has its order already; another number is a side question.
            return False
        pending = turn.slot("pending_request")
        chosen = not turn.pressed or turn.slot("pending_offer") == "choose"
        named = turn.intent == "track_order" or turn.entity("order_id")
        if pending not in REQUESTS or not chosen or not named or asks_something(turn.words):
            return False
        before = turn.slot("order_id") if not turn.entity("order_id") else None
        number = await order_in_question(turn)
        if number is None or number == before:
            return False
        turn.set_slots(pending_request=None, pending_offer=None)
        turn.follow(pending)
        return True

    async def _by_number(self, turn: Turn) -> None:
        for other in list(dict.fromkeys(turn.entities("order_id")))[1:MOST_AT_ONCE]:
            answer = await turn.call(turn.services.tracking.by_number, turn.caller, other)
            await say_order(turn, answer, named=other, ask_rating=False)
        number = await order_in_question(turn)
        if number is None:
            await self._nothing_named(turn)
            return
        result = await turn.call(turn.services.tracking.by_number, turn.caller, number)
        await say_order(turn, result, named=number)
        if not turn.in_form:
            stage = result.outcome is TrackOutcome.FOUND and result.level < Level.VERIFIED
            turn.set_slots(pending_request="action_track_order" if stage else None, pending_note=None)

    async def _nothing_named(self, turn: Turn) -> None:
        if await turn.call(turn.services.identity.current, turn.caller):
            turn.follow("action_list_orders")
            return
        if not turn.in_form:
            turn.set_slots(pending_request="action_track_order", pending_note=None)
        turn.say("utter_tracking_ask_number", buttons=[Button("by_mobile", "press_my_orders"), TALK])

    async def _by_mobile(self, turn: Turn, mobile: str) -> None:
        proven = await turn.call(turn.services.identity.current, turn.caller)
        if proven and proven.mobile == mobile:
            turn.follow("action_list_orders")
            return
        pending = turn.slot("pending_request")
        goes_on = pending in REQUESTS or (pending and turn.slot("order_id"))
        wanted = str(pending) if goes_on else "action_list_orders"
        turn.set_slots(phone_number=mobile)
        ask_identity(turn, wanted)

    async def _by_code(self, turn: Turn, code: str) -> None:
        result = await turn.call(turn.services.tracking.by_code, turn.caller, code)
        if result.outcome is not TrackOutcome.FOUND:
            if result.outcome is TrackOutcome.NOT_FOUND:
                turn.say("utter_tracking_code_not_found", buttons=[TALK])
            else:
                say_no_order(turn, result, code=code)
            return
        unit = turn.app.settings.money_unit.value
        values: dict[str, Any] = reply_values(result, turn.language, unit)
        kind = "code_events" if values["last_event"] and values["as_of"] else "code_no_event"
        kind += "" if values["url"] else "_no_link"
        kind = kind if len(result.parcels) == 1 else "parcels"
        again = Button("track_again", "track_order", (("tracking_code", code),))
        custom = order_payload(result, turn.language, unit)
        turn.say(f"utter_tracking_{kind}", buttons=[again, TALK], custom=custom, **values)
        if result.carrier_trouble:
            turn.say(carrier_response(result.carrier_trouble, stale=True), **values)
        turn.set_slots(tracking_code=code, subject="code", order_id=None)


class ActionGiveTrackingCode(ServiceAction):
    """Give the tracking code and its link, to the verified customer only."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_give_tracking_code"

    async def handle(self, turn: Turn) -> None:
        """Answer with the code, or with why there is none yet; a customer who has it wants the parcel."""
        if names_parcel(turn):
            turn.follow("action_track_order")
            return
        number = await order_in_question(turn)
        if number is None:
            turn.set_slots(pending_request=self.name())
            if await turn.call(turn.services.identity.current, turn.caller):
                turn.follow("action_list_orders")
                return
            turn.say("utter_tracking_ask_number", buttons=[Button("by_mobile", "press_my_orders"), TALK])
            return
        result = await turn.call(turn.services.tracking.by_number, turn.caller, number)
        if result.outcome is not TrackOutcome.FOUND or result.other_mobile:
            await say_order(turn, result, named=number)
            return
        if result.level < Level.VERIFIED:
            turn.set_slots(order_id=result.order_number, subject="order")
            turn.say("utter_tracking_code_needs_identity", order_id=result.order_number)
            ask_identity(turn, self.name())
            return
        turn.set_slots(pending_request=None)
        if not result.parcels and result.situation in WITHOUT_PARCEL:
            turn.say("utter_tracking_no_code_yet", order_id=result.order_number)
        await say_order(turn, result, ask_rating=False)
        if result.parcels and result.situation not in TELLS_PARCELS:
            values: dict[str, Any] = reply_values(result, turn.language, turn.app.settings.money_unit.value)
            turn.say("utter_tracking_parcels", **values)


class ActionListOrders(ServiceAction):
    """Show the newest orders of the proven mobile; ask for the proof first."""

    keeps_request: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_list_orders"

    async def handle(self, turn: Turn) -> None:
        """List up to three orders, or show the only one, or say that there is none."""
        results = await turn.call(turn.services.tracking.recent, turn.caller)
        if results is None:
            pending = turn.slot("pending_request")
            ask_identity(turn, pending if pending in REQUESTS else self.name())
            return
        if turn.slot("pending_request") not in REQUESTS:
            turn.set_slots(pending_request=None)
        if not results:
            turn.say("utter_tracking_no_orders", buttons=[CHANGE_MOBILE, TALK])
        elif results[0].outcome is not TrackOutcome.FOUND:
            say_no_order(turn, results[0])
        elif len(results) == 1:
            await self._the_only_one(turn, results[0])
        else:
            say_orders(turn, results)

    @staticmethod
    async def _the_only_one(turn: Turn, result: TrackResult) -> None:
        pending = turn.slot("pending_request")
        turn.set_slots(order_id=result.order_number, subject="order", pending_request=None)
        if pending in REQUESTS:
            turn.follow(pending)
            return
        await say_order(turn, result)
