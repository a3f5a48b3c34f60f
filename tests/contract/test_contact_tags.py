"""Contacts are tagged once for what went wrong, the shop's servers are told, and no answer waits for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event as Flag

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.adapters._http import Rejected
from peyk.channels.rest import as_entry
from peyk.domain.contacts import Tag, Tagged
from peyk.domain.orders import ShipmentRef
from peyk.domain.shipments import DeliveryStatus, ExceptionReason
from peyk.domain.situations import Situation
from peyk.domain.webhooks import EventType, Reply
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, NotYet, RateLimited, Unavailable
from peyk.services.contacts import TOLD_AT_ONCE, TagContacts, _tags
from peyk.services.results import Parcel
from peyk.services.webhook_delivery import WebhookDelivery
from peyk.services.webhooks import Webhooks
from peyk.store.contacts import StoredContacts
from peyk.store.engine import make_engine
from peyk.store.journal import StoredJournal
from peyk.store.prune import TAG_TTL, prune
from peyk.store.webhook_outbox import StoredWebhookOutbox
from peyk.store.webhooks import StoredSubscriptions
from tests.contract.journals import accept
from tests.contract.test_webhook_delivery import AnyAddress, FakeSender
from tests.contract.webhook_steps import SHOP, key, sender, subscribe
from tests.unit.services.fakes import CALLER, MOBILE, NOW, FakeClock, tracking
from tests.unit.services.world import World, with_order

API = Path(__file__).resolve().parents[2] / "peyk" / "web" / "api"
ORDER = "TS-104233"
DELAY = "\u062a\u0627\u062e\u06cc\u0631"


class FakeCrm:
    """A CRM outside."""

    system = "crm"

    def __init__(self) -> None:
        self.tags: list[tuple[str, str, str]] = []
        self.error: ExternalError | None = None
        # What it says of a single order.
        self.refuses: dict[str, ExternalError] = {}
        self.asked = 0

    def tag(self, tagged: Tagged, words: str) -> None:
        self.asked += 1
        if error := self.refuses.get(tagged.order_number, self.error):
            raise error
        self.tags.append((tagged.mobile, tagged.order_number, words))


class Tagging:
    """The service over a real store."""

    def __init__(self, engine: Engine, clock: FakeClock, crm: FakeCrm | None = None) -> None:
        self.contacts = StoredContacts(engine)
        self.service = TagContacts(
            contacts=self.contacts, outbox=StoredWebhookOutbox(engine), clock=clock, language="fa", crm=crm
        )

    def note(self, situation: Situation, *parcels: Parcel, here: str = "c1", number: str = ORDER) -> None:
        self.service.note(here, MOBILE, number, situation, parcels)

    def kept(self) -> list[tuple[str, str, Tag]]:
        """What is kept once all that waits is written."""
        self.service._thread.submit(int).result(20)
        return [(each.order_number, each.reason, each.tag) for each in self.contacts.of(MOBILE, 50)]


@pytest.fixture
def tagging(engine: Engine, clock: FakeClock) -> Iterator[Tagging]:
    made = Tagging(engine, clock)
    yield made
    made.service.close()


def parcel(reason: ExceptionReason) -> Parcel:
    return Parcel("post", "TRK-1", NOW, tracking(status=DeliveryStatus.DELIVERY_FAILED, reason=reason), None)


def test_once_for_an_order_and_reason_at_the_first_time(tagging: Tagging, clock: FakeClock) -> None:
    tagging.note(Situation.LATE)
    assert tagging.kept() == [(ORDER, "late", Tag.DELAY)]
    clock.advance(hours=1)
    tagging.note(Situation.LATE, here="c2")
    tagging.note(Situation.STALLED)
    tagging.note(Situation.LATE, number="TS-104180")
    assert sorted(tagging.kept()) == [
        ("TS-104180", "late", Tag.DELAY),
        (ORDER, "late", Tag.DELAY),
        (ORDER, "stalled", Tag.DELAY),
    ]
    first = [each.at for each in tagging.contacts.of(MOBILE, 50) if (each.order_number, each.reason) == (ORDER, "late")]
    assert first == [NOW]


@pytest.mark.parametrize(
    ("situation", "reason", "tag"),
    [
        (Situation.LOST, None, Tag.LOST),
        (Situation.HELD, None, Tag.DELAY),
        (Situation.RETURNED, None, Tag.RETURNED),
        (Situation.ADDRESS_INCOMPLETE, None, Tag.BAD_ADDRESS),
        (Situation.DELIVERY_FAILED, ExceptionReason.CONSIGNEE_INCORRECT_ADDRESS, Tag.BAD_ADDRESS),
        (Situation.DELIVERY_FAILED, ExceptionReason.CONSIGNEE_NOT_HOME, None),
        (Situation.IN_TRANSIT, None, None),
        (Situation.DELIVERED, None, None),
    ],
)
def test_what_is_an_exception(
    tagging: Tagging, situation: Situation, reason: ExceptionReason | None, tag: Tag | None
) -> None:
    tagging.note(situation, *([parcel(reason)] if reason else []))
    assert [each for _, _, each in tagging.kept()] == ([tag] if tag else [])


def test_the_shops_server_is_told_once_and_signed(engine: Engine, clock: FakeClock, tagging: Tagging) -> None:
    journal, sending = StoredJournal(engine), FakeSender([Reply(status=200)])
    key(engine)
    sender(engine)
    accept(journal, "m1")
    webhooks = Webhooks(StoredSubscriptions(engine), sending, AnyAddress(), clock, SecretStr("k" * 40))
    delivery = WebhookDelivery(webhooks, StoredWebhookOutbox(engine), journal, clock, as_entry, timedelta(days=5))
    asyncio.run(delivery.tick())
    webhooks.add(SHOP, "https://shop.example/peyk", [EventType.CONTACT_TAGGED])
    tagging.note(Situation.LATE)
    tagging.note(Situation.LATE)
    tagging.kept()
    asyncio.run(delivery.tick())
    ((_, headers, body),) = sending.sent
    event = json.loads(body)
    assert event["type"] == headers["Peyk-Event"] == "contact.tagged"
    assert headers["Peyk-Signature"].startswith("t=")
    assert event["created_at"] == NOW.isoformat()
    assert event["data"] == {"sender": "ali", "order": ORDER, "reason": "late", "tag": "delay", "label": DELAY}
    assert MOBILE not in body.decode()
    described = yaml.safe_load((API / "webhooks.yml").read_text(encoding="utf-8"))["components"]["schemas"]
    Draft202012Validator(described["contactTagged"]["properties"]["data"]).validate(event["data"])


def test_reasons_and_tags_are_described() -> None:
    described = yaml.safe_load((API / "webhooks.yml").read_text(encoding="utf-8"))["components"]["schemas"]
    data = described["contactTagged"]["properties"]["data"]["properties"]
    assert set(data["tag"]["enum"]) == {tag.value for tag in Tag}
    assert set(data["reason"]["enum"]) == {key.partition("/")[0] for key in _tags()}


def test_a_key_is_not_told_of_anothers_customers(engine: Engine, tagging: Tagging) -> None:
    sender(engine)
    subscribe(engine, "wh_1", owner="key:other")
    subscribe(engine, "wh_2", owner=SHOP, events=frozenset({EventType.MESSAGE_CREATED}))
    tagging.note(Situation.LATE)
    tagging.kept()
    assert StoredWebhookOutbox(engine).claim(NOW, limit=9, busy={}, each=9) == []


def test_a_crm_outside_is_told_once_and_later_when_it_was_away(engine: Engine, clock: FakeClock) -> None:
    crm = FakeCrm()
    made = Tagging(engine, clock, crm)
    crm.error = Unavailable("crm")
    made.note(Situation.LATE)
    made.note(Situation.LOST, number="TS-104180")
    made.kept()
    made.service.tick(NOW)
    assert crm.tags == []
    crm.error = None
    made.service.tick(NOW + timedelta(hours=1))
    made.service.tick(NOW + timedelta(hours=2))
    assert sorted(crm.tags) == [(MOBILE, "TS-104180", "\u06af\u0645\u200c\u0634\u062f\u0647"), (MOBILE, ORDER, DELAY)]
    made.service.close()


@pytest.mark.parametrize("refusal", [BadAnswer, Rejected, NotFound, NotYet])
def test_a_tag_the_crm_refuses_holds_up_no_other(
    engine: Engine, clock: FakeClock, refusal: type[ExternalError]
) -> None:
    crm = FakeCrm()
    made = Tagging(engine, clock, crm)
    error = Rejected("crm", "HTTP 422 no such contact", 422) if refusal is Rejected else refusal("crm")
    # As many as are told at once, and one more.
    for number in range(TOLD_AT_ONCE):
        crm.refuses[f"TS-1{number:05}"] = error
        made.note(Situation.LATE, number=f"TS-1{number:05}")
    made.kept()
    clock.advance(seconds=1)
    made.note(Situation.LATE)
    made.kept()
    for minute in range(3):
        made.service.tick(NOW + timedelta(minutes=minute))
    assert crm.tags == [(MOBILE, ORDER, DELAY)]
    # Nobody is asked in vain every minute, and what it takes later is told then.
    assert crm.asked == TOLD_AT_ONCE + 1
    crm.refuses.clear()
    made.service.tick(NOW + timedelta(hours=2))
    assert len(crm.tags) == TOLD_AT_ONCE + 1
    made.service.close()


@pytest.mark.parametrize("error", [Unavailable, RateLimited, AccessRefused])
def test_a_crm_that_takes_nothing_is_asked_once_at_a_time(
    engine: Engine, clock: FakeClock, error: type[ExternalError]
) -> None:
    crm = FakeCrm()
    made = Tagging(engine, clock, crm)
    crm.error = error("crm")
    made.note(Situation.LATE)
    made.note(Situation.LOST)
    made.kept()
    made.service.tick(NOW)
    assert crm.asked == 1
    made.service.close()


def test_a_crm_that_was_away_too_long_is_told_no_more(engine: Engine, clock: FakeClock) -> None:
    crm = FakeCrm()
    made = Tagging(engine, clock, crm)
    made.note(Situation.LATE)
    made.kept()
    made.service.tick(NOW + timedelta(hours=73))
    assert crm.tags == []
    made.service.close()


def test_tags_are_forgotten_after_a_year(engine: Engine, tagging: Tagging) -> None:
    tagging.note(Situation.LATE)
    tagging.kept()
    prune(engine, NOW + TAG_TTL - timedelta(seconds=1))
    assert tagging.kept()
    prune(engine, NOW + TAG_TTL)
    assert not tagging.kept()


class Stuck(StoredContacts):
    """A store that answers when it is let go."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.go = Flag()

    def is_tagged(self, tagged: Tagged) -> bool:
        self.go.wait(20)
        return super().is_tagged(tagged)


class TestTheAnswer:
    def test_who_is_verified_is_tagged_with_what_was_told(self, engine: Engine, clock: FakeClock) -> None:
        world, made = with_order(World()), Tagging(engine, clock)
        world.tracking._contacts = made.service
        world.clock.advance(days=30)
        told = world.tracking.by_number(CALLER, ORDER)
        assert told.situation is Situation.LOST
        assert made.kept() == []
        world.prove()
        world.tracking.stage(CALLER, ORDER)
        assert made.kept() == []
        world.tracking.by_number(CALLER, ORDER)
        assert made.kept() == [(ORDER, "lost", Tag.LOST)]
        made.service.close()

    def test_each_parcel_of_a_split_order_counts(self, engine: Engine, clock: FakeClock) -> None:
        world, made = World(), Tagging(engine, clock)
        shipments = tuple(ShipmentRef("post", f"TRK-8839201{each}", NOW - timedelta(days=9)) for each in range(4))
        with_order(world, shipments=shipments, promised_at=NOW - timedelta(days=1))
        lost = ExceptionReason.CARRIER_PARCEL_LOST
        told = [
            tracking(status=DeliveryStatus.DELIVERED),
            tracking(status=DeliveryStatus.ON_HOLD, reason=lost),
            tracking(),
            # A voided label is no parcel.
            tracking(status=DeliveryStatus.CANCELLED),
        ]
        for ref, each in zip(shipments, told, strict=True):
            world.post.answers[ref.tracking_code] = replace(each, code=ref.tracking_code)
        world.tracking._contacts = made.service
        world.prove()
        assert world.tracking.by_number(CALLER, ORDER).situation is Situation.SPLIT
        assert sorted(made.kept()) == [(ORDER, "late", Tag.DELAY), (ORDER, "lost", Tag.LOST)]
        made.service.close()

    def test_it_waits_for_nothing(self, engine: Engine, clock: FakeClock) -> None:
        world, stuck = with_order(World()), Stuck(engine)
        service = TagContacts(contacts=stuck, outbox=StoredWebhookOutbox(engine), clock=clock, language="fa")
        world.tracking._contacts = service
        world.clock.advance(days=30)
        world.prove()
        assert world.tracking.by_number(CALLER, ORDER).order is not None
        assert stuck.of(MOBILE, 5) == []
        stuck.go.set()
        service.close()
        assert [each.tag for each in stuck.of(MOBILE, 5)] == [Tag.LOST]

    def test_a_store_that_is_away_fails_nothing(self, clock: FakeClock) -> None:
        away = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
        world, made = with_order(World()), Tagging(away, clock)
        world.tracking._contacts = made.service
        world.clock.advance(days=30)
        world.prove()
        assert world.tracking.by_number(CALLER, ORDER).order is not None
        made.service.close()
        away.dispose()
