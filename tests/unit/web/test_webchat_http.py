"""The web chat without WebSocket: the same rules by plain requests."""

from __future__ import annotations

import threading

import httpx
import pytest

from peyk.domain.conversations import Owner, Ownership
from tests.unit.web.chat_steps import Browser, Json, bearer, conversation_of, new_id, speak
from tests.unit.web.conftest import Edge, FakeRasa, StartEdge


def session(edge: Edge, token: str | None = None, **more: Json) -> Json:
    response = edge.client.post("/chat/session", json={"token": token, **more})
    assert response.status_code == 200, response.text
    return response.json()


def say(edge: Edge, token: str, text: str, own_id: str | None = None) -> httpx.Response:
    body = {"id": own_id or new_id(), "text": text}
    return edge.client.post("/chat/messages", json=body, headers=bearer(token))


def news(edge: Edge, token: str, after: int = 0, wait: int = 0) -> Json:
    response = edge.client.get("/chat/messages", params={"after": after, "wait": wait}, headers=bearer(token))
    assert response.status_code == 200, response.text
    return response.json()


class TestSession:
    def test_it_begins_and_comes_back(self, edge: Edge) -> None:
        first = edge.client.post("/chat/session").json()
        assert first["new"]
        assert first["conversation"] == {"owner": "bot", "language": "fa", "last_seq": 0}
        assert say(edge, first["token"], "hello there").status_code == 200
        again = session(edge, first["token"])
        assert not again["new"]
        assert again["conversation"] == {"owner": "bot", "language": "en", "last_seq": 2}
        assert [each["text"] for each in again["entries"]] == ["hello there", "echo hello there"]

    def test_who_comes_back_gets_what_is_new(self, edge: Edge) -> None:
        token = session(edge)["token"]
        say(edge, token, "hello there")
        assert [each["seq"] for each in session(edge, token, after=1)["entries"]] == [2]
        assert session(edge, token, after=2)["entries"] == []
        # What this server does not know it cannot go on from.
        gone = session(edge, token, after=9)
        assert gone["new"]
        assert [each["seq"] for each in gone["entries"]] == [1, 2]

    def test_a_forged_token_gets_a_new_conversation(self, edge: Edge) -> None:
        own = session(edge)["token"]
        say(edge, own, "my secret")
        assert session(edge, own + "x") | {"token": ""} == session(edge) | {"token": ""}

    @pytest.mark.parametrize("body", [b"{", b"[]", b'{"after": -1}', b'{"pending": [1]}'])
    def test_garbage_is_refused(self, edge: Edge, body: bytes) -> None:
        response = edge.client.post("/chat/session", content=body)
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "bad_frame"


class TestMessages:
    def test_the_answer_comes_with_the_response(self, edge: Edge) -> None:
        token = session(edge)["token"]
        own_id = new_id()
        answer = say(edge, token, "hello there", own_id).json()
        assert answer["accepted"] == {"id": own_id, "seq": 1}
        assert [(each["seq"], each["text"]) for each in answer["entries"]] == [(2, "echo hello there")]

    def test_again_is_the_same(self, edge: Edge, rasa: FakeRasa) -> None:
        token, own_id = session(edge)["token"], new_id()
        first = say(edge, token, "hello there", own_id).json()
        assert say(edge, token, "hello there", own_id).json() == first
        assert rasa.texts == ["hello there"]

    def test_two_at_once_are_answered_in_order(self, edge: Edge, rasa: FakeRasa) -> None:
        token = session(edge)["token"]
        rasa.hold("one")
        sent = [edge.pool.submit(say, edge, token, "one")]
        rasa.wait_for("one")
        before = edge.arrivals.count
        sent.append(edge.pool.submit(say, edge, token, "two"))
        edge.arrivals.wait_for(before + 1)
        edge.client.get("/healthz")
        rasa.release("one")
        assert "echo one" in [each["text"] for each in sent[0].result().json()["entries"]]
        assert [each["text"] for each in sent[1].result().json()["entries"]] == ["echo two"]
        assert rasa.texts == ["one", "two"]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"{", 400, "bad_frame"),
            (b'{"id": "a"}', 400, "bad_frame"),
            (b'{"id": "a", "text": "  "}', 422, "blank"),
            (b'{"id": "a", "files": ["f"]}', 422, "no_file"),
        ],
    )
    def test_what_cannot_be_taken_is_refused(self, edge: Edge, body: bytes, status: int, code: str) -> None:
        headers = bearer(session(edge)["token"])
        response = edge.client.post("/chat/messages", content=body, headers=headers)
        assert response.status_code == status
        assert response.json()["error"]["code"] == code
        assert response.json()["error"]["text"]

    def test_without_rasa_it_is_kept(self, edge: Edge, rasa: FakeRasa) -> None:
        token = session(edge)["token"]
        rasa.status = 500
        answer = say(edge, token, "hello there")
        assert answer.status_code == 200
        assert answer.json()["accepted"]["seq"] == 1
        assert answer.json()["error"]["code"] == "unanswered"


class TestPoll:
    def test_it_returns_at_once_what_is_there(self, edge: Edge) -> None:
        token = session(edge)["token"]
        say(edge, token, "hello there")
        shown = news(edge, token, after=1, wait=25)
        assert [each["seq"] for each in shown["entries"]] == [2]
        assert shown["last_seq"] == 2
        assert news(edge, token, after=2)["entries"] == []

    def test_it_waits_for_what_another_process_says(self, edge: Edge) -> None:
        token = session(edge)["token"]
        say(edge, token, "hello there")
        before = edge.arrivals.count
        waiting = edge.pool.submit(news, edge, token, 2, 25)
        edge.arrivals.wait_for(before + 1)
        speak(edge, conversation_of(edge, token), "One moment, please.")
        assert [each["text"] for each in waiting.result()["entries"]] == ["One moment, please."]

    def test_who_has_it_is_said(self, edge: Edge) -> None:
        token = session(edge)["token"]
        say(edge, token, "hello there")
        here = conversation_of(edge, token)
        edge.parts.journal.change_owner(here, Ownership(), Ownership(Owner.QUEUE), edge.parts.clock.now())
        assert news(edge, token, after=2)["owner"] == "queue"
        assert say(edge, token, "anybody there?").json()["entries"] == []

    @pytest.mark.parametrize("query", ["after=-1", "after=x", "wait=x", "after=99999999999999999999"])
    def test_garbage_is_refused(self, edge: Edge, query: str) -> None:
        headers = bearer(session(edge)["token"])
        assert edge.client.get(f"/chat/messages?{query}", headers=headers).status_code == 400

    def test_a_stop_does_not_wait_for_pollers(self, start_edge: StartEdge) -> None:
        edge = start_edge()
        token = session(edge)["token"]
        answers: list[Json] = []

        def poll() -> None:
            with httpx.Client(base_url=edge.url, timeout=20, trust_env=False) as client:
                url = "/chat/messages?after=0&wait=25"
                answers.append(client.get(url, headers=bearer(token)).json())

        before = edge.arrivals.count
        thread = threading.Thread(target=poll)
        thread.start()
        edge.arrivals.wait_for(before + 1)
        edge.client.get("/healthz")
        edge.stop()
        thread.join()
        assert answers[0]["entries"] == []


def test_both_ways_are_one_conversation(edge: Edge) -> None:
    browser = Browser(edge)
    say(edge, browser.token, "by request")
    assert browser.entries(1) == ["echo by request"]
    browser.say("by socket")
    browser.entries(2)
    assert [each["seq"] for each in news(edge, browser.token)["entries"]] == [1, 2, 3, 4]
