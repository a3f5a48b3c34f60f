"""Small talk, yes and no, and what to do when a message is not understood."""

from __future__ import annotations

from typing import ClassVar

from actions._base import ServiceAction
from actions._handoff import hand_over
from actions._meanings import meaning_buttons
from actions._orders import TALK, goes_on_with_offer
from actions._turn import Button, Turn
from actions._wishes import ACTIONS
from peyk.domain.handoff import HandoffReason
from peyk.domain.meanings import suggestions

# What "yes" means after an offer, as the action that does it.
_OFFERS = {"verify": "action_start_verification", "talk_to_human": "action_hand_off"}
SECOND_MISS = 2


class ActionChat(ServiceAction):
    """Greet, thank, say goodbye, say what this is; one response an intent."""

    keeps_request: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_chat"

    async def handle(self, turn: Turn) -> None:
        """Say the response of the intent, unless the words answer what was just asked."""
        if await goes_on_with_offer(turn):
            return
        if turn.entity("order_id") or turn.entity("tracking_code"):
            # "Thanks, and where is TS-…?": politeness never hides the request.
            turn.follow("action_track_order")
            return
        helps = turn.intent in ("greet", "ask_capabilities", "out_of_scope")
        track = Button("track_order", "track_order")
        turn.say(f"utter_general_{turn.intent}", buttons=[track, TALK] if helps else [])


class ActionAffirm(ServiceAction):
    """Do what was just offered."""

    keeps_request: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_affirm"

    async def handle(self, turn: Turn) -> None:
        """Go on with the offer, or ask what "yes" is about."""
        if await goes_on_with_offer(turn):
            return
        offered = str(turn.slot("pending_offer"))
        offer = _OFFERS.get(offered) or ACTIONS.get(offered)
        if offer is None:
            turn.say("utter_general_affirm")
            return
        turn.set_slots(pending_offer=None)
        if offered in ACTIONS:
            # What the first wish was waiting for is over.
            turn.set_slots(pending_request=None)
        turn.follow(offer)


class ActionDeny(ServiceAction):
    """Leave the offer."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_deny"

    async def handle(self, turn: Turn) -> None:
        """Drop the offer and stay at hand; "no, the other one" names an order."""
        if await goes_on_with_offer(turn):
            return
        turn.set_slots(pending_offer=None, pending_request=None, second_wish=None)
        turn.say("utter_general_deny")


class ActionStop(ServiceAction):
    """Drop what we are doing."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_stop"

    async def handle(self, turn: Turn) -> None:
        """Forget the open request; the order talked about stays in mind."""
        turn.set_slots(pending_offer=None, pending_request=None, second_wish=None)
        turn.say("utter_general_stop")


class ActionAskBack(ServiceAction):
    """Ask which of the likeliest meanings it was; at the second miss offer a person."""

    keeps_request: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_ask_back"

    async def handle(self, turn: Turn) -> None:
        """Words for one of the offered orders are understood here too ("the blue one")."""
        if await goes_on_with_offer(turn):
            turn.set_slots(misses=0)
            return
        if turn.entity("order_id", role="") or turn.entity("tracking_code"):
            # Whatever was meant, it is about this one: its stage is a better answer than a question.
            turn.set_slots(misses=0)
            turn.follow("action_track_order")
            return
        if turn.entity("city") and turn.slot("shipping_question"):
            turn.set_slots(misses=0)
            turn.follow(turn.slot("shipping_question"))
            return
        misses = int(turn.slot("misses") or 0) + 1
        turn.set_slots(misses=misses)
        if await self._hands_over(turn, misses):
            return
        if misses >= SECOND_MISS:
            turn.set_slots(pending_offer="talk_to_human")
            turn.say("utter_general_second_miss", buttons=[TALK, Button("track_order", "track_order")])
            return
        meanings = meaning_buttons(turn, suggestions((row["name"], row["confidence"]) for row in turn.ranking))
        key = "utter_general_ask_back" if meanings else "utter_general_not_understood"
        turn.say(key, buttons=meanings or [Button("track_order", "track_order"), TALK])

    @staticmethod
    async def _hands_over(turn: Turn, misses: int) -> bool:
        """Give the conversation to a person at the second miss; whom the shop looks after in person, at the first."""
        if misses >= SECOND_MISS:
            return await hand_over(turn, HandoffReason.SECOND_MISS, "utter_handoff_second_miss")
        care = await turn.call(turn.services.handoff.triggers.care, turn.caller, turn.slot("order_id"))
        return care is not None and await hand_over(turn, care, "utter_handoff_second_miss")
