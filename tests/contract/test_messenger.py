"""Messenger: the demo's outbox and the fake send once per key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.adapters.demo_shop.faults import DemoFaults, FaultGate
from peyk.adapters.demo_shop.outbox import DemoOutbox
from peyk.adapters.demo_shop.seed import seed
from peyk.adapters.messaging.demo import DemoMessenger
from peyk.errors import Unavailable
from peyk.ports import Messenger
from peyk.ports.edge import OutboxMessage
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW, FakeClock, FakeMessenger

MOBILE = "09121234567"
Codes = Callable[[str], list[str]]


def wording(language: str, code: str) -> str:
    return f"{language}: {code}"


def demo(shop: Engine, clock: FakeClock) -> DemoMessenger:
    return DemoMessenger(shop, clock, FaultGate(shop), wording)


@pytest.fixture
def messenger(subject_shop: Engine | None, clock: FakeClock) -> tuple[Messenger, Codes]:
    """The messenger, and which codes a mobile got."""
    if subject_shop:
        outbox = DemoOutbox(subject_shop)
        return demo(subject_shop, clock), lambda to: [message.code for message in outbox.messages(to)][::-1]
    fake = FakeMessenger()
    return fake, lambda to: [code for mobile, code, _ in fake.sent.values() if mobile == to]


def test_a_code_arrives(messenger: tuple[Messenger, Codes]) -> None:
    sender, codes = messenger
    sender.send_code(MOBILE, "123456", "fa", "key-1")
    assert codes(MOBILE) == ["123456"]
    assert codes("09120000000") == []


def test_the_same_key_sends_once(messenger: tuple[Messenger, Codes], clock: FakeClock) -> None:
    sender, codes = messenger
    sender.send_code(MOBILE, "123456", "fa", "key-1")
    clock.advance(seconds=1)
    sender.send_code(MOBILE, "123456", "fa", "key-1")
    sender.send_code(MOBILE, "654321", "fa", "key-2")
    assert codes(MOBILE) == ["123456", "654321"]


def test_the_same_key_sends_once_also_at_the_same_time(shop: Engine, clock: FakeClock) -> None:
    sender = demo(shop, clock)
    in_parallel(lambda _: sender.send_code(MOBILE, "123456", "fa", "key-1"))
    assert len(DemoOutbox(shop).messages(MOBILE)) == 1


def test_the_outbox_shows_the_newest_first(shop: Engine, clock: FakeClock) -> None:
    sender = demo(shop, clock)
    sender.send_code(MOBILE, "111111", "fa", "key-1")
    clock.advance(seconds=61)
    sender.send_code(MOBILE, "222222", "en", "key-2")
    sender.send_code("+447700900123", "333333", "en", "key-3")
    assert DemoOutbox(shop).messages(MOBILE) == [
        OutboxMessage(MOBILE, "en: 222222", "222222", NOW + timedelta(seconds=61)),
        OutboxMessage(MOBILE, "fa: 111111", "111111", NOW),
    ]
    assert [message.code for message in DemoOutbox(shop).messages(MOBILE, limit=1)] == ["222222"]


def test_the_outbox_outlives_a_new_seeding(shop: Engine, clock: FakeClock) -> None:
    demo(shop, clock).send_code(MOBILE, "123456", "fa", "key-1")
    seed(shop, clock, 600)
    assert [message.code for message in DemoOutbox(shop).messages(MOBILE)] == ["123456"]


def test_nothing_is_sent_while_the_messenger_is_down(shop: Engine, clock: FakeClock) -> None:
    DemoFaults(shop).switch_on("messenger", "down")
    with pytest.raises(Unavailable):
        demo(shop, clock).send_code(MOBILE, "123456", "fa", "key-1")
    assert DemoOutbox(shop).messages(MOBILE) == []
