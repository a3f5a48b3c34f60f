"""A Rasa and a store that fail, the journal, whose turn it is, and what is logged."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any, NoReturn

import httpx
import pytest

from peyk.domain.conversations import Author, Button, Entry, Owner, Ownership
from peyk.domain.identity import Verification
from peyk.errors import Unavailable
from tests.unit.web.conftest import Edge, FakeClock, FakeRasa, Json, StartEdge
from tests.unit.web.telegram_steps import wait
from tests.unit.web.test_rest import BUTTONS, check

BOT, QUEUE, AGENT = Ownership(), Ownership(Owner.QUEUE), Ownership(Owner.AGENT, "sara")


class TestRasaFails:
    def test_down(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.stop()
        refused = edge.say("where is my order please", message_id="m1")
        check(refused, 503, "unavailable")
        assert int(refused.headers["retry-after"]) > 0
        back = FakeRasa(rasa.port)
        try:
            check(edge.say("where is my order please", message_id="m1"), 200)
            assert back.texts == ["where is my order please"]
        finally:
            back.stop()

    def test_slow(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        edge = start_edge(rasa_timeout_s=0.3)
        rasa.hold("سلام خوبی")
        answer = check(edge.say("سلام خوبی"), 503, "unavailable")
        assert "متأسفم" in str(answer[0]["text"])
        rasa.release("سلام خوبی")
        check(edge.say("سلام"), 200)

    def test_hanging_up_is_not_tried_again(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.hang_up = True
        check(edge.say("hello"), 503, "unavailable")
        assert len(rasa.requests) == 1

    @pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
    def test_error_statuses(self, edge: Edge, rasa: FakeRasa, status: int) -> None:
        rasa.status = status
        rasa.raw = b'{"error": "Traceback: secret"}'
        response = edge.say("hello")
        check(response, 503, "unavailable")
        assert "Traceback" not in response.text

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"<html>",
            b"[]",
            b"{}",
            b'{"messages": 5}',
            b'{"messages": []}',
            b'{"messages": [{}]}',
            b'{"messages": ["text"]}',
            b'{"messages": [{"text": 5}]}',
            b'{"messages": [{"text": "a", "custom": []}, {"text": "b", "custom": ["x"]}]}',
            b'{"messages": [{"text": "a", "buttons": [{"title": "no payload"}]}]}',
            b'{"messages": [{"text": "a", "buttons": "x"}]}',
        ],
    )
    def test_garbage(self, edge: Edge, rasa: FakeRasa, raw: bytes) -> None:
        rasa.raw = raw
        check(edge.say("hello"), 503, "unavailable")

    def test_a_refused_message_may_be_sent_again(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.status = 500
        check(edge.say("hello", message_id="m1"), 503, "unavailable")
        rasa.status = 200
        check(edge.say("hello", message_id="m1"), 200)

    def test_a_client_that_hangs_up_does_not_stop_the_turn(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.hold("hello")
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{edge.url}/webhooks/rest/webhook",
                json={"sender": "ali", "message": "hello", "message_id": "m1"},
                timeout=httpx.Timeout(20, read=0.2),
                trust_env=False,
            )
        rasa.release("hello")
        assert edge.say("hello", message_id="m1").json()[0]["text"] == "echo hello"
        assert rasa.texts == ["hello"]


class TestStoreFails:
    def test_a_store_that_is_away_gives_one_honest_sentence(self, edge: Edge, rasa: FakeRasa) -> None:
        break_store(edge)
        check(edge.say("where is my order please"), 503, "unavailable")
        assert rasa.requests == []

    def test_what_is_not_kept_is_not_shown_and_the_bot_is_asked_once(self, edge: Edge, rasa: FakeRasa) -> None:
        keep = edge.parts.journal.answer
        edge.parts.journal.answer = away  # type: ignore[method-assign]
        check(edge.say("hello there", message_id="m1"), 503, "unavailable")
        # Sent again, and after it something else: the store is still away.
        check(edge.say("hello there", message_id="m1"), 503, "unavailable")
        check(edge.say("are you there?", message_id="m2"), 503, "unavailable")
        assert [entry.text for entry in journal(edge, rasa)] == ["hello there"]
        edge.parts.journal.answer = keep  # type: ignore[method-assign]
        assert check(edge.say("hello there", message_id="m1"), 200)[0]["text"] == "echo hello there"
        check(edge.say("are you there?", message_id="m2"), 200)
        assert rasa.texts == ["hello there", "are you there?"]
        said = [(entry.text, entry.answers) for entry in journal(edge, rasa)]
        assert said[:2] == [("hello there", None), ("echo hello there", 1)]
        assert len(said) == 4

    def test_nobody_has_to_ask_again_for_it_to_be_kept(self, edge: Edge, rasa: FakeRasa) -> None:
        keep = edge.parts.journal.answer
        edge.parts.journal.answer = away  # type: ignore[method-assign]
        check(edge.say("hello there"), 503, "unavailable")
        edge.parts.journal.answer = keep  # type: ignore[method-assign]
        wait(edge, lambda: len(journal(edge, rasa)) == 2)
        assert edge.parts.journal.unanswered("rest", before=edge.parts.clock.now() + timedelta(1), limit=9) == []

    def test_an_edge_that_stops_tries_once_more(self, edge: Edge, rasa: FakeRasa) -> None:
        away_for(edge, 1)
        check(edge.say("hello there"), 503, "unavailable")
        edge.stop()
        assert [entry.text for entry in journal(edge, rasa)] == ["hello there", "echo hello there"]

    def test_what_is_kept_after_its_proof_has_ended_is_hidden(
        self, edge: Edge, rasa: FakeRasa, clock: FakeClock
    ) -> None:
        def shown(body: Json) -> Json:
            ends = clock.now() + timedelta(minutes=5)
            edge.parts.verifications.grant(Verification(body["conversation_id"], "09121234567", "otp", ends))
            return [{"text": "your address"}]

        rasa.answer = shown
        keep = edge.parts.journal.answer
        edge.parts.journal.answer = away  # type: ignore[method-assign]
        check(edge.say("my order please", message_id="m1"), 503, "unavailable")
        clock.advance(minutes=20)
        edge.parts.upkeep.prune(clock.now())
        edge.parts.journal.answer = keep  # type: ignore[method-assign]
        wait(edge, lambda: len(journal(edge, rasa)) == 2)
        assert [entry.text for entry in journal(edge, rasa)] == ["my order please", None]


class TestJournal:
    def test_what_is_said_is_kept_in_order(self, edge: Edge, rasa: FakeRasa) -> None:
        custom = {"security": {"verified": False, "method": None, "level": 1}}
        rasa.answer = lambda _: [{"text": "one"}, {"text": "two", "buttons": BUTTONS, "custom": custom}]
        shown = edge.say("where is TS-104233?").json()
        token = shown[1]["buttons"][0]["payload"]
        edge.say(token, message_id="m2")
        asked, one, two, tapped, *_ = journal(edge, rasa)
        assert (asked.author, asked.text, asked.answers) == (Author.CUSTOMER, "where is TS-104233?", None)
        assert (one.author, one.text, one.answers) == (Author.BOT, "one", asked.seq)
        assert (two.text, two.buttons[0], two.custom) == ("two", Button(BUTTONS[0]["title"], token), custom)
        assert (tapped.author, tapped.text) == (Author.CUSTOMER, BUTTONS[0]["title"])

    def test_messages_without_an_id_get_one_of_their_own(self, edge: Edge, rasa: FakeRasa) -> None:
        edge.say("hello")
        edge.say("hello")
        ids = [entry.message_id for entry in journal(edge, rasa) if entry.author is Author.CUSTOMER]
        assert len(set(ids)) == 2
        assert all(ids)

    def test_a_message_is_kept_before_it_is_answered(self, edge: Edge, rasa: FakeRasa) -> None:
        kept = []

        def answer(_: Json) -> Json:
            kept.extend(journal(edge, rasa))
            return [{"text": "hello"}]

        rasa.answer = answer
        edge.say("hello?")
        assert [entry.text for entry in kept] == ["hello?"]

    def test_a_repeat_is_the_same_to_the_letter(self, edge: Edge, rasa: FakeRasa) -> None:
        actions = [{"id": "verify", "title": BUTTONS[0]["title"]}, {"id": "n", "title": "x", "payload": "/n"}]
        custom = {"nextActions": actions, "order": {"orderId": "TS-104233", "n": [1, 2.5, None, "\u200f«»"]}}
        rasa.answer = lambda _: [
            {"text": "سلام"},
            {"text": "؟", "buttons": BUTTONS, "custom": custom},
            {"custom": custom},
        ]
        assert edge.say("hello", message_id="m1").content == edge.say("hello", message_id="m1").content
        assert len(rasa.requests) == 1

    def test_a_repeat_of_an_expired_button_is_the_same(self, edge: Edge, rasa: FakeRasa) -> None:
        first = edge.say("b:AAAAAAAAAAAAAAAA", message_id="m1")
        check(first, 200, "button_expired")
        assert edge.say("b:AAAAAAAAAAAAAAAA", message_id="m1").content == first.content

    def test_an_answer_is_repeated_for_a_day(self, edge: Edge, rasa: FakeRasa, clock: FakeClock) -> None:
        edge.say("hello", message_id="m1")
        clock.advance(hours=23)
        edge.say("hello", message_id="m1")
        assert rasa.texts == ["hello"]
        clock.advance(hours=1)
        edge.say("hello", message_id="m1")
        assert rasa.texts == ["hello", "hello"]

    def test_what_failed_is_owed_until_it_is_sent_again(self, edge: Edge, rasa: FakeRasa, clock: FakeClock) -> None:
        rasa.status = 500
        check(edge.say("where is it please", message_id="m1"), 503, "unavailable")
        later = clock.now() + timedelta(seconds=1)
        (owed,) = edge.parts.journal.unanswered("rest", before=later, limit=9)
        assert owed.entry.text == "where is it please"
        rasa.status = 200
        check(edge.say("where is it please", message_id="m1"), 200)
        assert edge.parts.journal.unanswered("rest", before=later, limit=9) == []
        assert len(journal(edge, rasa)) == 2

    def test_two_edges_give_the_same_answer(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [{"text": f"answer {len(rasa.requests)}"}]
        one, other = start_edge(), start_edge()
        rasa.hold("hello")
        slow = one.begin("hello", message_id="m1")
        rasa.wait_for("hello")
        quick = other.begin("hello", message_id="m1")
        rasa.release("hello")
        assert slow.result().content == quick.result().content
        assert len(journal(one, rasa)) == 2


class TestOwners:
    @pytest.mark.parametrize("owner", [QUEUE, AGENT])
    def test_rasa_gets_nothing_while_people_have_the_conversation(
        self, edge: Edge, rasa: FakeRasa, owner: Ownership
    ) -> None:
        edge.say("hello")
        hand_to(edge, rasa, QUEUE, owner)
        for _ in range(2):
            response = edge.say("is anybody there?", message_id="m1")
            assert (response.status_code, response.json()) == (200, [])
            (gone,) = edge.say("b:AAAAAAAAAAAAAAAA", message_id="m2").json()
            assert gone["custom"] == {"error": "button_expired"}
        assert rasa.texts == ["hello"]
        kept = [entry.text for entry in journal(edge, rasa)]
        assert kept == ["hello", "echo hello", "is anybody there?", None, gone["text"]]

    def test_the_bot_does_not_speak_over_a_person(self, edge: Edge, rasa: FakeRasa) -> None:
        edge.say("hello")
        rasa.hold("where is it?")
        answer = edge.begin("where is it?", message_id="m1")
        rasa.wait_for("where is it?")
        hand_to(edge, rasa, QUEUE)
        rasa.release("where is it?")
        assert (answer.result().status_code, answer.result().json()) == (200, [])
        assert edge.say("where is it?", message_id="m1").json() == []
        assert journal(edge, rasa)[-1].text == "where is it?"

    def test_the_bot_has_its_answers_and_the_conversation_back(self, edge: Edge, rasa: FakeRasa) -> None:
        first = edge.say("hello", message_id="m1").json()
        hand_to(edge, rasa, QUEUE)
        assert edge.say("hello", message_id="m1").json() == first
        hand_to(edge, rasa, BOT)
        check(edge.say("hello again"), 200)
        assert rasa.texts == ["hello", "hello again"]


class TestLanguages:
    def test_the_last_clear_language_is_kept(self, start_edge: StartEdge, rasa: FakeRasa, clock: FakeClock) -> None:
        start_edge().say("where is my order please")
        rasa.status = 500
        edge = start_edge()
        assert "sorry" in str(check(edge.say("TS-104233"), 503, "unavailable")[0]["text"])
        assert "متأسفم" in str(check(edge.say("سفارش من کجاست"), 503, "unavailable")[0]["text"])
        assert "متأسفم" in str(check(start_edge().say("104233"), 503, "unavailable")[0]["text"])


class TestLogs:
    def test_nothing_personal_is_logged(
        self, edge: Edge, rasa: FakeRasa, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        rasa.answer = lambda _: [
            {"text": "secret answer 482913", "buttons": [{"title": "x", "payload": "/secret_pay"}]}
        ]
        token = edge.say("my mobile is 09121234567 ok", sender="ali@example.org").json()[0]["buttons"][0]["payload"]
        rasa.raw = b'{"messages": "482913"}'
        edge.say("کد 482913")
        edge.say("x" * 3000)
        captured = capfd.readouterr()
        written = caplog.text + captured.out + captured.err + json.dumps([str(r.__dict__) for r in caplog.records])
        assert "edge.answered" in written
        assert "edge.unavailable" in written
        for private in ("09121234567", "482913", "ali@example.org", "secret_pay", token, "r" * 40):
            assert private not in written


def journal(edge: Edge, rasa: FakeRasa) -> list[Entry]:
    here = rasa.requests[0]["conversation_id"]
    return edge.parts.journal.entries(here, after_seq=0, now=edge.parts.clock.now(), limit=100)


def hand_to(edge: Edge, rasa: FakeRasa, *owners: Ownership) -> None:
    here, kept = rasa.requests[0]["conversation_id"], edge.parts.journal
    for owner in owners:
        before = kept.owner(here)
        assert before == owner or kept.change_owner(here, before, owner, edge.parts.clock.now())


def away(*_: object, **__: object) -> NoReturn:
    raise Unavailable("store", "locked")


def away_for(edge: Edge, times: int) -> None:
    """Let the store be away for the first tries to keep an answer."""
    keep, tries = edge.parts.journal.answer, iter([away] * times)

    def answer(*args: Any) -> bool:
        return next(tries, keep)(*args)

    edge.parts.journal.answer = answer  # type: ignore[assignment, method-assign]


def break_store(edge: Edge) -> None:
    edge.parts.journal.accept = away  # type: ignore[method-assign]
    edge.parts.upkeep.ping = away  # type: ignore[method-assign]
