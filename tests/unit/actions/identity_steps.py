"""Ways into the identity form, and out of it."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActionExecutionRejected

from tests.unit.actions.fakes import CHANGE_MOBILE, RESEND, Answer, Chat, Line
from tests.unit.services.fakes import CALLER, MOBILE

FORM = "identity_form"
VALIDATE = "validate_identity_form"
ASK_MOBILE = "action_ask_identity_form_phone_number"
ASK_CODE = "action_ask_identity_form_otp_code"
SUBMIT = "action_submit_identity"
START = "action_start_verification"
WRONG = "000000"
REJECTED = ActionExecutionRejected(FORM)
OFFERED = {
    "fa": {RESEND: ("resend", "ارسال دوبارهٔ کد"), CHANGE_MOBILE: ("change_mobile", "تغییر شمارهٔ موبایل")},
    "en": {RESEND: ("resend", "Send the code again"), CHANGE_MOBILE: ("change_mobile", "Use another mobile")},
}


def asks_mobile(response: str) -> Line:
    """Return what asks for the mobile: the mark is what clients show a telephone field for."""
    return Line(response, (), {"input": "mobile", "nextActions": []})


def asks_code(response: str, *buttons: str, language: str = "fa") -> Line:
    """Return what asks for the code; its mark is what a phone fills in the code for."""
    actions = [dict(zip(("id", "title"), OFFERED[language][each], strict=True)) for each in buttons]
    return Line(response, buttons, {"input": "otp", "nextActions": actions})


def in_form(chat: Chat, requested: str, **more: Any) -> None:
    """Bring the conversation into the form."""
    chat.active_loop = FORM
    chat.slots |= {"requested_slot": requested, "otp_outcome": "waiting"} | more


def with_code(chat: Chat, mobile: str = MOBILE) -> str:
    """Bring the conversation to the point where a code was sent, and return it."""
    chat.world.identity.request(CALLER, mobile, "fa")
    in_form(chat, "otp_code", phone_number=mobile)
    return chat.world.messenger.last_code


def wrong(code: str) -> str:
    return WRONG if code != WRONG else "111111"


def submit(chat: Chat) -> Answer:
    """End the form as Rasa does, and run what comes after it."""
    chat.active_loop = None
    return chat.run(SUBMIT)


def sent_to(chat: Chat) -> list[str]:
    return [mobile for mobile, _, _ in chat.world.messenger.sent.values()]


def proven(chat: Chat) -> str | None:
    proof = chat.world.identity.current(CALLER)
    return proof.mobile if proof else None
