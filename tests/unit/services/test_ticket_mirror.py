"""Whatever an operator tells the customer of a ticket stands with its mirror outside, too, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from peyk.domain.tickets import StateReason, Ticket
from peyk.services.mirror_states import DeskStates
from peyk.services.ticket_desk import TicketDesk
from peyk.store.engine import make_engine
from peyk.store.tables import metadata
from tests.contract.desks import Shop
from tests.unit.services.fakes import FakeClock


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'peyk.db'}")
    metadata.create_all(made)
    yield made
    made.dispose()


class Recording:
    """A mirror that keeps a note once a key, as the real one does."""

    def __init__(self) -> None:
        self.notes: dict[tuple[str, str], str] = {}

    def __call__(self, number: str, key: str, text: str) -> None:
        self.notes.setdefault((number, key), text)

    def texts(self, ticket: Ticket) -> list[str]:
        return [text for (number, _), text in self.notes.items() if number == ticket.number]


def test_notes_answers_questions_and_the_summary_are_mirrored_once(engine: Engine) -> None:
    shop, mirror = Shop(engine, FakeClock()), Recording()
    desk = TicketDesk(
        tickets=shop.tickets, words=shop.words, sla=shop.sla, audit=shop.audit, clock=shop.clock, mirror=mirror
    )
    ticket = shop.open()
    desk.note(ticket.number, "sara", "the courier was called", key="n1")
    desk.answer(ticket.number, "sara", "it comes tomorrow", message_id="m1")
    for _ in range(2):
        desk.wait(ticket.number, "sara", "which address?", message_id="m2")
    desk.wait(ticket.number, "sara")
    desk.resolve(ticket.number, "sara", StateReason.SOLVED, "it was delivered")
    assert mirror.texts(ticket) == ["the courier was called", "it comes tomorrow", "which address?", "it was delivered"]


def test_what_was_answered_outside_reaches_the_customer_once_and_does_not_go_back(engine: Engine) -> None:
    shop, mirror = Shop(engine, FakeClock()), Recording()
    desk = TicketDesk(
        tickets=shop.tickets, words=shop.words, sla=shop.sla, audit=shop.audit, clock=shop.clock, mirror=mirror
    )
    states = DeskStates(shop.tickets, desk, "zammad")
    shop.write()
    ticket = shop.open()
    for _ in range(2):
        states.answer(ticket.number, "it comes tomorrow", key="zammad:17:3")
    # Somebody here has it, and then it is resolved: what was written is said all the same.
    desk.assign(ticket.number, "sara", "lead")
    states.answer(ticket.number, "or the day after", key="zammad:17:4")
    desk.resolve(ticket.number, "sara", StateReason.SOLVED)
    states.answer(ticket.number, "it is there", key="zammad:17:5")
    said = [entry.text or "" for entry in shop.said()]
    assert [sum(words in text for text in said) for words in ("tomorrow", "the day after", "it is there")] == [1, 1, 1]
    assert mirror.notes == {}


def test_without_words_nothing_is_mirrored(engine: Engine) -> None:
    shop, mirror = Shop(engine, FakeClock()), Recording()
    desk = TicketDesk(
        tickets=shop.tickets, words=shop.words, sla=shop.sla, audit=shop.audit, clock=shop.clock, mirror=mirror
    )
    ticket = shop.open()
    desk.wait(ticket.number, "sara")
    desk.resolve(ticket.number, "sara", StateReason.SOLVED)
    assert mirror.notes == {}
