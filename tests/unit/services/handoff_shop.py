"""A shop with people: the hand-off service over a real store, and a customer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from peyk.domain.conversations import Caller, Entry, Owner, Ownership, Utterance
from peyk.domain.handoff import Handoff, HandoffReason, Prepared
from peyk.domain.identity import Verification
from peyk.ports.journal import BotAnswer, CustomerMessage
from peyk.settings import Settings
from peyk.store.identity import StoredVerifications
from peyk.store.journal import StoredJournal
from tests.unit.services.fakes import MOBILE, FakeClock, FakeOrders
from tests.unit.services.handoffs import FakeDesk, FakeHours, hand_off

MINUTE = timedelta(minutes=1)
HERE = Caller("c1", "address-1", "correlation-1")
BOT, QUEUE, SARA = Ownership(), Ownership(Owner.QUEUE), Ownership(Owner.AGENT, "sara")


@dataclass
class Shop:
    """The service, what stands behind it, and a customer."""

    engine: Engine
    clock: FakeClock
    overrides: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plain: dict[str, Any] = {"_env_file": None, "secret_key": "s" * 40, "run_secret": "r" * 40, "deadline_s": 5.0}
        self.settings = Settings(**(plain | self.overrides))
        self.desk = FakeDesk({"sara": "سارا", "reza": "رضا"}, there=True)
        self.hours = FakeHours()
        self.orders = FakeOrders()
        self.journal = StoredJournal(self.engine)
        self.people = hand_off(self.engine, self.clock, self.settings, self.desk, hours=self.hours, orders=self.orders)
        self.count = 0

    def hear(self, text: str, here: str = "c1", language: str | None = None) -> int:
        """Keep a customer's message; return its number."""
        self.count += 1
        message = CustomerMessage(f"m{self.count}", text)
        return self.journal.accept(here, "rest", message, language=language, now=self.clock.now()).seq

    def hand(self, here: str = "c1", reason: HandoffReason = HandoffReason.ASKED, **more: Any) -> Prepared:
        """Hand a conversation over, as edge and bot do together."""
        seq = self.hear("a person please", here)
        prepared = self.people.prepare(Caller(here), reason, **more)
        assert prepared is not None
        answer = BotAnswer((Utterance("you wait"),), hand_over=True)
        assert self.journal.answer(here, seq, answer, self.clock.now())
        return prepared

    def said(self, here: str = "c1") -> list[Entry]:
        return self.journal.entries(here, after_seq=0, now=self.clock.now(), limit=100)

    def last(self, here: str = "c1") -> Entry:
        return self.said(here)[-1]

    def prove(self, here: str = "c1") -> None:
        expires_at = self.clock.now() + timedelta(minutes=30)
        StoredVerifications(self.engine).grant(Verification(here, MOBILE, "otp", expires_at))

    def current(self, here: str = "c1") -> Handoff:
        handoff = self.people.packet(here)
        assert handoff is not None
        return handoff

    def after(self, minutes: float) -> None:
        """Let time pass, and the worker do what is due."""
        self.clock.advance(minutes=minutes)
        self.people.tick(self.clock.now())
