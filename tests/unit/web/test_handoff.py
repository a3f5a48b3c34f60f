"""The edge and people: exactly one party speaks, nothing is lost or doubled."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from peyk.domain.conversations import Author, Caller, Owner, Ownership
from peyk.domain.handoff import HandoffReason
from peyk.errors import Unavailable
from peyk.services.handoff_words import BACK_TO_BOT
from peyk.store.journal import StoredJournal
from peyk.web.handover import take_mark
from tests.unit.web.conftest import Edge, FakeRasa, Json, StartEdge
from tests.unit.web.test_rest import check

HANDED: list[Json] = [
    {"text": "first"},
    {
        "text": "you are next",
        "buttons": [{"title": "go on", "payload": BACK_TO_BOT}],
        "custom": {
            "hand_over": True,
            "handoff": {"state": "queued", "place": 1},
            "nextActions": [{"id": "back_to_bot", "title": "go on"}],
        },
    },
    {"text": "never shown"},
]
QUEUE = Ownership(Owner.QUEUE)


def here(rasa: FakeRasa) -> str:
    return str(rasa.requests[-1]["conversation_id"])


def texts(edge: Edge, conversation_id: str) -> list[str | None]:
    entries = edge.parts.journal.entries(conversation_id, after_seq=0, now=edge.parts.clock.now(), limit=100)
    return [entry.text for entry in entries]


def hands_over(edge: Edge, rasa: FakeRasa) -> None:
    """Let the bot answer as an action does that has prepared a hand-off."""
    edge.parts.desk.there = True

    def answer(body: Json) -> Json:
        prepared = edge.parts.handoff.prepare(Caller(body["conversation_id"]), HandoffReason.ASKED)
        assert prepared is not None
        return HANDED

    rasa.answer = answer


def _store_away(*_: object) -> bool:
    raise Unavailable("store")


def handed(edge: Edge, rasa: FakeRasa) -> tuple[str, httpx.Response]:
    """Hand ali's conversation over; return its id and the answer."""
    hands_over(edge, rasa)
    answer = edge.say("a person please", message_id="m1")
    rasa.answer = lambda body: [{"text": f"bot: {body.get('text', body.get('payload'))}"}]
    return here(rasa), answer


class TestMark:
    def test_nothing_follows_the_sentence(self) -> None:
        messages, marked = take_mark([dict(each) for each in HANDED])
        assert marked
        assert [each["text"] for each in messages] == ["first", "you are next"]
        assert "hand_over" not in messages[-1]["custom"]

    def test_without_it_everything_stays(self) -> None:
        plain: list[Json] = [{"text": "a", "custom": {"order": {}}}, {"text": "b"}]
        assert take_mark(plain) == (plain, False)
        assert take_mark([{"text": "a", "custom": {"hand_over": False}}])[1] is False

    def test_the_answer_and_the_owner_change_together(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, answer = handed(edge, rasa)
        (_, terminal) = check(answer, 200)
        assert terminal["custom"]["handoff"] == {"state": "queued", "place": 1}  # type: ignore[index]
        assert edge.parts.journal.owner(conversation) == QUEUE
        assert [each.handoff.conversation_id for each in edge.parts.handoff.waiting()] == [conversation]

    def test_a_repeat_gets_the_same_sentence(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, answer = handed(edge, rasa)
        assert edge.say("a person please", message_id="m1").json() == answer.json()
        assert texts(edge, conversation) == ["a person please", "first", "you are next"]

    def test_what_was_not_kept_has_not_happened(self, edge: Edge, rasa: FakeRasa) -> None:
        hands_over(edge, rasa)
        rasa.hold("a person please")
        waiting = edge.begin("a person please", message_id="m1")
        rasa.wait_for("a person please")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(StoredJournal, "answer", _store_away)
            rasa.release("a person please")
            check(waiting.result(), 503, "unavailable")
        assert edge.parts.journal.owner(here(rasa)) == Ownership()
        check(edge.say("a person please", message_id="m1"), 200)
        assert edge.parts.journal.owner(here(rasa)) == QUEUE
        assert len(edge.parts.handoff.waiting()) == 1


class TestWaiting:
    def test_the_bot_hears_nothing_and_nothing_is_lost(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, _ = handed(edge, rasa)
        heard = len(rasa.requests)
        for number, text in enumerate(("are you there?", "my order is TS-104233", "are you there?")):
            answer = edge.say(text, message_id=f"w{number}")
            assert (answer.status_code, answer.json()) == (200, [])
        assert edge.say("my order is TS-104233", message_id="w1").json() == []
        assert len(rasa.requests) == heard
        assert texts(edge, conversation)[3:] == ["are you there?", "my order is TS-104233", "are you there?"]
        assert edge.parts.handoff.waiting()[0].unread == 3

    def test_once_a_person_has_it_only_they_speak(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, _ = handed(edge, rasa)
        assert edge.parts.handoff.take(conversation, "sara")
        assert edge.say("hello").json() == []
        edge.parts.handoff.reply(conversation, "sara", "hello, Sara here", message_id="r1")
        assert texts(edge, conversation)[-2:] == ["hello", "hello, Sara here"]


class TestBackToBot:
    def token(self, answer: httpx.Response) -> str:
        return str(answer.json()[-1]["buttons"][0]["payload"])

    def test_the_customer_goes_on_with_the_assistant(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, answer = handed(edge, rasa)
        heard = len(rasa.requests)
        back = edge.say(self.token(answer), message_id="b1")
        (said,) = check(back, 200)
        assert said["custom"] == {"handoff": {"state": "bot"}}
        assert len(rasa.requests) == heard
        assert edge.parts.journal.owner(conversation) == Ownership()
        assert edge.say("where is it?").json()[0]["text"] == "bot: where is it?"

    def test_sent_again_it_is_said_once(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, answer = handed(edge, rasa)
        token = self.token(answer)
        first = edge.say(token, message_id="b1").json()
        for _ in range(3):
            assert edge.say(token, message_id="b1").json() == first
        assert texts(edge, conversation).count(first[0]["text"]) == 1
        assert (
            edge.parts.journal.unanswered("rest", before=edge.parts.clock.now() + timedelta(seconds=1), limit=9) == []
        )

    def test_tapped_again_it_is_there_already(self, edge: Edge, rasa: FakeRasa) -> None:
        _, answer = handed(edge, rasa)
        token = self.token(answer)
        first = edge.say(token, message_id="b1").json()
        second = check(edge.say(token, message_id="b2"), 200)
        assert second[0]["text"] != first[0]["text"]
        assert edge.say(token, message_id="b2").json() == second

    def test_a_person_is_not_left_standing(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, answer = handed(edge, rasa)
        edge.parts.handoff.take(conversation, "sara")
        first = check(edge.say(self.token(answer), message_id="b1"), 200)
        assert "My colleague" in str(first[0]["text"])
        assert edge.parts.journal.owner(conversation).agent == "sara"
        edge.say(self.token(answer), message_id="b1")
        assert texts(edge, conversation).count(str(first[0]["text"])) == 1

    @pytest.mark.parametrize("taken", [False, True])
    def test_a_button_nobody_knows_any_more_is_not_met_with_silence(
        self, edge: Edge, rasa: FakeRasa, taken: bool
    ) -> None:
        conversation, _ = handed(edge, rasa)
        if taken:
            edge.parts.handoff.take(conversation, "sara")
        owner, heard = edge.parts.journal.owner(conversation), len(rasa.requests)
        first = edge.say("b:AAAAAAAAAAAAAAAA", message_id="b1")
        (said,) = check(first, 200, "button_expired")
        for _ in range(2):
            assert edge.say("b:AAAAAAAAAAAAAAAA", message_id="b1").json() == first.json()
        entries = edge.parts.journal.entries(conversation, after_seq=0, now=edge.parts.clock.now(), limit=100)
        assert [each.author for each in entries if each.text == said["text"]] == [Author.SYSTEM]
        assert edge.parts.journal.owner(conversation) == owner
        assert len(rasa.requests) == heard

    @pytest.mark.parametrize("text", [BACK_TO_BOT, f"/{BACK_TO_BOT}", "peyk:csat:1:5"])
    def test_typed_it_is_text(self, edge: Edge, rasa: FakeRasa, text: str) -> None:
        conversation, _ = handed(edge, rasa)
        assert edge.say(text).json() == []
        assert edge.parts.journal.owner(conversation) == QUEUE

    def test_rasa_begins_anew_once(self, edge: Edge, rasa: FakeRasa) -> None:
        _, answer = handed(edge, rasa)
        edge.say(self.token(answer))
        before = len(rasa.requests)
        edge.say("where is it?")
        edge.say("and now?")
        assert rasa.texts[before:] == ["/press_start_over", "where is it?", "and now?"]

    def test_a_rasa_that_was_away_is_told_later(self, edge: Edge, rasa: FakeRasa) -> None:
        _, answer = handed(edge, rasa)
        edge.say(self.token(answer))
        edge.parts.desk.there = False
        rasa.status = 500
        check(edge.say("where is it?", message_id="q1"), 503, "unavailable")
        rasa.status = 200
        before = len(rasa.requests)
        check(edge.say("where is it?", message_id="q1"), 200)
        assert rasa.texts[before:] == ["/press_start_over", "where is it?"]


class TestCsat:
    def resolved(self, edge: Edge, rasa: FakeRasa) -> tuple[str, list[str]]:
        conversation, _ = handed(edge, rasa)
        edge.parts.handoff.take(conversation, "sara")
        edge.parts.handoff.resolve(conversation, "sara", "done")
        entries = edge.parts.journal.entries(conversation, after_seq=0, now=edge.parts.clock.now(), limit=100)
        return conversation, [button.token for button in entries[-1].buttons]

    def test_stars(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, stars = self.resolved(edge, rasa)
        heard = len(rasa.requests)
        first = edge.say(stars[3], message_id="c1")
        check(first, 200)
        assert edge.say(stars[3], message_id="c1").json() == first.json()
        kept = edge.parts.handoff.packet(conversation)
        assert kept is not None
        assert kept.csat == 4
        assert len(rasa.requests) == heard
        assert texts(edge, conversation).count(first.json()[0]["text"]) == 1

    def test_also_while_people_have_it_again(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, stars = self.resolved(edge, rasa)
        hands_over(edge, rasa)
        edge.say("a person again")
        thanks = check(edge.say(stars[0], message_id="c1"), 200)
        edge.say(stars[0], message_id="c1")
        assert texts(edge, conversation).count(str(thanks[0]["text"])) == 1
        assert edge.parts.journal.owner(conversation) == QUEUE

    def test_nobody_elses(self, edge: Edge, rasa: FakeRasa) -> None:
        conversation, stars = self.resolved(edge, rasa)
        edge.say("hello", sender="eve")
        check(edge.say(stars[0], sender="eve"), 200, "button_expired")
        kept = edge.parts.handoff.packet(conversation)
        assert kept is not None
        assert kept.csat is None


class TestHelped:
    """The command of tickets; what it does is tested with them."""

    def test_a_strangers_ticket_is_nobodys(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [
            {"text": "did it help?", "buttons": [{"title": "no", "payload": "peyk:helped:PK-1001:no"}]}
        ]
        token = edge.say("hello there my friend").json()[0]["buttons"][0]["payload"]
        first = check(edge.say(token, message_id="h1"), 200)
        assert edge.say(token, message_id="h1").json() == first
        assert rasa.texts == ["hello there my friend"]

    @pytest.mark.parametrize("payload", ["peyk:helped:PK-1001:perhaps", "peyk:helped", "peyk:csat:1:6", "peyk:else"])
    def test_what_means_nothing_has_expired(self, edge: Edge, rasa: FakeRasa, payload: str) -> None:
        rasa.answer = lambda _: [{"text": "?", "buttons": [{"title": "no", "payload": payload}]}]
        token = edge.say("hello").json()[0]["buttons"][0]["payload"]
        check(edge.say(token), 200, "button_expired")


class TestWords:
    @pytest.fixture
    def strict(self, start_edge: StartEdge) -> Edge:
        edge = start_edge(handoff_stop_words="تعزیرات")
        edge.parts.desk.there = True
        return edge

    def test_a_stop_word_hands_over_without_the_bot(self, strict: Edge, rasa: FakeRasa) -> None:
        strict.say("hello")
        answer = strict.say("می‌رم تعزیرات", message_id="m1")
        (said,) = check(answer, 200)
        assert said["custom"]["handoff"] == {"state": "queued", "place": 1}  # type: ignore[index]
        assert rasa.texts == ["hello"]
        assert strict.parts.journal.owner(here(rasa)) == QUEUE
        assert strict.say("می‌رم تعزیرات", message_id="m1").json() == answer.json()
        assert strict.say("alo?").json() == []

    def test_anger_the_second_time(self, strict: Edge, rasa: FakeRasa) -> None:
        assert strict.say("this is ridiculous").json()[0]["text"] == "echo this is ridiculous"
        strict.say("where is it?")
        (said,) = check(strict.say("what a scam"), 200)
        assert "sorry" in str(said["text"])
        assert strict.parts.handoff.waiting()[0].handoff.reason is HandoffReason.ANGRY

    def test_nobody_is_there(self, strict: Edge, rasa: FakeRasa) -> None:
        strict.parts.desk.there = False
        assert strict.say("می‌رم تعزیرات").json()[0]["text"] == "echo می‌رم تعزیرات"
        assert strict.say("ridiculous scam").json()[0]["text"] == "echo ridiculous scam"


class TestBotDown:
    @pytest.mark.parametrize("fault", ["gone", "error", "unreadable", "silent"])
    def test_new_messages_go_to_people_at_once(self, edge: Edge, rasa: FakeRasa, fault: str) -> None:
        edge.parts.desk.there = True
        edge.say("hello, where is my order")
        conversation = here(rasa)
        rasa.hang_up = fault == "gone"
        rasa.status = 500 if fault == "error" else 200
        rasa.raw = {"unreadable": b"<html>", "silent": b'{"messages": []}'}.get(fault)
        answer = edge.say("where is my order now", message_id="m1")
        (said,) = check(answer, 200)
        assert "assistant is not available" in str(said["text"])
        assert edge.say("where is my order now", message_id="m1").json() == answer.json()
        assert edge.say("and another thing").json() == []
        (waiting,) = edge.parts.handoff.waiting()
        assert (waiting.handoff.reason, waiting.ownership) == (HandoffReason.BOT_DOWN, QUEUE)
        assert waiting.handoff.packet.wanted == "where is my order now"
        entries = edge.parts.journal.entries(conversation, after_seq=2, now=edge.parts.clock.now(), limit=9)
        assert [entry.author for entry in entries] == [Author.CUSTOMER, Author.SYSTEM, Author.CUSTOMER]

    def test_nobody_is_there(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.status = 500
        check(edge.say("where is my order please"), 503, "unavailable")

    def test_a_shop_that_does_not_want_it(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        edge = start_edge(handoff_triggers="angry")
        edge.parts.desk.there = True
        rasa.status = 500
        check(edge.say("where is my order please"), 503, "unavailable")


class TestRestart:
    def test_a_new_edge_knows_who_has_it(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        first = start_edge()
        conversation, answer = handed(first, rasa)
        first.stop()
        again = start_edge()
        assert again.say("a person please", message_id="m1").json() == answer.json()
        assert again.say("hello?").json() == []
        assert len([each for each in rasa.texts if each == "hello?"]) == 0
        assert again.parts.journal.owner(conversation) == QUEUE
