"""Tickets: opened once, for the proven customer's order or for nobody's, and told how they stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rasa_sdk.events import FollowupAction

from peyk.domain.queues import Priority
from peyk.domain.situations import Situation
from peyk.domain.tickets import TicketReason, TicketState
from peyk.errors import BadAnswer, RateLimited, Unavailable
from peyk.i18n import text
from tests.unit.actions.fakes import LISTEN, TALK, Chat, Line, done, slots
from tests.unit.actions.lines import act
from tests.unit.actions.stories import NUMBER, TELL
from tests.unit.services.fakes import CALLER, MOBILE, OTHER_MOBILE

OPEN = "action_open_ticket"
STATUS = "action_tell_ticket_status"
TEXT = "یه تیکت باز کن"


class TestGeneral:
    def test_without_an_order_it_is_a_general_one(self, chat: Chat) -> None:
        answer = chat.ask(OPEN, TEXT, "open_ticket")
        assert answer.said == [Line("utter_tickets_opened")]
        assert answer.events == done()
        (ticket,) = chat.world.helpdesk.tickets
        assert (ticket.reason, ticket.order_number, ticket.note) == (TicketReason.GENERAL, None, TEXT)
        assert "PK-1001" in answer.text

    def test_however_often_it_is_one(self, chat: Chat) -> None:
        chat.ask(OPEN, TEXT, "open_ticket")
        answer = chat.ask(OPEN, TEXT, "open_ticket")
        assert answer.said == [Line("utter_tickets_open_already")]
        assert "PK-1001" in answer.text
        assert len(chat.world.helpdesk.tickets) == 1

    def test_the_helpdesk_is_down(self, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_: object) -> None:
            raise Unavailable("helpdesk")

        monkeypatch.setattr(chat.world.helpdesk, "open", fail)
        assert chat.ask(OPEN, TEXT, "open_ticket").said == [Line("utter_general_unavailable")]

    def test_a_button_leaves_no_payload_in_the_ticket(self, chat: Chat) -> None:
        chat.press("/open_ticket{}")
        chat.run(OPEN)
        assert chat.world.helpdesk.tickets[0].note == ""


class TestOfAnOrder:
    def test_level_one_proves_first(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.press(act("open_ticket", "late"))
        answer = chat.run(OPEN)
        assert answer.said == [Line("utter_identity_needed_for_request")]
        assert answer.events == [
            *slots(subject="order", pending_order=NUMBER, pending_request=OPEN),
            FollowupAction("identity_form"),
        ]
        assert chat.slots["ticket_reason"] == "late"
        assert chat.world.helpdesk.tickets == []

    @pytest.mark.parametrize("reason", [reason.value for reason in TicketReason])
    def test_the_buttons_reason_counts(self, chat: Chat, reason: str) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        chat.press(act("open_ticket", reason))
        answer = chat.run(OPEN)
        assert answer.said == [Line("utter_tickets_opened")]
        assert answer.events == done(subject="order", ticket_reason=None)
        (ticket,) = chat.world.helpdesk.tickets
        assert (ticket.reason.value, ticket.order_number, ticket.mobile, ticket.note) == (reason, NUMBER, MOBILE, "")

    def test_a_reason_nobody_knows_is_general(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        chat.press(act("open_ticket", "drop_tables"))
        chat.run(OPEN)
        assert [ticket.reason for ticket in chat.world.helpdesk.tickets] == [TicketReason.GENERAL]

    def test_of_the_order_talked_about(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        chat.slots |= {"order_id": NUMBER, "subject": "order"}
        answer = chat.ask(OPEN, TEXT, "open_ticket")
        assert answer.events == done()
        assert [ticket.order_number for ticket in chat.world.helpdesk.tickets] == [NUMBER]

    def test_once_per_order_and_reason(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        for reason in ("late", "late", "lost"):
            chat.press(act("open_ticket", reason))
            last = chat.run(OPEN)
        assert last.said == [Line("utter_tickets_opened")]
        assert [ticket.reason.value for ticket in chat.world.helpdesk.tickets] == ["late", "lost"]

    def test_not_of_another_customers_order(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove(OTHER_MOBILE)
        chat.press(act("open_ticket", "late"))
        answer = chat.run(OPEN)
        assert answer.responses == ["utter_tracking_stage_late", "utter_identity_other_mobile"]
        assert chat.world.helpdesk.tickets == []

    def test_no_such_order(self, chat: Chat) -> None:
        answer = chat.ask(OPEN, TEXT, "open_ticket", order_id="TS-999999")
        assert answer.said == [Line("utter_tracking_not_found", (TALK,))]
        assert chat.world.helpdesk.tickets == []

    @pytest.mark.parametrize("proven", [True, False])
    @pytest.mark.parametrize("error", [Unavailable, BadAnswer, RateLimited])
    def test_a_shop_that_is_away_is_no_obstacle(self, chat: Chat, error: type[Unavailable], proven: bool) -> None:
        """The request is kept as a general one; whoever reads it finds the number first."""
        chat.world.orders.error = error("shop")
        if proven:
            chat.world.prove()
        answer = chat.ask(OPEN, TEXT, "open_ticket", order_id=NUMBER, ticket_reason="late")
        assert answer.said == [Line("utter_tickets_opened")]
        assert answer.events[-1] == LISTEN
        kept = ("pending_request", "pending_note", "ticket_reason")
        assert [chat.slots.get(name) for name in kept] == [None, None, None]
        (ticket,) = chat.world.helpdesk.tickets
        assert (ticket.reason, ticket.order_number, ticket.note) == (TicketReason.GENERAL, None, f"{NUMBER}: {TEXT}")

    def test_nothing_of_the_order_is_shown(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        chat.press(act("open_ticket", "late"))
        chat.run(OPEN)
        assert "order.shown" not in chat.world.audit.events()

    def test_a_proof_that_runs_out_in_between_is_asked_for_again(
        self, chat: Chat, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        opening = chat.world.tickets.open

        def open_late(*args: object) -> object:
            chat.world.clock.advance(minutes=31)
            return opening(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(chat.world.tickets, "open", open_late)
        chat.press(act("open_ticket", "late"))
        answer = chat.run(OPEN)
        assert answer.said == [Line("utter_identity_needed_for_request")]
        assert answer.events[-1] == FollowupAction("identity_form")
        assert chat.slots["pending_request"] == OPEN
        assert chat.world.helpdesk.tickets == []


class TestStatus:
    def test_none(self, chat: Chat) -> None:
        answer = chat.ask(STATUS, "تیکتم چی شد", "ask_ticket_status")
        assert answer.said == [Line("utter_tickets_none", (TALK,))]
        assert answer.events == done()

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("state", TicketState)
    @pytest.mark.parametrize("reason", TicketReason)
    def test_each_state_and_reason_has_its_words(
        self, chat: Chat, reason: TicketReason, state: TicketState, language: str
    ) -> None:
        chat.slots["language"] = language
        ticket = chat.world.helpdesk.open(
            conversation_id=CALLER.conversation_id,
            reason=reason,
            order_number=None,
            mobile=None,
            note="",
            priority=Priority.NORMAL,
        )
        chat.world.helpdesk.tickets = [replace(ticket, state=state)]
        answer = chat.ask(STATUS, "تیکتم چی شد", "ask_ticket_status")
        assert answer.said == [Line("utter_tickets_state")]
        assert {"fa": "۳۰ آبان ۱۴۰۵", "en": "21 November 2026"}[language] in answer.text

    @pytest.mark.parametrize(("language", "words"), [("fa", "دوباره باز شده"), ("en", "reopened")])
    def test_one_that_is_open_again_is_told_as_such(self, chat: Chat, language: str, words: str) -> None:
        chat.slots["language"] = language
        chat.ask(OPEN, TEXT, "open_ticket")
        (ticket,) = chat.world.helpdesk.tickets
        chat.world.helpdesk.tickets = [replace(ticket, reopened_at=ticket.created_at)]
        assert words in chat.ask(STATUS, "تیکتم چی شد", "ask_ticket_status").text

    @pytest.mark.parametrize(("language", "words"), [("fa", "در انتظار پاسخ شما"), ("en", "waiting for your answer")])
    def test_one_that_was_merged_is_told_as_the_other(self, chat: Chat, language: str, words: str) -> None:
        """Of the other only number and state: it may be about another order."""
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        chat.slots["language"] = language
        chat.press(act("open_ticket", "late"))
        chat.run(OPEN)
        (ticket,) = chat.world.helpdesk.tickets
        merged = replace(ticket, state=TicketState.MERGED, merged_into="PK-1009")
        chat.world.helpdesk.tickets = [replace(merged, merged_state=TicketState.WAITING_CUSTOMER)]
        answer = chat.ask(STATUS, "تیکتم چی شد", "ask_ticket_status")
        assert answer.said == [Line("utter_tickets_merged")]
        assert all(part in answer.text for part in ("PK-1001", "PK-1009", words))
        assert NUMBER not in answer.text

    def test_newest_first_and_with_its_order(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.ask(OPEN, TEXT, "open_ticket")
        chat.world.prove()
        chat.press(act("open_ticket", "late"))
        chat.run(OPEN)
        answer = chat.ask(STATUS, "تیکتم چی شد", "ask_ticket_status")
        assert answer.said == [Line("utter_tickets_state_with_order"), Line("utter_tickets_state")]
        assert "PK-1002" in answer.texts[0]
        assert NUMBER in answer.texts[0]

    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_without_proof_only_the_number(self, chat: Chat, language: str) -> None:
        """Once the proof has run out nobody learns any more what the ticket was about."""
        self._of_an_order(chat)
        chat.slots["language"] = language
        chat.world.clock.advance(minutes=31)
        answer = chat.ask(STATUS, "تیکتم چی شد", "ask_ticket_status")
        assert answer.said == [Line("utter_tickets_state_number_only")]
        assert "PK-1001" in answer.text
        assert NUMBER not in answer.text
        assert text("ticket_reason.late", language) not in answer.text

    def test_the_proof_of_another_mobile_is_no_proof(self, chat: Chat) -> None:
        self._of_an_order(chat)
        chat.world.prove(OTHER_MOBILE)
        answer = chat.ask(STATUS, "تیکتم چی شد", "ask_ticket_status")
        assert answer.said == [Line("utter_tickets_state_number_only")]

    @staticmethod
    def _of_an_order(chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        chat.press(act("open_ticket", "late"))
        chat.run(OPEN)

    def test_another_customers_tickets_are_not_told(self, chat: Chat) -> None:
        chat.world.helpdesk.open(
            conversation_id="conversation-2",
            reason=TicketReason.LATE,
            order_number=NUMBER,
            mobile=OTHER_MOBILE,
            note="",
            priority=Priority.NORMAL,
        )
        chat.world.prove()
        assert chat.ask(STATUS, "تیکتم", "ask_ticket_status").responses == ["utter_tickets_none"]


class TestHandOff:
    HAND_OFF = "action_hand_off"

    def test_a_ticket_is_opened_and_told(self, chat: Chat) -> None:
        chat.slots["pending_offer"] = "talk_to_human"
        answer = chat.ask(self.HAND_OFF, "آدم می‌خوام", "talk_to_human")
        assert answer.said == [Line("utter_handoff_ticket")]
        assert answer.events == done(pending_offer=None)
        (ticket,) = chat.world.helpdesk.tickets
        assert (ticket.reason, ticket.note) == (TicketReason.TALK_TO_HUMAN, "آدم می‌خوام")
        assert "PK-1001" in answer.text

    @pytest.mark.parametrize(("proven", "number"), [(True, NUMBER), (False, None)])
    def test_of_the_proven_customers_order(self, chat: Chat, proven: bool, number: str | None) -> None:
        TELL[Situation.LATE](chat.world)
        if proven:
            chat.world.prove()
        chat.slots["order_id"] = NUMBER
        chat.ask(self.HAND_OFF, "آدم می‌خوام", "talk_to_human")
        assert [ticket.order_number for ticket in chat.world.helpdesk.tickets] == [number]

    def test_however_often_it_is_one(self, chat: Chat) -> None:
        chat.press(TALK)
        chat.run(self.HAND_OFF)
        answer = chat.run(self.HAND_OFF)
        assert answer.said == [Line("utter_handoff_ticket_already")]
        assert [ticket.note for ticket in chat.world.helpdesk.tickets] == [""]
