"""The journal on both databases: order, repeats, one answer; what a proof opened is hidden after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete

from peyk.domain.conversations import Author, Button, Entry, Ownership, Utterance
from peyk.ports.journal import Accepted, BotAnswer, Offer
from peyk.store.engine import writing
from peyk.store.journal import LONGEST_TURN, REPEAT_TTL, StoredJournal
from peyk.store.journal_rows import BUTTON_TTL
from peyk.store.tables import journal
from tests.contract.journals import BOT, HELLO, MOMENT, PROOF, QUEUE, SARA, accept, hand_to, history, owed, prove
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW

HOSTILE = [
    "'; DROP TABLE journal; --",
    'say "hi" \\ %s :name {x} $1',
    "\u202eevil\u202c \u200fسلام \u2066TS-1\u2069 می\u200cرسد",
    "👩‍👩‍👧 😀 ☠️",
    "a\nb\tc",
    "x" * 2000,
    "",
]


class TestOrder:
    def test_everything_said_is_in_order_and_as_it_was(self, kept: StoredJournal) -> None:
        custom = {"order": {"orderId": "TS-104233"}, "n": [1, 2.5, None, True]}
        said = (Utterance("سلام"), Utterance("؟", (Button("بله", "b:1"), Button("خیر", "b:2")), custom))
        assert accept(kept, "m1", "سلام").seq == 1
        assert kept.answer("c1", 1, BotAnswer(said), NOW)
        assert kept.say("c1", Utterance("an agent was asked for"), agent=None, now=NOW) == 4
        assert accept(kept, "m2", "bye").seq == 5
        assert history(kept) == [
            Entry(seq=1, author=Author.CUSTOMER, text="سلام", at=NOW, message_id="m1"),
            Entry(seq=2, author=Author.BOT, text="سلام", at=NOW, answers=1),
            Entry(seq=3, author=Author.BOT, text="؟", buttons=said[1].buttons, custom=custom, at=NOW, answers=1),
            Entry(seq=4, author=Author.SYSTEM, text="an agent was asked for", at=NOW),
            Entry(seq=5, author=Author.CUSTOMER, text="bye", at=NOW, message_id="m2"),
        ]

    def test_history_is_read_in_parts(self, kept: StoredJournal) -> None:
        for number in range(5):
            accept(kept, f"m{number}")
        assert [entry.seq for entry in history(kept, after_seq=1, limit=3)] == [2, 3, 4]
        assert history(kept, after_seq=5) == []
        assert history(kept, "c2") == []

    def test_what_is_new_comes_with_whose_it_is(self, kept: StoredJournal) -> None:
        for number in range(5):
            accept(kept, f"m{number}")
        about = kept.about("c1")

        def seqs(after_seq: int | None, back: int = 2, limit: int = 100) -> list[int]:
            found = kept.news("c1", after_seq=after_seq, back=back, now=NOW, limit=limit)
            assert found is not None
            assert found[0] == about
            assert all(entry in history(kept) for entry in found[1])
            return [entry.seq for entry in found[1]]

        assert seqs(None) == [4, 5]
        assert seqs(None, back=50) == [1, 2, 3, 4, 5]
        assert seqs(1, limit=3) == [2, 3, 4]
        assert seqs(5) == []
        assert seqs(9) == []
        assert kept.news("c2", after_seq=None, back=2, now=NOW, limit=100) is None

    def test_what_is_new_is_hidden_when_the_proof_has_ended(self, engine: Engine, kept: StoredJournal) -> None:
        accept(kept, "m1")
        prove(engine)
        assert kept.answer("c1", 1, HELLO, NOW)
        for now in (NOW, NOW + PROOF):
            found = kept.news("c1", after_seq=1, back=50, now=now, limit=100)
            assert found is not None
            assert [entry.hidden for entry in found[1]] == [now != NOW]

    def test_each_conversation_counts_for_itself(self, kept: StoredJournal) -> None:
        assert [accept(kept, "m1", here=here).seq for here in ("c1", "c2", "c1")] == [1, 1, 1]

    def test_messages_at_once_are_numbered_without_a_gap(self, processes: Callable[[int], StoredJournal]) -> None:
        def talk(index: int) -> list[int]:
            mine = processes(index)
            seqs = []
            for turn in range(3):
                seqs.append(accept(mine, f"{index}-{turn}", f"{index}").seq)
                assert accept(mine, f"{index}-{turn}").seq == seqs[-1]
                assert mine.answer("c1", seqs[-1], BotAnswer((Utterance("a"), Utterance("b"))), NOW)
                assert not mine.answer("c1", seqs[-1], HELLO, NOW)
            return seqs

        in_parallel(talk)
        said = history(processes(0))
        assert [entry.seq for entry in said] == list(range(1, 8 * 3 * 3 + 1))
        for index, entry in enumerate(said):
            if entry.answers is not None:
                asked, partner = said[entry.answers - 1], said[index + (1 if entry.text == "a" else -1)]
                assert asked.author is Author.CUSTOMER
                assert partner.answers == entry.answers
                assert entry.seq > asked.seq

    def test_numbers_go_on_when_everything_was_forgotten(self, engine: Engine, kept: StoredJournal) -> None:
        accept(kept, "m1")
        with writing(engine) as connection:
            connection.execute(delete(journal))
        assert accept(kept, "m2").seq == 2

    @pytest.mark.parametrize("text", HOSTILE)
    def test_any_text_and_any_id_is_only_that(self, kept: StoredJournal, text: str) -> None:
        first = accept(kept, text, text, here=text)
        assert kept.answer(text, first.seq, BotAnswer((Utterance(text, (Button(text, text),), {text: text}),)), NOW)
        again = accept(kept, text, text, here=text)
        (asked, answered) = history(kept, text)
        assert (asked.text, asked.message_id) == (text, text)
        assert (answered.text, answered.buttons, answered.custom) == (text, (Button(text, text),), {text: text})
        assert again.replies == (answered,)

    def test_a_null_character_does_no_harm(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        said = Utterance("a\x00b", (Button("\x00", "b:1"),), {"x": "\x00"})
        assert kept.answer("c1", 1, BotAnswer((said,), (Offer("b:1", "/a", "t\x00"),)), NOW)
        assert history(kept)[1].text == "ab"
        assert history(kept)[1].custom == said.custom


class TestRepeats:
    def test_a_message_id_is_kept_once(self, kept: StoredJournal) -> None:
        first, again = accept(kept, "m1"), accept(kept, "m1")
        assert (first.seq, first.duplicate, first.answered) == (1, False, False)
        assert (again.seq, again.duplicate, again.answered) == (1, True, False)
        assert len(history(kept)) == 1

    def test_a_message_id_is_the_conversations_own(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        assert not accept(kept, "m1", here="c2").duplicate

    def test_an_answered_message_comes_with_its_answer(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        accept(kept, "m2")
        kept.answer("c1", 2, BotAnswer((Utterance("to m2"),)), NOW)
        kept.answer("c1", 1, BotAnswer((Utterance("to m1"), Utterance("more"))), NOW)
        again = accept(kept, "m1")
        assert (again.duplicate, again.answered) == (True, True)
        assert [(entry.text, entry.answers) for entry in again.replies] == [("to m1", 1), ("more", 1)]

    def test_of_the_same_id_at_once_one_is_new(self, processes: Callable[[int], StoredJournal]) -> None:
        results = in_parallel(lambda index: accept(processes(index), "m1", f"text {index}"))
        assert sorted(result.duplicate for result in results if isinstance(result, Accepted)) == [False] + [True] * 7
        assert {result.seq for result in results if isinstance(result, Accepted)} == {1}
        assert len(history(processes(0))) == 1
        assert accept(processes(0), "m2").seq == 2

    def test_an_answer_is_repeated_for_a_day(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        kept.answer("c1", 1, HELLO, NOW)
        assert accept(kept, "m1", after=REPEAT_TTL - MOMENT).answered
        anew = accept(kept, "m1", after=REPEAT_TTL)
        assert (anew.seq, anew.duplicate, anew.answered) == (3, False, False)
        assert accept(kept, "m1", after=REPEAT_TTL).seq == 3
        assert [entry.message_id for entry in history(kept)] == [None, None, "m1"]

    def test_after_a_day_one_of_several_at_once_is_new(self, processes: Callable[[int], StoredJournal]) -> None:
        accept(processes(0), "m1")
        processes(0).answer("c1", 1, HELLO, NOW)
        results = in_parallel(lambda index: accept(processes(index), "m1", after=REPEAT_TTL))
        assert sorted(result.duplicate for result in results if isinstance(result, Accepted)) == [False] + [True] * 7
        assert [entry.seq for entry in history(processes(0))] == [1, 2, 3]

    def test_what_is_not_repeatable_is_answered_anew(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        kept.answer("c1", 1, BotAnswer((Utterance("wait a minute"),), repeatable=False), NOW)
        assert owed(kept) == []
        assert not accept(kept, "m1").duplicate
        assert owed(kept) == ["m1"]

    def test_the_language_stays_until_it_changes(self, kept: StoredJournal) -> None:
        said = [accept(kept, f"m{i}", language=each).language for i, each in enumerate([None, "en", None, "fa", None])]
        assert said == [None, "en", "en", "fa", "fa"]
        assert accept(kept, "m9", here="c2").language is None


class TestAnswers:
    def test_a_message_is_answered_once(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        assert kept.answer("c1", 1, HELLO, NOW)
        assert not kept.answer("c1", 1, BotAnswer((Utterance("again"),)), NOW)
        assert [entry.text for entry in history(kept)] == ["where is it?", "سلام"]

    def test_of_answers_at_once_one_is_kept(self, processes: Callable[[int], StoredJournal]) -> None:
        accept(processes(0), "m1")
        given = in_parallel(lambda index: processes(index).answer("c1", 1, BotAnswer((Utterance(str(index)),)), NOW))
        (answered,) = accept(processes(0), "m1").replies
        assert given.count(True) == 1
        assert answered.text == str(given.index(True))
        assert accept(processes(0), "m2").seq == 3

    @pytest.mark.parametrize("owners", [(QUEUE,), (QUEUE, SARA), (QUEUE, SARA, BOT), (QUEUE, BOT)])
    def test_the_bot_is_silent_when_it_has_lost_the_conversation(
        self, kept: StoredJournal, owners: tuple[Ownership, ...]
    ) -> None:
        accept(kept, "m1")
        hand_to(kept, *owners)
        assert not kept.answer("c1", 1, BotAnswer((Utterance("late"),), (Offer("b:1", "/a", "a"),)), NOW)
        assert len(history(kept)) == 1
        assert accept(kept, "m2", token="b:1").payload is None
        assert accept(kept, "m3").seq == 3

    def test_bot_and_agent_never_both(self, processes: Callable[[int], StoredJournal]) -> None:
        for turn in range(5):
            here = f"c{turn}"
            accept(processes(0), "m1", here=here)

            def race(index: int, here: str = here) -> bool:
                mine = processes(index)
                if index % 2:
                    return mine.answer(here, 1, HELLO, NOW)
                return mine.change_owner(here, BOT, QUEUE, NOW)

            results = in_parallel(race)
            assert results[::2].count(True) == 1
            # Answered before it was handed over, or left to people: never answered after.
            assert len(history(processes(0), here)) == 1 + results[1::2].count(True) <= 2

    def test_what_there_is_not_cannot_be_answered(self, kept: StoredJournal) -> None:
        assert not kept.answer("nobody", 1, HELLO, NOW)
        accept(kept, "m1")
        assert not kept.answer("c1", 2, HELLO, NOW)
        kept.answer("c1", 1, HELLO, NOW)
        assert not kept.answer("c1", 2, HELLO, NOW)

    def test_what_cannot_be_kept_whole_is_not_kept(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        accept(kept, "m1", here="c2")
        kept.answer("c1", 1, BotAnswer((Utterance("?"),), (Offer("b:1", "/a", "a"),)), NOW)
        with pytest.raises(Exception, match="button_tokens"):
            kept.answer("c2", 1, BotAnswer((Utterance("?"),), (Offer("b:1", "/b", "b"),)), NOW)
        assert len(history(kept, "c2")) == 1
        assert kept.answer("c2", 1, HELLO, NOW)


class TestButtons:
    OFFERS = (Offer("b:1", '/track_order{"order_id": "TS-104233"}', "سفارش من"), Offer("b:2", "/stop", "بس"))

    @pytest.fixture(autouse=True)
    def _offered(self, kept: StoredJournal) -> None:
        accept(kept, "m1")
        kept.answer("c1", 1, BotAnswer((Utterance("?"),), self.OFFERS), NOW)

    def test_a_tapped_button_is_told_by_its_title(self, kept: StoredJournal) -> None:
        assert accept(kept, "m2", token="b:1").payload == self.OFFERS[0].payload
        assert accept(kept, "m2", token="b:1").payload == self.OFFERS[0].payload
        assert history(kept)[-1].text == "سفارش من"
        (waiting,) = kept.unanswered("rest", before=NOW + MOMENT, limit=9)
        assert waiting.token == "b:1"

    def test_it_works_in_its_own_conversation_until_it_expires(self, kept: StoredJournal) -> None:
        assert accept(kept, "m2", token="b:1", here="c2").payload is None
        assert accept(kept, "m3", token="b:3").payload is None
        assert accept(kept, "m4", token="b:2", after=BUTTON_TTL - MOMENT).payload == "/stop"
        assert accept(kept, "m5", token="b:2", after=BUTTON_TTL).payload is None
        assert history(kept)[-1].text is None


class TestProofs:
    """What was said under a proof is shown, and repeated, no longer than the proof lasts."""

    def test_it_is_hidden_when_the_proof_ends(self, engine: Engine, kept: StoredJournal) -> None:
        accept(kept, "m1")
        prove(engine)
        kept.answer("c1", 1, BotAnswer((Utterance("your address", (Button("a", "b:1"),), {"order": 1}),)), NOW)
        accept(kept, "m2", "my address")
        kept.say("c1", Utterance("noted"), agent=None, now=NOW)
        before, after = history(kept, after=PROOF - MOMENT), history(kept, after=PROOF)
        assert [entry.text for entry in before] == ["where is it?", "your address", "my address", "noted"]
        assert [entry.hidden for entry in before] == [False] * 4
        # What people and the system say waits for the customer.
        assert [entry.hidden for entry in after] == [False, True, True, False]
        assert {(entry.text, entry.buttons, str(entry.custom)) for entry in after[1:3]} == {(None, (), "{}")}
        assert [(e.seq, e.author, e.answers) for e in after] == [(e.seq, e.author, e.answers) for e in before]

    def test_a_new_proof_does_not_open_what_an_old_one_did(self, engine: Engine, kept: StoredJournal) -> None:
        prove(engine)
        accept(kept, "m1")
        kept.answer("c1", 1, HELLO, NOW)
        prove(engine, 2 * PROOF)
        assert all(entry.hidden for entry in history(kept, after=PROOF))

    def test_an_answer_is_repeated_until_the_proof_ends(self, engine: Engine, kept: StoredJournal) -> None:
        accept(kept, "m1")
        prove(engine)
        kept.answer("c1", 1, HELLO, NOW)
        assert accept(kept, "m1", after=PROOF - MOMENT).replies[0].text == "سلام"
        assert not accept(kept, "m1", after=PROOF).duplicate

    def test_a_proof_that_ended_during_the_turn_counts(self, engine: Engine, kept: StoredJournal) -> None:
        prove(engine)
        for number, late in enumerate((timedelta(), LONGEST_TURN - MOMENT)):
            seq = accept(kept, f"m{number}", after=PROOF + late).seq
            assert kept.answer("c1", seq, HELLO, NOW + PROOF + late)
            assert not accept(kept, f"m{number}", after=PROOF + late).answered
        asked, answered, *_ = history(kept, after=PROOF + LONGEST_TURN)
        assert (asked.hidden, answered.hidden) == (False, True)

    def test_an_older_one_does_not(self, engine: Engine, kept: StoredJournal) -> None:
        prove(engine)
        later = PROOF + LONGEST_TURN
        accept(kept, "m1", after=later)
        kept.answer("c1", 1, HELLO, NOW + later)
        assert accept(kept, "m1", after=later + REPEAT_TTL - MOMENT).answered
        assert not any(entry.hidden for entry in history(kept, after=later + REPEAT_TTL))

    def test_a_longer_proof_does_not_make_a_day_longer(self, engine: Engine, kept: StoredJournal) -> None:
        prove(engine, 2 * REPEAT_TTL)
        accept(kept, "m1")
        kept.answer("c1", 1, HELLO, NOW)
        assert not accept(kept, "m1", after=REPEAT_TTL).answered

    def test_the_proof_of_another_conversation_hides_nothing(self, engine: Engine, kept: StoredJournal) -> None:
        prove(engine, here="c2")
        accept(kept, "m1")
        kept.answer("c1", 1, HELLO, NOW)
        assert not any(entry.hidden for entry in history(kept, after=2 * PROOF))

    def test_a_button_tapped_after_the_proof_does_not_tell_its_title(self, engine: Engine, kept: StoredJournal) -> None:
        prove(engine)
        accept(kept, "m1")
        kept.answer("c1", 1, BotAnswer((Utterance("?"),), (Offer("b:1", "/a", "headphones"),)), NOW)
        assert accept(kept, "m2", token="b:1", after=PROOF).payload == "/a"
        prove(engine, 2 * PROOF)
        accept(kept, "m3", token="b:1", after=PROOF)
        assert [entry.hidden for entry in history(kept, after=PROOF)[-2:]] == [True, True]
        assert history(kept, after=PROOF)[-1].text is None
