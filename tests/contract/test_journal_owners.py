"""Who has a conversation, what the bot owes, and what is forgotten, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, func, select, update

from peyk.domain.conversations import Author, Owner, Ownership, Utterance
from peyk.ports.journal import BotAnswer, Offer
from peyk.store.engine import reading, writing
from peyk.store.journal import StoredJournal
from peyk.store.prune import CONVERSATION_TTL, ENTRY_TTL, prune
from peyk.store.tables import conversations
from tests.contract.journals import BOT, HELLO, MOMENT, PROOF, QUEUE, REZA, SARA, accept, hand_to, history, owed, prove
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW


class TestOwners:
    def test_nobody_else_has_a_new_conversation(self, kept: StoredJournal) -> None:
        assert kept.owner("nobody") == BOT
        assert accept(kept, "m1").owner is Owner.BOT
        assert kept.owner("c1") == BOT

    def test_it_goes_from_hand_to_hand(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        for number, new in enumerate((QUEUE, SARA, REZA, QUEUE, BOT, QUEUE, SARA, BOT)):
            assert kept.change_owner("c1", kept.owner("c1"), new, NOW + timedelta(minutes=number))
            assert kept.owner("c1") == new
            assert kept.owner("c1").since == NOW + timedelta(minutes=number)
            assert accept(kept, f"a{number}").owner is new.owner

    def test_of_agents_at_once_one_takes_it(self, processes: Callable[[int], StoredJournal]) -> None:
        accept(processes(0), "m1")
        hand_to(processes(0), QUEUE)
        results = in_parallel(
            lambda index: processes(index).change_owner("c1", QUEUE, Ownership(Owner.AGENT, f"a{index}"), NOW)
        )
        assert results.count(True) == 1
        assert processes(0).owner("c1").agent == f"a{results.index(True)}"

    def test_of_transfers_at_once_one_counts(self, processes: Callable[[int], StoredJournal]) -> None:
        accept(processes(0), "m1")
        hand_to(processes(0), QUEUE, SARA)
        results = in_parallel(
            lambda index: processes(index).change_owner("c1", SARA, Ownership(Owner.AGENT, f"a{index}"), NOW)
        )
        assert results.count(True) == 1

    def test_who_does_not_have_it_cannot_give_it(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        assert not kept.change_owner("c1", QUEUE, SARA, NOW)
        assert not kept.change_owner("nobody", BOT, QUEUE, NOW)
        hand_to(kept, QUEUE, SARA)
        assert not kept.change_owner("c1", REZA, BOT, NOW)
        assert kept.owner("c1") == SARA

    def test_a_change_that_may_not_be_is_refused(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        with pytest.raises(ValueError, match="bot to agent"):
            kept.change_owner("c1", BOT, SARA, NOW)
        assert kept.owner("c1") == BOT

    def test_an_agent_speaks_while_the_conversation_is_theirs(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        for owners, heard in (((), None), ((QUEUE,), None), ((SARA,), 2), ((REZA,), None), ((BOT,), None)):
            hand_to(kept, *owners)
            assert kept.say("c1", Utterance("hello"), agent="sara", now=NOW) == heard
        assert [(entry.seq, entry.author) for entry in history(kept)] == [(1, Author.CUSTOMER), (2, Author.AGENT)]

    def test_the_system_speaks_whoever_has_it(self, kept: StoredJournal) -> None:
        assert kept.say("nobody", Utterance("?"), agent=None, now=NOW) is None
        accept(kept, "m1")
        assert kept.say("c1", Utterance("one"), agent=None, now=NOW) == 2
        hand_to(kept, QUEUE, SARA)
        assert kept.say("c1", Utterance("two"), agent=None, now=NOW) == 3


class TestUnanswered:
    def test_what_a_dead_process_left_is_found(self, engine: Engine, kept: StoredJournal) -> None:
        accept(kept, "m3", here="c2", after=timedelta(seconds=1))
        accept(kept, "m1")
        accept(kept, "m2")
        accept(kept, "m4", here="c3", channel="telegram")
        kept.answer("c1", 2, HELLO, NOW)
        risen = StoredJournal(engine)
        found = risen.unanswered("rest", before=NOW + timedelta(minutes=1), limit=9)
        assert [(each.conversation_id, each.entry.message_id, each.entry.text) for each in found] == [
            ("c1", "m1", "where is it?"),
            ("c2", "m3", "where is it?"),
        ]
        assert owed(risen, "telegram") == ["m4"]
        assert owed(risen, limit=1) == ["m1"]
        assert risen.answer("c1", 1, HELLO, NOW)
        assert owed(risen) == []

    def test_what_was_just_accepted_is_under_way(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        assert owed(kept, before=NOW) == []

    def test_what_people_have_is_not_the_bots(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE)
        accept(kept, "m2")
        hand_to(kept, SARA)
        accept(kept, "m3")
        assert owed(kept) == []
        hand_to(kept, BOT)
        assert owed(kept) == []

    def test_sent_again_it_waits_for_who_has_it_now(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE)
        assert not accept(kept, "m1").answered
        assert owed(kept) == []
        hand_to(kept, BOT)
        assert owed(kept) == []
        assert accept(kept, "m1").duplicate
        assert owed(kept) == ["m1"]
        assert kept.answer("c1", 1, HELLO, NOW)

    def test_it_is_not_hidden_from_the_bot(self, engine: Engine, kept: StoredJournal) -> None:
        prove(engine)
        accept(kept, "m1", "my order")
        (waiting,) = kept.unanswered("rest", before=NOW + 2 * PROOF, limit=9)
        assert waiting.entry.text == "my order"

    def test_an_owner_that_changed_by_hand_counts(self, engine: Engine, kept: StoredJournal) -> None:
        accept(kept, "m1")
        with writing(engine) as connection:
            connection.execute(update(conversations).values(owner="queue"))
        assert owed(kept) == []
        assert not kept.answer("c1", 1, HELLO, NOW)


class TestForgetting:
    def test_what_was_said_is_kept_for_thirty_days(self, engine: Engine, kept: StoredJournal) -> None:
        assert timedelta(days=30) == ENTRY_TTL
        accept(kept, "m1")
        accept(kept, "m2", after=timedelta(days=1))
        prune(engine, NOW + ENTRY_TTL - MOMENT)
        assert [entry.seq for entry in history(kept)] == [1, 2]
        prune(engine, NOW + ENTRY_TTL)
        assert [entry.seq for entry in history(kept)] == [2]
        assert accept(kept, "m1", after=ENTRY_TTL).seq == 3

    def test_it_goes_with_its_conversation(self, engine: Engine, kept: StoredJournal) -> None:
        accept(kept, "m1")
        accept(kept, "m1", here="c2")
        kept.answer("c1", 1, BotAnswer((Utterance("?"),), (Offer("b:1", "/a", "a"),)), NOW)
        with writing(engine) as connection:
            connection.execute(delete(conversations).where(conversations.c.id == "c1"))
        assert history(kept) == []
        assert len(history(kept, "c2")) == 1
        assert accept(kept, "m1").seq == 1

    def test_a_conversation_lives_by_what_is_said_in_it(self, engine: Engine, kept: StoredJournal) -> None:
        accept(kept, "m1")
        kept.say("c1", Utterance("still here"), agent=None, now=NOW + timedelta(days=1))
        prune(engine, NOW + CONVERSATION_TTL)
        assert _conversations(engine) == 1
        prune(engine, NOW + CONVERSATION_TTL + timedelta(days=1))
        assert _conversations(engine) == 0


def _conversations(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(conversations)).scalar_one()
