"""Hand-offs kept, on both databases: one open a conversation, and always in agreement with who has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete

from peyk.domain.conversations import Owner, Ownership, Utterance
from peyk.domain.handoff import Handoff, HandoffReason, HandoffRequest, Packet
from peyk.domain.queues import Priority, Queue
from peyk.ports.journal import BotAnswer
from peyk.store.engine import writing
from peyk.store.handoff import StoredHandoffs, StoredTicks
from peyk.store.journal import StoredJournal
from peyk.store.prune import ENTRY_TTL, prune
from peyk.store.tables import conversations
from tests.contract.journals import BOT, HELLO, QUEUE, REZA, SARA, accept, hand_to, history
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW

MINUTE = timedelta(minutes=1)
NEVER = NOW - timedelta(days=1)
PACKET = Packet(
    wanted="یک نفر لطفاً",
    reason=HandoffReason.LEVEL3,
    language="fa",
    channel="rest",
    order={"orderId": "TS-1", "status": "late"},
    level=2,
    mobile="0912***67",
    tried=("action_track_order",),
    words=("سلام", "یک نفر لطفاً"),
)


@pytest.fixture
def kept_handoffs(engine: Engine) -> StoredHandoffs:
    return StoredHandoffs(engine)


def request(here: str = "c1", **changes: object) -> HandoffRequest:
    plain = HandoffRequest(here, HandoffReason.LEVEL3, Queue.L2, Priority.TOPIC, PACKET, "PK-1001")
    return replace(plain, **changes)  # type: ignore[arg-type]


def begun(kept: StoredJournal, handoffs: StoredHandoffs, here: str = "c1", **changes: object) -> Handoff:
    """Prepare a hand-off and give the conversation to the queue."""
    after = timedelta(minutes=int(str(changes.pop("after", 0))))
    accepted = accept(kept, f"m-{here}", here=here)
    made = handoffs.prepare(request(here, **changes), NOW + after)
    assert made is not None
    assert kept.answer(here, accepted.seq, replace(HELLO, hand_over=True), NOW + after)
    return made


class TestPrepare:
    def test_all_of_it_is_kept(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        accept(kept, "m1")
        made = kept_handoffs.prepare(request(), NOW)
        assert made == kept_handoffs.current("c1")
        assert made is not None
        assert (made.reason, made.queue, made.priority) == (HandoffReason.LEVEL3, Queue.L2, Priority.TOPIC)
        assert (made.packet, made.ticket_number, made.requested_at) == (PACKET, "PK-1001", NOW)
        assert (made.taken_at, made.closed_at, made.csat) == (None, None, None)

    def test_a_conversation_nobody_knows(self, kept_handoffs: StoredHandoffs) -> None:
        assert kept_handoffs.prepare(request("nobody"), NOW) is None
        assert kept_handoffs.current("nobody") is None

    def test_while_the_bot_has_it_the_newest_reason_counts(
        self, kept: StoredJournal, kept_handoffs: StoredHandoffs
    ) -> None:
        accept(kept, "m1")
        first = kept_handoffs.prepare(request(), NOW)
        again = kept_handoffs.prepare(request(reason=HandoffReason.ASKED, queue=Queue.L1), NOW + MINUTE)
        assert first is not None
        assert again is not None
        assert (again.id, again.reason, again.requested_at) == (first.id, HandoffReason.ASKED, NOW + MINUTE)

    def test_while_people_have_it_nothing_changes(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        first = begun(kept, kept_handoffs)
        assert kept_handoffs.prepare(request(reason=HandoffReason.ASKED), NOW + MINUTE) == first

    def test_the_next_one_after_the_bot_has_it_back_is_another(
        self, kept: StoredJournal, kept_handoffs: StoredHandoffs
    ) -> None:
        first = begun(kept, kept_handoffs)
        kept_handoffs.taken("c1", "sara", NOW)
        # The process died between the change of hands and the closing of the hand-off.
        hand_to(kept, SARA, BOT)
        again = kept_handoffs.prepare(request(), NOW + MINUTE)
        assert again is not None
        assert again.id != first.id
        assert again.taken_at is None

    def test_at_once_it_is_one(self, processes: Callable[[int], StoredJournal], engine: Engine) -> None:
        accept(processes(0), "m1")
        made = in_parallel(lambda _: StoredHandoffs(engine).prepare(request(), NOW))
        assert len({each.id for each in made if isinstance(each, Handoff)}) == 1
        assert len(made) == 8


class TestAtOnce:
    """Who has the conversation is decided once, whoever asks at the same moment."""

    def test_two_take_it(self, processes: Callable[[int], StoredJournal], engine: Engine) -> None:
        begun(processes(0), StoredHandoffs(engine))
        agents = [Ownership(Owner.AGENT, f"a{index}") for index in range(8)]
        joined = Utterance("here")
        results = in_parallel(
            lambda index: processes(index).change_owner("c1", QUEUE, agents[index], NOW, saying=joined)
        )
        assert results.count(True) == 1
        assert processes(0).owner("c1") == agents[results.index(True)]
        assert len([entry for entry in history(processes(0)) if entry.text == "here"]) == 1

    def test_one_takes_it_while_the_customer_goes_back(
        self, processes: Callable[[int], StoredJournal], engine: Engine
    ) -> None:
        begun(processes(0), StoredHandoffs(engine))
        wanted = [SARA, BOT] * 4
        said = [Utterance(str(each.owner)) for each in wanted]
        results = in_parallel(
            lambda index: processes(index).change_owner("c1", QUEUE, wanted[index], NOW, saying=said[index])
        )
        assert results.count(True) == 1
        winner = wanted[results.index(True)]
        assert processes(0).owner("c1") == winner
        assert [entry.text for entry in history(processes(0))][2:] == [str(winner.owner)]

    def test_an_answer_and_a_hand_over_of_the_same_message(
        self, processes: Callable[[int], StoredJournal], engine: Engine
    ) -> None:
        accepted = accept(processes(0), "m1")
        StoredHandoffs(engine).prepare(request(), NOW)
        answers = [BotAnswer((Utterance(f"{index}"),), hand_over=index % 2 == 0) for index in range(8)]
        results = in_parallel(lambda index: processes(index).answer("c1", accepted.seq, answers[index], NOW))
        assert results.count(True) == 1
        winner = results.index(True)
        assert [entry.text for entry in history(processes(0))][1:] == [str(winner)]
        assert processes(0).owner("c1") == (QUEUE if winner % 2 == 0 else BOT)

    def test_a_tick_is_claimed_once(self, engine: Engine) -> None:
        claims = in_parallel(lambda _: StoredTicks(engine).claim("handoff", NOW, NOW + MINUTE))
        assert claims.count(True) == 1
        assert not StoredTicks(engine).claim("handoff", NOW + MINUTE / 2, NOW + 2 * MINUTE)
        assert StoredTicks(engine).claim("other", NOW, NOW + MINUTE)
        assert StoredTicks(engine).claim("handoff", NOW + MINUTE, NOW + 2 * MINUTE)

    def test_what_is_mended_at_once_is_mended_once(self, kept: StoredJournal, engine: Engine) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE)
        mended = in_parallel(lambda _: StoredHandoffs(engine).reconcile(NOW, unused_before=NEVER))
        assert sum(each for each in mended if isinstance(each, int)) == 1
        assert len(StoredHandoffs(engine).cases()) == 1


class TestCases:
    def test_what_is_unread(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        begun(kept, kept_handoffs)

        def case() -> tuple[Ownership, int, object]:
            (only,) = kept_handoffs.cases()
            return only.ownership, only.unread, only.waits_since

        assert case() == (QUEUE, 0, NOW)
        accept(kept, "w1", after=MINUTE)
        accept(kept, "w2", after=2 * MINUTE)
        assert case() == (QUEUE, 2, NOW)
        kept.change_owner("c1", QUEUE, SARA, NOW + 3 * MINUTE)
        assert case() == (SARA, 2, NOW + 3 * MINUTE)
        kept.say("c1", Utterance("hello"), agent="sara", now=NOW + 4 * MINUTE)
        assert case() == (SARA, 0, None)
        accept(kept, "w3", after=5 * MINUTE)
        accept(kept, "w4", after=6 * MINUTE)
        assert case() == (SARA, 2, NOW + 5 * MINUTE)
        # A colleague who takes it over has the time they need.
        kept.change_owner("c1", SARA, REZA, NOW + 9 * MINUTE)
        assert case() == (REZA, 2, NOW + 9 * MINUTE)

    def test_each_conversation_counts_its_own(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        begun(kept, kept_handoffs)
        begun(kept, kept_handoffs, "c2")
        accept(kept, "w1", here="c2", after=MINUTE)
        assert {case.handoff.conversation_id: case.unread for case in kept_handoffs.cases()} == {"c1": 0, "c2": 1}


class TestPlaces:
    def test_those_in_front(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        first = begun(kept, kept_handoffs, "c1", priority=Priority.NORMAL)
        vip = begun(kept, kept_handoffs, "c2", priority=Priority.VIP, after=1)
        critical = begun(kept, kept_handoffs, "c3", priority=Priority.CRITICAL, after=2)
        topic = begun(kept, kept_handoffs, "c4", priority=Priority.TOPIC, after=3)
        begun(kept, kept_handoffs, "c5", queue=Queue.VIP, priority=Priority.CRITICAL)

        def ahead(handoff: Handoff) -> list[str]:
            return sorted(each.conversation_id for each in kept_handoffs.ahead_of(handoff))

        assert (ahead(critical), ahead(vip)) == ([], ["c3"])
        # A topic does not overtake who waits longer.
        assert (ahead(first), ahead(topic)) == (["c2", "c3"], ["c1", "c2", "c3"])
        kept.change_owner("c3", QUEUE, SARA, NOW)
        assert ahead(vip) == []

    def test_what_is_only_prepared_is_in_nobodys_way(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        accept(kept, "m2", here="c2")
        kept_handoffs.prepare(request("c2"), NOW)
        assert kept_handoffs.ahead_of(begun(kept, kept_handoffs, after=1)) == []

    def test_waits(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        for number in range(3):
            here = f"c{number}"
            begun(kept, kept_handoffs, here)
            kept_handoffs.taken(here, "sara", NOW + number * MINUTE)
            # Taken over by a colleague: the customer waited for the first.
            kept_handoffs.taken(here, "reza", NOW + 30 * MINUTE)
        assert kept_handoffs.recent_waits(Queue.L2, NOW + MINUTE, 9) == [
            (NOW, NOW + 2 * MINUTE),
            (NOW, NOW + MINUTE),
        ]
        assert kept_handoffs.recent_waits(Queue.L2, NOW, 1) == [(NOW, NOW + 2 * MINUTE)]
        assert kept_handoffs.recent_waits(Queue.L1, NOW, 9) == []


class TestReconcile:
    def test_whole_ones_are_left(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        begun(kept, kept_handoffs)
        assert kept_handoffs.reconcile(NOW, unused_before=NEVER) == 1
        assert kept_handoffs.reconcile(NOW, unused_before=NEVER) == 0
        hand_to(kept, SARA)
        kept_handoffs.taken("c1", "sara", NOW)
        accept(kept, "m2", here="c2")
        kept_handoffs.prepare(request("c2"), NOW)
        assert kept_handoffs.reconcile(NOW, unused_before=NOW) == 0

    def test_who_has_taken_it_is_noted(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        begun(kept, kept_handoffs)
        kept.change_owner("c1", QUEUE, SARA, NOW + MINUTE)
        assert kept_handoffs.reconcile(NOW + 9 * MINUTE, unused_before=NEVER) == 1
        noted = kept_handoffs.current("c1")
        assert noted is not None
        assert (noted.agent, noted.taken_at) == ("sara", NOW + MINUTE)

    def test_what_the_bot_has_back_is_closed(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        begun(kept, kept_handoffs)
        kept_handoffs.taken("c1", "sara", NOW)
        hand_to(kept, SARA)
        assert not kept_handoffs.close("c1", NOW)
        hand_to(kept, BOT)
        assert kept_handoffs.reconcile(NOW + MINUTE, unused_before=NEVER) == 1
        closed = kept_handoffs.current("c1")
        assert closed is not None
        assert closed.closed_at == NOW + MINUTE
        assert not kept_handoffs.close("c1", NOW)

    def test_of_what_nothing_was_noted_it_is_still_known_that_it_was(
        self, kept: StoredJournal, kept_handoffs: StoredHandoffs
    ) -> None:
        accept(kept, "m1")
        kept_handoffs.prepare(request(), NOW)
        for step, (before, after) in enumerate(((BOT, QUEUE), (QUEUE, SARA), (SARA, BOT)), 1):
            assert kept.change_owner("c1", before, after, NOW + step * MINUTE)
        assert kept_handoffs.reconcile(NOW + 9 * MINUTE, unused_before=NEVER) == 1
        assert kept_handoffs.cases() == []
        # Rasa has to be told, as after any other.
        assert kept_handoffs.unsettled("c1")

    def test_what_never_came_to_be_is_closed(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        accept(kept, "m1")
        kept_handoffs.prepare(request(), NOW)
        assert kept_handoffs.reconcile(NOW + MINUTE, unused_before=NOW) == 0
        assert kept_handoffs.reconcile(NOW + MINUTE, unused_before=NOW + MINUTE / 2) == 1
        assert kept_handoffs.cases() == []

    def test_people_never_have_one_without(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        accept(kept, "m1", language="en")
        hand_to(kept, QUEUE, SARA)
        assert kept_handoffs.reconcile(NOW, unused_before=NEVER) == 1
        (case,) = kept_handoffs.cases()
        assert (case.handoff.reason, case.handoff.packet.language) == (HandoffReason.ASKED, "en")


class TestTheRest:
    def test_rasa_is_told_once(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        accept(kept, "m1")
        assert not kept_handoffs.unsettled("c1")
        begun(kept, kept_handoffs)
        hand_to(kept, BOT)
        kept_handoffs.close("c1", NOW)
        assert kept_handoffs.unsettled("c1")
        kept_handoffs.settled("c1", NOW)
        assert not kept_handoffs.unsettled("c1")

    def test_only_the_customer_of_it_rates_it(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        made = begun(kept, kept_handoffs)
        assert not kept_handoffs.rate("c2", made.id, 5)
        assert kept_handoffs.rate("c1", made.id, 5)
        assert kept_handoffs.rate("c1", made.id, 2)
        rated = kept_handoffs.current("c1")
        assert rated is not None
        assert rated.csat == 2

    def test_notes(self, kept: StoredJournal, kept_handoffs: StoredHandoffs) -> None:
        kept_handoffs.add_note("nobody", "sara", "?", NOW)
        accept(kept, "m1")
        kept_handoffs.add_note("c1", "sara", "نشانی را تأیید کرد\x00", NOW)
        kept_handoffs.add_note("c1", "reza", "done", NOW)
        assert [(each.agent, each.text) for each in kept_handoffs.notes("c1")] == [
            ("sara", "نشانی را تأیید کرد"),
            ("reza", "done"),
        ]
        assert kept_handoffs.notes("nobody") == []

    def test_what_was_said_is_forgotten_with_the_journal(
        self, engine: Engine, kept: StoredJournal, kept_handoffs: StoredHandoffs
    ) -> None:
        begun(kept, kept_handoffs)
        kept_handoffs.summarise("c1", "all is well")
        kept_handoffs.add_note("c1", "sara", "note", NOW)
        prune(engine, NOW + ENTRY_TTL)
        open_one = kept_handoffs.current("c1")
        assert open_one is not None
        assert open_one.packet == PACKET
        hand_to(kept, BOT)
        kept_handoffs.close("c1", NOW)
        prune(engine, NOW + ENTRY_TTL)
        closed = kept_handoffs.current("c1")
        assert closed is not None
        assert (closed.packet, closed.summary, closed.queue) == (Packet(), None, Queue.L2)
        assert kept_handoffs.notes("c1") == []

    def test_it_goes_with_its_conversation(
        self, engine: Engine, kept: StoredJournal, kept_handoffs: StoredHandoffs
    ) -> None:
        begun(kept, kept_handoffs)
        kept_handoffs.add_note("c1", "sara", "note", NOW)
        with writing(engine) as connection:
            connection.execute(delete(conversations))
        assert kept_handoffs.current("c1") is None
        assert kept_handoffs.cases() == []
