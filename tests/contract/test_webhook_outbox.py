"""The outbox of webhooks on both databases: each event once, in order, by one process at a time, until it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

import pytest
from sqlalchemy import Engine

from peyk.domain.api_keys import Scope
from peyk.domain.conversations import Owner, Ownership
from peyk.domain.webhooks import Event, EventType, OffReason
from peyk.ports.rest import Delivery, OwnerChange
from peyk.store.engine import make_engine
from peyk.store.journal import StoredJournal
from peyk.store.webhook_outbox import LEASE, StoredWebhookOutbox
from peyk.store.webhooks import StoredSubscriptions
from tests.contract.journals import QUEUE, accept, hand_to
from tests.contract.webhook_steps import MINUTE, OTHER, SHOP, due, key, said, sender, seqs, subscribe
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW


@pytest.fixture
def outbox(engine: Engine) -> StoredWebhookOutbox:
    sender(engine)
    return StoredWebhookOutbox(engine)


@pytest.fixture
def outboxes(engine: Engine, outbox: StoredWebhookOutbox) -> Iterator[list[StoredWebhookOutbox]]:
    """The same outbox as eight processes have it."""
    engines = [make_engine(engine.url.render_as_string(hide_password=False)) for _ in range(8)]
    yield [StoredWebhookOutbox(each) for each in engines]
    for each in engines:
        each.dispose()


class TestPut:
    def test_an_event_is_there_once_for_everybody_who_wants_it(
        self, engine: Engine, outbox: StoredWebhookOutbox
    ) -> None:
        subscribe(engine, "wh_1")
        subscribe(engine, "wh_2")
        subscribe(engine, "wh_3", events=frozenset({EventType.OWNER_CHANGED}))
        subscribe(engine, "wh_4", owner=OTHER)
        assert outbox.put(said(1), NOW) == 2
        assert outbox.put(said(1), NOW + MINUTE) == 0
        taken = due(outbox, NOW + MINUTE)
        assert [each.subscription.id for each in taken] == ["wh_1", "wh_2"]
        assert {(each.sender, each.event.id, each.put_at) for each in taken} == {("ali", said(1).id, NOW)}

    def test_only_who_may_read_is_told(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscribe(engine, "wh_1")
        others = [scope for scope in Scope if scope is not Scope.READ_CONVERSATIONS]
        assert outbox.put(said(1), NOW) == 1
        key(engine, SHOP, others)
        assert due(outbox) == []
        assert outbox.put(said(2), NOW) == 0
        (kept,) = StoredSubscriptions(engine).list(SHOP)
        assert kept.muted
        key(engine, SHOP, list(Scope))
        assert seqs(due(outbox)) == [("c1", 1)]
        (kept,) = StoredSubscriptions(engine).list(SHOP)
        assert not kept.muted

    def test_of_the_same_event_at_once_one_is_kept(self, engine: Engine, outboxes: list[StoredWebhookOutbox]) -> None:
        subscribe(engine, "wh_1")
        subscribe(engine, "wh_2")
        put = in_parallel(lambda index: outboxes[index].put(said(1), NOW))
        assert sorted(count for count in put if isinstance(count, int)) == [0] * 7 + [2]
        assert len(due(outboxes[0])) == 2

    def test_nobody_is_told_of_a_sender_nobody_knows(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscribe(engine)
        assert outbox.put(said(1, "unknown"), NOW) == 0

    def test_a_senders_name_is_kept_as_it_is(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscribe(engine)
        sender(engine, "c2", name="a\x00ب'\"\n")
        outbox.put(said(1, "c2"), NOW)
        assert due(outbox)[0].sender == "a\x00ب'\"\n"


class TestClaim:
    def test_of_a_conversation_only_the_oldest_is_due(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscribe(engine)
        sender(engine, "c2")
        for event in (said(1), said(2), said(7, "c2")):
            outbox.put(event, NOW)
        (first, other) = due(outbox)
        assert seqs([first, other]) == [("c1", 1), ("c2", 7)]
        assert due(outbox) == []
        outbox.failed(first, NOW, NOW + MINUTE, "HTTP 500")
        assert due(outbox, NOW) == []
        (first,) = due(outbox, NOW + MINUTE)
        assert (first.event.seq, first.failures) == (1, 1)
        outbox.delivered(first, NOW + MINUTE)
        assert seqs(due(outbox, NOW + MINUTE)) == [("c1", 2)]

    def test_what_is_given_up_lets_the_next_one_through(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscribe(engine)
        outbox.put(said(1), NOW)
        outbox.put(said(2), NOW)
        outbox.failed(due(outbox)[0], NOW, None, "timeout")
        assert seqs(due(outbox)) == [("c1", 2)]

    def test_a_process_that_died_has_lost_it(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscribe(engine)
        outbox.put(said(1), NOW)
        (dead,) = due(outbox)
        assert due(outbox, NOW + LEASE - MINUTE) == []
        (living,) = due(outbox, NOW + LEASE)
        # Who comes back from the dead changes nothing.
        outbox.failed(dead, NOW + LEASE, None, "timeout")
        outbox.delivered(dead, NOW + LEASE)
        assert seqs(due(outbox, NOW + 2 * LEASE)) == [("c1", 1)]
        assert living.event == dead.event

    def test_one_process_gets_it(self, engine: Engine, outboxes: list[StoredWebhookOutbox]) -> None:
        subscribe(engine)
        for number in range(40):
            sender(engine, f"c{number}")
            outboxes[0].put(said(1, f"c{number}"), NOW)

        def take(index: int) -> list[Delivery]:
            # Rows another process looks at just now are passed over: so it looks several times.
            return list(chain.from_iterable(due(outboxes[index], limit=3) for _ in range(8)))

        taken = list(chain.from_iterable(each for each in in_parallel(take) if isinstance(each, list)))
        taken += due(outboxes[0])
        assert sorted(each.number for each in taken) == sorted({each.number for each in taken})
        assert len(taken) == 40

    def test_a_slow_subscription_leaves_room(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscribe(engine, "wh_1")
        subscribe(engine, "wh_2", events=frozenset({EventType.OWNER_CHANGED}))
        for number in range(5):
            sender(engine, f"c{number}")
            outbox.put(said(1, f"c{number}"), NOW)
        outbox.put(Event(EventType.OWNER_CHANGED, "c9", NOW, owner="agent"), NOW)
        sender(engine, "c9")
        outbox.put(Event(EventType.OWNER_CHANGED, "c9", NOW, owner="agent"), NOW)
        taken = outbox.claim(NOW, limit=9, busy={"wh_1": 1}, each=3)
        assert [each.subscription.id for each in taken].count("wh_1") == 2
        assert [each.subscription.id for each in taken].count("wh_2") == 1


class TestOutcome:
    def test_since_when_it_fails_is_remembered_until_it_does_not(
        self, engine: Engine, outbox: StoredWebhookOutbox
    ) -> None:
        subscribe(engine)
        outbox.put(said(1), NOW)
        assert outbox.failed(due(outbox)[0], NOW, NOW + MINUTE, "x" * 999) == NOW
        (again,) = due(outbox, NOW + MINUTE)
        assert outbox.failed(again, NOW + MINUTE, NOW + 2 * MINUTE, "timeout") == NOW
        outbox.delivered(due(outbox, NOW + 2 * MINUTE)[0], NOW + 2 * MINUTE)
        (kept,) = StoredSubscriptions(engine).list()
        assert (kept.failing_since, kept.last_success_at) == (None, NOW + 2 * MINUTE)

    def test_what_waits_is_due_when_the_receiver_is_back(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscribe(engine)
        sender(engine, "c2")
        outbox.put(said(1), NOW)
        outbox.put(said(1, "c2"), NOW)
        first, second = due(outbox)
        outbox.failed(first, NOW, NOW + timedelta(hours=12), "timeout")
        outbox.failed(second, NOW, NOW + MINUTE, "timeout")
        outbox.delivered(due(outbox, NOW + MINUTE)[0], NOW + MINUTE)
        assert seqs(due(outbox, NOW + MINUTE)) == [("c1", 1)]

    def test_who_is_switched_off_is_told_nothing(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscription = subscribe(engine)
        outbox.put(said(1), NOW)
        assert outbox.switch_off(subscription.id, OffReason.GONE, NOW)
        assert not outbox.switch_off(subscription.id, OffReason.DEAD, NOW)
        assert outbox.put(said(2), NOW) == 0
        assert due(outbox) == []
        kept = StoredSubscriptions(engine)
        assert kept.list()[0].off_reason is OffReason.GONE
        assert kept.switch_on(subscription.id)
        assert not kept.switch_on(subscription.id)
        assert outbox.put(said(3), NOW) == 1
        assert seqs(due(outbox)) == [("c1", 3)]

    def test_who_is_removed_is_forgotten_with_what_waited(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        subscription = subscribe(engine)
        outbox.put(said(1), NOW)
        (taken,) = due(outbox)
        assert StoredSubscriptions(engine).remove(subscription.id)
        assert not StoredSubscriptions(engine).remove(subscription.id)
        outbox.failed(taken, NOW, NOW, "timeout")
        outbox.delivered(taken, NOW)
        assert due(outbox, NOW + 2 * LEASE) == []


class TestOwners:
    def test_a_change_is_told_once(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        kept = StoredJournal(engine)
        subscribe(engine)
        accept(kept, "m1")
        assert outbox.changes(NOW - MINUTE, limit=9) == []
        hand_to(kept, QUEUE)
        assert outbox.changes(NOW - MINUTE, limit=9) == [OwnerChange("c1", Owner.QUEUE, NOW)]
        assert outbox.changes(NOW, limit=9) == []
        assert outbox.put(Event(EventType.OWNER_CHANGED, "c1", NOW, owner="queue"), NOW) == 1
        assert outbox.changes(NOW - MINUTE, limit=9) == []
        kept.change_owner("c1", QUEUE, Ownership(Owner.AGENT, "sara"), NOW + MINUTE)
        assert outbox.changes(NOW - MINUTE, limit=9) == [OwnerChange("c1", Owner.AGENT, NOW + MINUTE)]

    def test_conversations_of_other_channels_are_not_told(self, engine: Engine, outbox: StoredWebhookOutbox) -> None:
        kept = StoredJournal(engine)
        accept(kept, "m1", channel="telegram")
        hand_to(kept, QUEUE)
        assert outbox.changes(NOW - MINUTE, limit=9) == []


def test_an_owner_has_so_many_and_no_more(engine: Engine) -> None:
    kept = StoredSubscriptions(engine)
    made = subscribe(engine, "wh_1")
    assert not kept.add(made, at_most=1)
    assert [each.id for each in kept.list(made.owner)] == ["wh_1"]
    assert kept.list("key:nobody") == []


def test_the_salt_of_before_stays_for_a_while(engine: Engine) -> None:
    kept = StoredSubscriptions(engine)
    made = subscribe(engine)
    assert kept.rotate(made.id, "new", old_until=NOW + MINUTE)
    assert not kept.rotate("wh_9", "new", old_until=NOW + MINUTE)
    rotated = kept.get(made.id)
    assert rotated is not None
    assert (rotated.salts(NOW), rotated.salts(NOW + MINUTE)) == (("new", "salt"), ("new",))
