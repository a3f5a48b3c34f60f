"""Proving who asks: the mobile, the one-time code, and what goes on afterwards.

The form's slots only steer the dialogue. Whether somebody is verified is in the store, bound to
conversation and mobile; nothing a client types or sends can set it.
"""

from __future__ import annotations

from typing import ClassVar

import structlog
from rasa_sdk.events import ActionExecutionRejected, SlotSet

from actions._base import ServiceAction
from actions._orders import CHANGE_MOBILE, REQUESTS, TALK
from actions._turn import IDENTITY_FORM, Button, Turn
from peyk import i18n
from peyk.domain.identity import OtpOutcome, OtpResult, Verification
from peyk.errors import PeykError
from peyk.logging import mask
from peyk.text.phrases import asks_resend

log = structlog.get_logger(__name__)

REQUESTED = "requested_slot"
# Outcomes after which there is nothing left to type: the form ends and says why.
_ENDS = {OtpOutcome.LOCKED, OtpOutcome.TOO_MANY, OtpOutcome.UNDELIVERABLE}
# What a customer in the form may say without leaving it or asking something else.
_STAYS = {"affirm", "nlu_fallback", "press_resend", "press_verify", "press_my_orders"}
# Outcomes whose sentence offers a new code, so that "yes" means that.
_OFFERS_RESEND = {OtpOutcome.EXPIRED.value, OtpOutcome.NOTHING_PENDING.value}
_ENDINGS = {outcome.value for outcome in (*_ENDS, OtpOutcome.TOO_SOON)} | {"cancelled", "unavailable"}
RESEND = Button("resend", "press_resend")
# Whoever has no mail address with the shop, or not this one any more, needs a person.
_BESIDE_RESEND = {
    **dict.fromkeys(("expired", "wrong", "waiting", "too_soon"), (CHANGE_MOBILE,)),
    **dict.fromkeys((OtpOutcome.MAILED.value, OtpOutcome.REMAILED.value), (TALK,)),
}
# What is being asked for: a client that knows it can show a field made for it.
_ASKS_MOBILE = {"input": "mobile"}
_ASKS_CODE = {"input": "otp"}


def _leaves(turn: Turn) -> bool:
    """Tell whether the customer wants out; "no, my number is 0936…" corrects and goes on."""
    return turn.intent == "stop" or (turn.intent == "deny" and not turn.entity("phone_number"))


def _mark(proof: Verification) -> str:
    """Return what tells this proof from another; no mobile is in it."""
    return f"{proof.method} {proof.expires_at.isoformat()}"


class ValidateIdentityForm(ServiceAction):
    """Take what the customer typed into the form: a mobile, a code, "send it again", "never mind"."""

    inside_form: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "validate_identity_form"

    async def handle(self, turn: Turn) -> None:
        """Act once on each message; a side question is left to the other rules."""
        if turn.consumed:
            return
        try:
            await self._take(turn)
        except PeykError as exc:
            log.warning("identity.system_failed", error=type(exc).__name__)
            self._end(turn, "unavailable")
        except Exception:
            # Without an event of ours Rasa would take the raw slot for a valid one.
            log.exception("identity.failed")
            self._end(turn, "unavailable")

    async def _take(self, turn: Turn) -> None:
        requested = turn.slot(REQUESTED)
        if requested is None:
            await self._start(turn)
        elif turn.intent == "press_start_over":
            self._end(turn, "dropped")
        elif await self._proven_elsewhere(turn):
            pass
        elif _leaves(turn):
            self._end(turn, "cancelled")
        elif turn.intent == "press_change_mobile":
            self._consume(turn, phone_number=None, otp_code=None, otp_outcome="change_mobile")
        elif turn.intent == "press_verify":
            self._switch_order(turn)
        elif turn.entity("phone_number"):
            await self._request(turn, turn.entity("phone_number"))
        elif requested == "otp_code":
            await self._code_stage(turn)
        elif self._is_side_question(turn):
            self._reject(turn)
        else:
            tried = any(char.isdigit() for char in turn.text) and not turn.pressed
            self._consume(turn, otp_outcome=OtpOutcome.BAD_MOBILE.value if tried else "waiting")

    @staticmethod
    def _switch_order(turn: Turn) -> None:
        # The button of another order, pressed while the form is open: from now on it is about that one.
        ValidateIdentityForm._consume(turn, otp_outcome="waiting")
        number = turn.slot("order_id")
        if number != turn.slot("pending_order"):
            turn.set_slots(pending_order=number, pending_request="action_track_order", pending_note=None)
            turn.set_slots(ticket_reason=None)

    async def _proven_elsewhere(self, turn: Turn) -> bool:
        """Tell whether a messenger has proven the mobile since the form began: then there is nothing to ask."""
        proof = await turn.call(turn.services.identity.current, turn.caller)
        if proof is None or _mark(proof) == turn.slot("proof_before"):
            return False
        self._consume(turn, phone_number=proof.mobile, otp_code="verified", otp_outcome=OtpOutcome.VERIFIED.value)
        return True

    async def _start(self, turn: Turn) -> None:
        before = await turn.call(turn.services.identity.current, turn.caller)
        turn.set_slots(proof_before=_mark(before) if before else None)
        mobile = turn.slot("phone_number")
        if mobile:
            await self._request(turn, mobile)
        else:
            self._consume(turn, otp_code=None, otp_outcome="ask_mobile")

    async def _code_stage(self, turn: Turn) -> None:
        code = turn.entity("otp_code")
        accepts_resend = turn.intent == "affirm" and turn.slot("pending_offer") == "resend"
        if turn.intent == "press_resend" or accepts_resend or asks_resend(turn.text):
            await self._request(turn, turn.slot("phone_number"), resend=True)
        elif code:
            self._apply(turn, await turn.call(turn.services.identity.check, turn.caller, str(code)))
        elif self._is_side_question(turn):
            self._reject(turn)
        else:
            self._consume(turn, otp_code=None, otp_outcome="waiting" if turn.pressed else "not_a_code")

    @staticmethod
    def _is_side_question(turn: Turn) -> bool:
        asks = turn.intent not in _STAYS
        if turn.intent == "track_order":
            # Digits alone are read as an order number; here they are a mobile or code mistyped.
            asks = bool(turn.entity("tracking_code")) or any(char.isalpha() for char in turn.text)
        return asks

    async def _request(self, turn: Turn, mobile: str, *, resend: bool = False) -> None:
        result = await turn.call(turn.services.identity.request, turn.caller, mobile, turn.language, resend=resend)
        if result.outcome is OtpOutcome.BAD_MOBILE:
            self._consume(turn, phone_number=None, otp_code=None, otp_outcome=result.outcome.value)
            return
        turn.set_slots(phone_number=result.mobile or mobile)
        self._apply(turn, result)

    def _apply(self, turn: Turn, result: OtpResult) -> None:
        outcome = result.outcome
        wait = {"otp_wait_s": result.retry_after_s, "otp_tries_left": result.tries_left}
        if outcome is OtpOutcome.VERIFIED:
            self._consume(turn, otp_code="verified", otp_outcome=outcome.value)
        elif outcome in _ENDS or (outcome is OtpOutcome.TOO_SOON and not result.pending):
            turn.set_slots(**wait)
            self._end(turn, outcome.value)
        else:
            self._consume(turn, otp_code=None, otp_outcome=outcome.value, **wait)

    @staticmethod
    def _consume(turn: Turn, **slots: object) -> None:
        # The marker is new for each message, so Rasa always sees a slot set and keeps the form going.
        turn.set_slots(consumed_message=turn.message_id, **slots)

    def _end(self, turn: Turn, outcome: str) -> None:
        self._consume(turn, otp_code=None, otp_outcome=outcome)
        turn.events.append(SlotSet(REQUESTED, None))

    @staticmethod
    def _reject(turn: Turn) -> None:
        # The message stays readable for the action that answers it.
        turn.set_slots(otp_outcome="waiting")
        turn.events.append(ActionExecutionRejected(IDENTITY_FORM))


class ActionAskMobile(ServiceAction):
    """Ask for the mobile the order was placed with."""

    inside_form: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_ask_identity_form_phone_number"

    async def handle(self, turn: Turn) -> None:
        """Ask, with the reason when the last try was no mobile."""
        outcome = turn.slot("otp_outcome")
        if outcome == OtpOutcome.BAD_MOBILE.value:
            turn.say("utter_identity_bad_mobile", custom=_ASKS_MOBILE)
        elif outcome == "waiting":
            turn.say("utter_identity_mobile_reminder", custom=_ASKS_MOBILE)
        elif turn.slot("pending_order"):
            number = turn.slot("pending_order")
            turn.say("utter_identity_ask_mobile_of_order", custom=_ASKS_MOBILE, order_id=number)
        else:
            turn.say("utter_identity_ask_mobile", custom=_ASKS_MOBILE)


class ActionAskCode(ServiceAction):
    """Say what happened to the code and ask for it."""

    inside_form: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_ask_identity_form_otp_code"

    async def handle(self, turn: Turn) -> None:
        """Say the sentence of the last outcome: sent, mailed, wrong, expired, too soon, not a code, waiting."""
        outcome = turn.slot("otp_outcome") or "waiting"
        turn.say(
            f"utter_identity_{outcome}",
            buttons=[RESEND, *_BESIDE_RESEND.get(outcome, ())],
            custom=_ASKS_CODE,
            mobile=mask(str(turn.slot("phone_number") or "")),
            wait=turn.wait("otp_wait_s"),
            tries_left=i18n.count("tries", int(turn.slot("otp_tries_left") or 0), turn.language),
            valid_for=i18n.count("minutes", max(1, turn.app.settings.otp_ttl_s // 60), turn.language),
        )
        turn.set_slots(otp_outcome="waiting", pending_offer="resend" if outcome in _OFFERS_RESEND else None)


class ActionStartVerification(ServiceAction):
    """Start proving a mobile, for the order in question or for all of them."""

    keeps_request: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_start_verification"

    async def handle(self, turn: Turn) -> None:
        """Begin the form; a mobile proven already is of no use here, so it is asked anew."""
        proven = await turn.call(turn.services.identity.current, turn.caller)
        if proven or turn.intent == "press_change_mobile":
            turn.set_slots(phone_number=None)
        wanted = "action_track_order" if turn.slot("order_id") else "action_list_orders"
        if turn.intent == "press_verify":
            turn.set_slots(pending_request=None, pending_note=None, ticket_reason=None)
        turn.set_slots(pending_request=turn.slot("pending_request") or wanted, pending_offer=None, otp_code=None)
        turn.set_slots(pending_order=turn.slot("order_id"))
        turn.follow(IDENTITY_FORM)


class ActionResendCode(ServiceAction):
    """Send the code again when the button is pressed after the form has ended."""

    keeps_request: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_resend_code"

    async def handle(self, turn: Turn) -> None:
        """Take up the form where it was left."""
        turn.set_slots(otp_code=None)
        turn.follow(IDENTITY_FORM)


class ActionSubmitIdentity(ServiceAction):
    """Say how the verification ended, and go on with what it was for."""

    keeps_request: ClassVar[bool] = True

    def name(self) -> str:
        """Return the action's name."""
        return "action_submit_identity"

    async def handle(self, turn: Turn) -> None:
        """Go on after a proof; else say why not and what to do."""
        outcome = turn.slot("otp_outcome")
        if outcome == "dropped":
            # People have had the conversation since: nothing is said of it.
            turn.leave()
            return
        turn.set_slots(otp_code=None, otp_outcome=None)
        if outcome == OtpOutcome.VERIFIED.value:
            turn.say("utter_identity_verified")
            # Side questions may have named other orders meanwhile: the request keeps its own.
            own = turn.slot("pending_order")
            if own or turn.slot("pending_request") in REQUESTS:
                turn.set_slots(order_id=own, pending_order=None)
            turn.follow(turn.slot("pending_request") or "action_list_orders")
            return
        turn.set_slots(pending_request=None, pending_note=None, pending_offer=None)
        turn.set_slots(pending_order=None, ticket_reason=None)
        if outcome not in _ENDINGS:
            outcome = "unavailable"
        if outcome != "cancelled":
            turn.set_slots(phone_number=None)
        limit = {"limit": "otp", "retry_after_s": int(turn.slot("otp_wait_s") or 0)}
        turn.say(
            f"utter_identity_ended_{outcome}",
            buttons=[TALK],
            custom=limit if outcome == OtpOutcome.TOO_MANY.value else None,
            wait=turn.wait("otp_wait_s"),
        )
