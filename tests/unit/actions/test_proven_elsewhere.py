"""A messenger proves the mobile while the form asks for it."""

from __future__ import annotations

import pytest
from rasa_sdk.events import FollowupAction

from tests.unit.actions.fakes import Chat, slots
from tests.unit.actions.identity_steps import (
    VALIDATE,
    in_form,
    submit,
)
from tests.unit.actions.stories import NUMBER
from tests.unit.services.fakes import CALLER, MOBILE


class TestProvenElsewhere:
    """A messenger proves the mobile while the form asks for it."""

    @pytest.mark.parametrize("requested", ["phone_number", "otp_code"])
    def test_the_form_has_nothing_to_ask_any_more(self, chat: Chat, requested: str) -> None:
        in_form(chat, requested, pending_order=NUMBER, pending_request="action_track_order")
        chat.world.identity.accept_contact(CALLER, MOBILE, chat.world.clock.now())
        answer = chat.ask(VALIDATE, NUMBER, "track_order", order_id=NUMBER)
        assert answer.events == slots(
            consumed_message=chat.id, phone_number=MOBILE, otp_code="verified", otp_outcome="verified"
        )
        assert FollowupAction("action_track_order") in submit(chat).events

    def test_what_was_proven_before_the_form_does_not_end_it(self, chat: Chat) -> None:
        """Who proves another mobile has one already."""
        chat.world.identity.accept_contact(CALLER, MOBILE, chat.world.clock.now())
        chat.hear("جزئیات", "press_verify")
        chat.run(VALIDATE)
        in_form(chat, "phone_number")
        assert chat.ask(VALIDATE, "…", "affirm").events == slots(consumed_message=chat.id)
