"""What people and the system say, what a hand-over does, and what waits to be pushed; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.domain.conversations import Author, Button, Owner, Ownership, Utterance
from peyk.ports.journal import BotAnswer, CustomerMessage, Journal, Offer
from tests.contract.journals import (
    BOT,
    HELLO,
    MOMENT,
    PROOF,
    QUEUE,
    REZA,
    SARA,
    accept,
    hand_to,
    history,
    owed,
    prove,
)
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW

HAND_OVER = BotAnswer((Utterance("a person will answer"),), hand_over=True)
WELCOME = Utterance("welcome back", (Button("start", "b:0123456789abcdef"),))
START = Offer("b:0123456789abcdef", "/start", "start")


def say(kept: Journal, text: str, agent: str | None = "sara", message_id: str | None = None) -> int | None:
    return kept.say("c1", Utterance(text), agent=agent, now=NOW, message_id=message_id)


def to_push(kept: Journal, channel: str = "rest", after: timedelta = timedelta()) -> list[str | None]:
    return [each.entry.text for each in kept.to_push(channel, now=NOW + after, limit=100)]


class TestHandOver:
    def test_the_sentence_and_the_change_are_one(self, kept: Journal) -> None:
        seq = accept(kept, "m1").seq
        assert kept.answer("c1", seq, HAND_OVER, NOW)
        assert kept.owner("c1") == QUEUE
        assert [entry.text for entry in history(kept)] == ["where is it?", "a person will answer"]

    def test_what_else_the_bot_owes_is_left_to_people(self, kept: Journal) -> None:
        first, second = accept(kept, "m1").seq, accept(kept, "m2").seq
        kept.answer("c1", first, HAND_OVER, NOW)
        assert owed(kept) == []
        hand_to(kept, BOT)
        assert not kept.answer("c1", second, HELLO, NOW)

    def test_a_conversation_the_bot_has_lost_is_not_handed_over(self, kept: Journal) -> None:
        seq = accept(kept, "m1").seq
        hand_to(kept, QUEUE, SARA)
        assert not kept.answer("c1", seq, HAND_OVER, NOW)
        assert kept.owner("c1") == SARA

    def test_where_the_customer_stands_is_seen_after_a_proof_has_ended(self, kept: Journal, engine: Engine) -> None:
        prove(engine)
        stands = Utterance("you are number 2", (Button("back", "b:1"),))
        answer = BotAnswer((Utterance("your address …"), stands), hand_over=True)
        kept.answer("c1", accept(kept, "m1").seq, answer, NOW)
        late = history(kept, after=PROOF + MOMENT)
        assert [(entry.text, entry.buttons) for entry in late] == [
            (None, ()),
            (None, ()),
            ("you are number 2", (Button("back", "b:1"),)),
        ]

    def test_its_sentence_is_given_again_to_a_repeat(self, kept: Journal) -> None:
        kept.answer("c1", accept(kept, "m1").seq, HAND_OVER, NOW)
        again = accept(kept, "m1")
        assert again.owner is Owner.QUEUE
        assert [entry.text for entry in again.replies] == ["a person will answer"]

    def test_the_system_may_answer_in_the_bots_place(self, kept: Journal) -> None:
        answer = BotAnswer((Utterance("the assistant is away"),), hand_over=True, author=Author.SYSTEM)
        kept.answer("c1", accept(kept, "m1").seq, answer, NOW)
        assert history(kept)[-1].author is Author.SYSTEM

    def test_a_change_of_owner_is_said_in_the_same_step(self, kept: Journal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE)
        assert kept.change_owner("c1", QUEUE, BOT, NOW, saying=WELCOME, offers=(START,))
        assert history(kept)[-1].text == "welcome back"
        assert accept(kept, "m2", token=START.token).payload == "/start"

    def test_who_comes_too_late_says_nothing(self, kept: Journal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE, SARA)
        assert not kept.change_owner("c1", QUEUE, BOT, NOW, saying=WELCOME)
        assert len(history(kept)) == 1

    def test_of_several_changes_at_once_one_is_said(self, kept: Journal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE)
        news = (SARA, REZA, BOT)
        done = in_parallel(lambda i: kept.change_owner("c1", QUEUE, news[i], NOW, saying=WELCOME), 3)
        assert sorted(map(bool, done)) == [False, False, True]
        assert [entry.seq for entry in history(kept)] == [1, 2]


class TestSaidOnce:
    def test_the_same_id_says_it_once(self, kept: Journal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE, SARA)
        assert say(kept, "hello", message_id="x") == say(kept, "hello", message_id="x") == 2
        assert say(kept, "hello", message_id="y") == 3
        assert [entry.seq for entry in history(kept)] == [1, 2, 3]

    def test_even_when_sent_side_by_side(self, kept: Journal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE, SARA)
        assert set(in_parallel(lambda _: say(kept, "hello", message_id="x"), 4)) == {2}
        assert len(history(kept)) == 2

    def test_a_customers_id_is_another(self, kept: Journal) -> None:
        accept(kept, "x")
        hand_to(kept, QUEUE, SARA)
        assert say(kept, "hello", message_id="x") == 2
        assert accept(kept, "x").seq == 1

    def test_once_said_it_is_said_also_for_who_has_lost_the_conversation(self, kept: Journal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE, SARA)
        say(kept, "hello", message_id="x")
        hand_to(kept, REZA)
        assert say(kept, "hello", message_id="x") == 2
        assert say(kept, "more", message_id="z") is None

    def test_buttons_of_the_system_work(self, kept: Journal) -> None:
        accept(kept, "m1")
        kept.say("c1", WELCOME, agent=None, now=NOW, offers=(START,))
        assert accept(kept, "m2", token=START.token).payload == "/start"


class TestPush:
    def test_what_people_and_the_system_say_waits_until_it_is_pushed(self, kept: Journal) -> None:
        kept.answer("c1", accept(kept, "m1").seq, HAND_OVER, NOW)
        hand_to(kept, SARA)
        first = say(kept, "hello")
        say(kept, "still there?", agent=None)
        assert to_push(kept) == ["hello", "still there?"]
        assert first is not None
        kept.pushed("c1", first)
        assert to_push(kept) == ["still there?"]

    def test_another_channels_are_not_pushed_here(self, kept: Journal) -> None:
        accept(kept, "m1", channel="telegram")
        say(kept, "hello", agent=None)
        assert to_push(kept) == []
        assert to_push(kept, "telegram") == ["hello"]

    def test_the_sentence_of_a_change_is_pushed_too(self, kept: Journal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE)
        kept.change_owner("c1", QUEUE, BOT, NOW, saying=WELCOME)
        assert to_push(kept) == ["welcome back"]

    def test_what_answers_the_customer_goes_out_as_the_answer(self, kept: Journal) -> None:
        accept(kept, "m1")
        hand_to(kept, QUEUE)
        kept.say("c1", Utterance("a colleague comes"), agent=None, now=NOW, answering=True)
        kept.change_owner("c1", QUEUE, BOT, NOW, saying=WELCOME, answering=True)
        assert to_push(kept) == []
        assert [entry.text for entry in kept.entries("c1", after_seq=1, now=NOW, limit=9)] == [
            "a colleague comes",
            "welcome back",
        ]

    def test_whoever_reads_it_by_themselves_is_brought_nothing(self, kept: Journal) -> None:
        accept(kept, "m1", channel="webchat")
        say(kept, "hello", agent=None)
        assert to_push(kept, "webchat") == []

    @pytest.mark.parametrize("agent", ["sara", None])
    def test_people_and_the_system_are_heard_after_a_proof_has_ended(
        self, kept: Journal, engine: Engine, agent: str | None
    ) -> None:
        prove(engine)
        accept(kept, "m1")
        hand_to(kept, QUEUE, SARA)
        say(kept, "it is on its way", agent)
        assert to_push(kept, after=PROOF + MOMENT) == ["it is on its way"]
        (said,) = history(kept, after=PROOF + MOMENT, after_seq=1)
        assert (said.text, said.hidden, said.agent) == ("it is on its way", False, agent)


class TestReading:
    def test_people_see_what_is_hidden_from_the_customer(self, kept: Journal, engine: Engine) -> None:
        prove(engine)
        accept(kept, "m1")
        late = NOW + PROOF + MOMENT
        (customers,) = kept.entries("c1", after_seq=0, now=late, limit=9)
        (peoples,) = kept.entries("c1", after_seq=0, now=late, limit=9, for_people=True)
        assert (customers.text, customers.hidden) == (None, True)
        assert (peoples.text, peoples.hidden) == ("where is it?", False)

    def test_what_is_known_of_a_conversation(self, kept: Journal) -> None:
        assert kept.about("c1") is None
        accept(kept, "m1", channel="telegram", language="fa")
        hand_to(kept, QUEUE, SARA)
        about = kept.about("c1")
        assert about is not None
        assert (about.channel, about.language, about.last_seq, about.created_at) == ("telegram", "fa", 1, NOW)
        assert about.ownership == Ownership(Owner.AGENT, "sara")

    def test_last_numbers_and_numbers_of_ids(self, kept: Journal) -> None:
        accept(kept, "m1")
        accept(kept, "m2")
        accept(kept, "m1", here="c2")
        assert kept.last_seqs(["c1", "c2", "c3"]) == {"c1": 2, "c2": 1}
        assert kept.seqs_of("c1", ["m2", "m3"]) == {"m2": 2}
        assert kept.seqs_of("c3", ["m2"]) == {}

    @pytest.mark.parametrize("text", [None, "look"])
    def test_files_stand_beside_the_text(self, kept: Journal, text: str | None) -> None:
        files = {"files": [{"id": "f1", "name": "box.jpg", "type": "image/jpeg", "size": 10}]}
        message = CustomerMessage("m1", text, custom=files)
        kept.accept("c1", "rest", message, language=None, now=NOW)
        (entry,) = history(kept)
        assert (entry.text, entry.custom) == (text, files)
