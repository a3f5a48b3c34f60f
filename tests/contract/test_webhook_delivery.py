"""From the journal to the shop's server: nothing people said is lost, told twice as another, or told too late."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.channels.rest import as_entry
from peyk.domain.conversations import Utterance
from peyk.domain.webhooks import OffReason, Reply, Subscription
from peyk.errors import Unavailable
from peyk.services.webhook_delivery import AT_ONCE_EACH, BATCH, WebhookDelivery
from peyk.services.webhooks import OLD_SECRET_FOR, BadAddress, TooMany, Webhooks
from peyk.store.journal import StoredJournal
from peyk.store.webhook_outbox import LEASE, StoredWebhookOutbox
from peyk.store.webhooks import StoredSubscriptions
from tests.contract.journals import BOT, QUEUE, SARA, accept, hand_to, prove
from tests.contract.webhook_steps import SHOP, key, sender
from tests.unit.services.fakes import NOW, FakeClock

GOOD, BROKEN = Reply(status=200), Reply(status=500)


@dataclass
class FakeSender:
    """Answers by script, the last one for good; keeps what it was given."""

    replies: list[Reply] = field(default_factory=lambda: [GOOD])
    sent: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    running: int = 0
    most: int = 0

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        self.sent.append((url, headers, body))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    async def close(self) -> None:
        return

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.sent]

    @property
    def seqs(self) -> list[int | str]:
        return [event["data"].get("seq") or event["data"]["owner"] for event in self.told]


class AnyAddress:
    """Refuses what says so."""

    def refusal(self, url: str) -> str | None:
        return "not_public" if "private" in url else None


@dataclass
class World:
    """A conversation of a key, and what tells the key's server."""

    engine: Engine
    clock: FakeClock
    sender: FakeSender
    journal: StoredJournal
    delivery: WebhookDelivery
    subscription: Subscription
    secret: str

    def agent_says(self, text: str = "سلام", here: str = "c1") -> None:
        assert self.journal.say(here, Utterance(text), agent="sara", now=self.clock.now()) is not None

    def system_says(self, text: str = "…", here: str = "c1") -> None:
        assert self.journal.say(here, Utterance(text), agent=None, now=self.clock.now()) is not None

    def tick(self, **by: float) -> int:
        self.clock.advance(**by)
        return asyncio.run(self.delivery.tick())


@pytest.fixture
def world(engine: Engine, clock: FakeClock) -> World:
    """A conversation that has waited in the queue and is Sara's; its changes of owner are told already."""
    sending, kept = FakeSender(), StoredJournal(engine)
    webhooks = Webhooks(StoredSubscriptions(engine), sending, AnyAddress(), clock, SecretStr("k" * 40))
    delivery = WebhookDelivery(
        webhooks, StoredWebhookOutbox(engine), kept, clock, as_entry, dead_after=timedelta(days=5)
    )
    sender(engine)
    key(engine)
    accept(kept, "m1")
    hand_to(kept, QUEUE, SARA)
    asyncio.run(delivery.tick())
    subscription, secret = webhooks.add(SHOP, "https://shop.example/peyk")
    return World(engine, clock, sending, kept, delivery, subscription, secret)


class TestWhat:
    def test_what_people_say_is_told(self, world: World) -> None:
        world.agent_says("بسته‌تان پیدا شد")
        assert world.tick() == 1
        ((url, headers, body),) = world.sender.sent
        event = json.loads(body)
        assert url == "https://shop.example/peyk"
        assert event["type"] == headers["Peyk-Event"] == "message.created"
        assert event["id"] == headers["Peyk-Event-Id"]
        assert event["data"] == {
            "sender": "ali",
            "seq": 2,
            "author": "agent",
            "at": NOW.isoformat(),
            "text": "بسته‌تان پیدا شد",
        }
        assert world.tick(hours=1) == 0

    def test_what_customer_and_bot_say_is_the_answers_of_requests(self, world: World) -> None:
        accept(world.journal, "m2")
        assert world.tick() == 0

    def test_who_has_it_is_told_before_what_is_said_of_it(self, world: World) -> None:
        world.journal.change_owner("c1", SARA, BOT, world.clock.now() + timedelta(hours=1), saying=Utterance("بات"))
        world.clock.advance(hours=1)
        assert world.tick() == 2
        assert world.sender.seqs == ["bot", 2]
        assert world.sender.told[0]["data"]["since"] == (NOW + timedelta(hours=1)).isoformat()

    def test_without_a_subscription_nothing_waits(self, world: World) -> None:
        world.delivery.webhooks.remove(world.subscription)
        world.agent_says()
        assert world.tick() == 0
        world.delivery.webhooks.add(SHOP, "https://shop.example/later")
        assert world.tick() == 0
        assert world.journal.to_push("rest", now=NOW, limit=9) == []

    def test_what_people_said_is_told_also_after_a_proof_has_ended(self, world: World) -> None:
        prove(world.engine, timedelta(minutes=10))
        world.agent_says("رمز در: ۱۲۳۴")
        world.sender.replies = [BROKEN, GOOD]
        world.tick()
        assert "text" in world.sender.told[0]["data"]
        world.tick(minutes=10)
        assert world.sender.told[1]["data"] == world.sender.told[0]["data"]
        assert world.sender.told[0]["id"] == world.sender.told[1]["id"]


class TestOnce:
    def test_a_process_that_dies_after_putting_it_puts_it_once(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.agent_says()

        def dies(_self: object, _here: str, _seq: int) -> None:
            raise Unavailable("store")

        with monkeypatch.context() as dying:
            dying.setattr(StoredJournal, "pushed", dies)
            with pytest.raises(Unavailable):
                world.tick()
        assert world.tick() == 1
        assert world.tick(days=1) == 0
        assert len(world.sender.sent) == 1

    def test_a_process_that_dies_while_sending_lets_another_send_it(self, world: World) -> None:
        world.agent_says()
        world.delivery.put_new()
        world.delivery.outbox.claim(world.clock.now(), limit=9, busy={}, each=9)
        assert world.tick() == 0
        world.clock.advance(seconds=LEASE.total_seconds())
        assert world.tick() == 1

    def test_what_could_not_be_settled_is_sent_again_as_the_same_event(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.agent_says()

        def away(*_: object) -> None:
            raise Unavailable("store")

        with monkeypatch.context() as broken:
            broken.setattr(StoredWebhookOutbox, "delivered", away)
            world.tick()
        world.tick(seconds=LEASE.total_seconds())
        first, second = world.sender.told
        assert first == second

    def test_what_was_said_in_disorder_of_the_clocks_is_all_told_in_order(self, world: World) -> None:
        world.agent_says("one")
        # Another process, whose clock is behind.
        world.journal.say("c1", Utterance("two"), agent="sara", now=world.clock.now() - timedelta(seconds=5))
        for number in range(BATCH + 20):
            world.journal.say("c1", Utterance(str(number)), agent=None, now=world.clock.now() - timedelta(minutes=1))
        world.tick()
        assert world.sender.seqs == list(range(2, BATCH + 24))


class TestTries:
    def test_the_order_within_a_conversation_is_kept(self, world: World) -> None:
        world.sender.replies = [BROKEN, BROKEN, GOOD]
        world.agent_says("one")
        world.agent_says("two")
        world.tick()
        assert world.sender.seqs == [2]
        world.tick(seconds=10)
        world.tick(seconds=30)
        assert world.sender.seqs == [2, 2, 2, 3]

    def test_it_is_tried_for_three_days_and_then_given_up(self, world: World) -> None:
        world.delivery.dead_after = timedelta(days=30)
        world.sender.replies = [Reply(error="timeout")]
        world.agent_says("one")
        for _ in range(6):
            world.tick(hours=12)
        assert world.sender.seqs == [2] * 6
        world.agent_says("two")
        world.tick(hours=12)
        world.tick()
        assert world.sender.seqs == [2] * 7 + [3]

    def test_a_wish_to_wait_is_obeyed_an_hour_at_most(self, world: World) -> None:
        world.sender.replies = [Reply(status=429, retry_after_s=900), Reply(status=503, retry_after_s=10**8), GOOD]
        world.agent_says()
        world.tick()
        assert world.tick(seconds=899) == 0
        assert world.tick(seconds=1) == 1
        assert world.tick(minutes=59) == 0
        assert world.tick(minutes=1) == 1

    def test_who_is_gone_is_told_no_more(self, world: World) -> None:
        world.sender.replies = [Reply(status=410)]
        world.agent_says()
        world.tick()
        world.agent_says()
        assert world.tick(days=1) == 0
        (kept,) = world.delivery.webhooks.all(SHOP)
        assert kept.off_reason is OffReason.GONE

    def test_who_only_fails_is_switched_off(self, world: World) -> None:
        world.sender.replies = [BROKEN]
        world.agent_says()
        world.tick()
        for _ in range(9):
            world.tick(hours=13)
        assert world.delivery.webhooks.all(SHOP)[0].off_at is None
        world.agent_says()
        world.tick(hours=13)
        assert world.delivery.webhooks.all(SHOP)[0].off_reason is OffReason.DEAD
        world.sender.sent.clear()
        world.tick(hours=13)
        assert world.sender.sent == []

    def test_one_address_does_not_take_all_the_room(self, world: World) -> None:
        for number in range(12):
            here = f"d{number}"
            sender(world.engine, here)
            accept(world.journal, "m1", here=here)
            world.system_says(here=here)
        assert world.tick() == 12
        assert world.sender.most <= AT_ONCE_EACH


class TestSecrets:
    def test_every_secret_in_force_signs(self, world: World) -> None:
        new, until = world.delivery.webhooks.rotate(world.subscription)
        assert until == NOW + OLD_SECRET_FOR
        world.agent_says()
        world.tick()
        assert self.signs(world, world.secret) == self.signs(world, new) == [True]
        world.agent_says()
        world.tick(hours=24)
        assert self.signs(world, world.secret) == [True, False]
        assert self.signs(world, new) == [True, True]

    def signs(self, world: World, secret: str) -> list[bool]:
        good = []
        for _, headers, body in world.sender.sent:
            moment, *values = headers["Peyk-Signature"].split(",")
            right = hmac.new(secret.encode(), moment.removeprefix("t=").encode() + b"." + body, hashlib.sha256)
            good.append(f"v1={right.hexdigest()}" in values)
        return good

    def test_a_secret_is_each_subscriptions_own_and_not_in_the_store(self, world: World) -> None:
        _, other = world.delivery.webhooks.add(SHOP, "https://shop.example/peyk")
        assert other != world.secret
        with world.engine.connect() as connection:
            rows = str(connection.exec_driver_sql("SELECT * FROM webhooks").all())
        assert world.secret.removeprefix("whsec_") not in rows


class TestSubscriptions:
    def test_an_address_that_may_not_be_told_is_refused(self, world: World) -> None:
        with pytest.raises(BadAddress, match="not_public"):
            world.delivery.webhooks.add(SHOP, "https://private.example/")

    def test_ten_are_enough(self, world: World) -> None:
        for _ in range(9):
            world.delivery.webhooks.add(SHOP, "https://shop.example/peyk")
        with pytest.raises(TooMany):
            world.delivery.webhooks.add(SHOP, "https://shop.example/peyk")

    def test_another_owners_is_nobodys(self, world: World) -> None:
        webhooks = world.delivery.webhooks
        assert webhooks.get(world.subscription.id, SHOP) == webhooks.get(world.subscription.id) == world.subscription
        assert webhooks.get(world.subscription.id, "key:other") is None

    def test_a_test_says_nothing_and_is_sent_at_once(self, world: World) -> None:
        world.sender.replies = [Reply(status=418)]
        off = replace(world.subscription, off_at=NOW, off_reason=OffReason.DEAD)
        assert asyncio.run(world.delivery.webhooks.test(off)) == Reply(status=418)
        (event,) = world.sender.told
        assert (event["type"], event["data"]) == ("webhook.test", {})


def test_it_goes_on_after_a_failure_and_ends_when_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peyk.services.webhook_delivery.EVERY_S", 0)
    failures = [Unavailable("store"), ValueError("a mistake of ours")]
    really = WebhookDelivery.put_new

    def sometimes(self: WebhookDelivery) -> None:
        if failures:
            raise failures.pop()
        really(self)

    monkeypatch.setattr(WebhookDelivery, "put_new", sometimes)
    world.agent_says()

    async def live() -> None:
        running = asyncio.create_task(world.delivery.run())
        async with asyncio.timeout(20):
            while not world.sender.sent:
                await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await world.delivery.close()

    asyncio.run(live())
    assert world.sender.seqs == [2]
