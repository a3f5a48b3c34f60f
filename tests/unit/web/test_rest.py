"""The REST channel: its shape, its keys, its refusals."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import jsonschema
import pytest

from peyk.i18n.catalogue import catalogue
from tests.unit.web.conftest import Edge, FakeClock, FakeRasa, StartEdge

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "rest-answer.schema.json").read_text(encoding="utf-8"))
BUTTONS = [{"title": "جزئیات", "payload": '/verify{"order_id": "TS-104233"}'}, {"title": "خیر", "payload": "/deny"}]


def check(response: httpx.Response, status: int, error: str | None = None) -> list[dict[str, object]]:
    assert response.status_code == status, response.text
    answer = response.json()
    jsonschema.Draft202012Validator(SCHEMA).validate(answer)
    assert answer[0].get("custom", {}).get("error") == error
    assert answer[0]["text"]
    return list(answer)


def production(start_edge: StartEdge, **settings: object) -> Edge:
    edge = start_edge(mode="production", **settings)
    edge.headers["Authorization"] = f"Bearer {edge.parts.api_keys.create('shop')}"
    return edge


class TestShape:
    def test_an_answer_is_a_list_in_the_shape_of_rasa(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [{"text": "سلام"}, {"text": "بفرمایید"}]
        response = edge.say("سلام")
        assert check(response, 200) == [
            {"recipient_id": "ali", "text": "سلام"},
            {"recipient_id": "ali", "text": "بفرمایید"},
        ]
        assert response.headers["content-type"].startswith("application/json")

    def test_what_reaches_rasa(self, edge: Edge, rasa: FakeRasa) -> None:
        response = edge.say("  where is TS-104233?\x00 ")
        (sent,) = rasa.requests
        assert sent["text"] == "where is TS-104233?"
        assert sent["metadata"]["correlation_id"] == response.headers["x-correlation-id"]
        assert "127.0.0.1" not in json.dumps(sent)
        assert len(sent["metadata"]["address"]) == 32
        assert rasa.secrets == ["r" * 40]

    def test_facts_for_programs_come_through(self, edge: Edge, rasa: FakeRasa) -> None:
        order = {"orderId": "TS-104233", "status": "in_transit", "statusFa": "در راه"}
        custom = {"order": order, "security": {"verified": False, "method": None, "level": 1}}
        rasa.answer = lambda _: [{"text": "در راه", "custom": custom}]
        assert check(edge.say("کجاست"), 200)[0]["custom"] == custom

    def test_the_channel_says_that_it_is_there(self, edge: Edge) -> None:
        assert edge.client.get("/webhooks/rest/").json() == {"status": "ok"}

    def test_a_payload_typed_by_hand_stays_text(self, edge: Edge, rasa: FakeRasa) -> None:
        edge.say('/verify{"order_id": "TS-104233"}')
        assert "payload" not in rasa.requests[0]
        assert rasa.requests[0]["text"].startswith("/verify")


@pytest.mark.parametrize("asked", ["mobile", "otp"])
def test_what_is_asked_for_is_told_programs(edge: Edge, rasa: FakeRasa, asked: str) -> None:
    rasa.answer = lambda _: [{"text": "؟", "custom": {"input": asked, "nextActions": []}}]
    (message,) = edge.say("سفارشم کجاست").json()
    jsonschema.Draft202012Validator(SCHEMA).validate([message])
    assert message["custom"]["input"] == asked


class TestButtons:
    def test_payloads_become_short_tokens_and_work(self, edge: Edge, rasa: FakeRasa) -> None:
        actions = [
            {"id": "verify", "title": "تأیید", "payload": BUTTONS[0]["payload"]},
            {"id": "wait", "title": "صبر"},
            {"id": "no", "title": "خیر"},
        ]
        rasa.answer = lambda _: [{"text": "؟", "buttons": BUTTONS, "custom": {"nextActions": actions}}]
        (message,) = edge.say("سفارشم کجاست").json()
        tokens = [button["payload"] for button in message["buttons"]]
        jsonschema.Draft202012Validator(SCHEMA).validate([message])
        assert all(len(token) <= 40 and "verify" not in token for token in tokens)
        assert [action.get("payload") for action in message["custom"]["nextActions"]] == [tokens[0], None, tokens[1]]
        edge.say(tokens[0])
        assert rasa.requests[-1]["payload"] == BUTTONS[0]["payload"]
        assert "text" not in rasa.requests[-1]

    def test_a_token_works_in_its_own_conversation_only(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [{"text": "?", "buttons": BUTTONS}]
        token = edge.say("where is my order").json()[0]["buttons"][0]["payload"]
        check(edge.say(token, sender="mallory"), 200, "button_expired")
        assert len(rasa.requests) == 1

    def test_an_expired_token_gets_a_kind_sentence_in_the_conversations_language(
        self, edge: Edge, rasa: FakeRasa, clock: FakeClock
    ) -> None:
        rasa.answer = lambda _: [{"text": "?", "buttons": BUTTONS}]
        token = edge.say("where is my order please").json()[0]["buttons"][0]["payload"]
        clock.advance(hours=49)
        assert "no longer works" in str(check(edge.say(token), 200, "button_expired")[0]["text"])

    def test_an_unknown_token_gets_a_kind_sentence(self, edge: Edge, rasa: FakeRasa) -> None:
        check(edge.say("b:AAAAAAAAAAAAAAAA"), 200, "button_expired")
        assert rasa.requests == []


# What is said on other channels only.
ELSEWHERE = {"bad_frame", "file_gone", "full", "no_session", "no_file", "unanswered"}


def test_every_reason_has_its_sentence() -> None:
    reasons = set(SCHEMA["$defs"]["custom"]["properties"]["error"]["enum"])
    assert {key.removeprefix("edge_") for key in catalogue() if key.startswith("edge_")} == reasons | ELSEWHERE


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "status", "error"),
        [
            (b"", 400, "bad_json"),
            (b"{", 400, "bad_json"),
            (b"\xff\xfe\x00", 400, "bad_json"),
            (b"[" * 60_000, 400, "bad_json"),
            (b"[]", 422, "bad_fields"),
            (b'"text"', 422, "bad_fields"),
            (b"{}", 422, "bad_fields"),
            (b'{"sender": "a"}', 422, "bad_fields"),
            (b'{"sender": "a", "message": 5}', 422, "bad_fields"),
            (b'{"sender": "a", "message": null}', 422, "bad_fields"),
            (b'{"sender": 5, "message": "hi"}', 422, "bad_fields"),
            (b'{"sender": " ", "message": "hi"}', 422, "bad_fields"),
            (b'{"sender": "\\ud800", "message": "hi"}', 422, "bad_fields"),
            (b'{"sender": "a", "message": "hi", "message_id": {}}', 422, "bad_fields"),
            (json.dumps({"sender": "a" * 201, "message": "hi"}).encode(), 422, "bad_fields"),
            (b'{"sender": "a", "message": ""}', 422, "blank"),
            (b'{"sender": "a", "message": " \\n\\t "}', 422, "blank"),
            (b'{"sender": "a", "message": "\\u200c\\u200f\\u0000"}', 422, "blank"),
        ],
    )
    def test_bad_requests(self, edge: Edge, rasa: FakeRasa, content: bytes, status: int, error: str) -> None:
        check(edge.post(content), status, error)
        assert rasa.requests == []

    def test_lone_surrogates_in_a_message_do_no_harm(self, edge: Edge, rasa: FakeRasa) -> None:
        check(edge.post(b'{"sender": "a", "message": "hello \\ud800 there"}'), 200)
        assert rasa.texts == ["hello ? there"]

    def test_a_long_message_is_refused_with_its_limit(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        edge = start_edge(message_max_chars=20)
        check(edge.say("a" * 20), 200)
        assert "20" in str(check(edge.say("where is my order, please tell me"), 413, "too_long")[0]["text"])
        assert "۲۰" in str(check(edge.say("سفارش من کجاست؟ لطفاً بگویید"), 413, "too_long")[0]["text"])
        assert len(rasa.requests) == 1

    def test_refusals_know_the_conversations_language(self, edge: Edge) -> None:
        edge.say("where is my order please")
        assert "empty" in str(check(edge.say(" "), 422, "blank")[0]["text"])
        assert "خالی" in str(check(edge.say(" ", sender="sara"), 422, "blank")[0]["text"])

    def test_a_burst_of_a_sender_is_stopped(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        edge = start_edge(burst_per_sender=3, burst_window_s=60)
        for number in range(3):
            check(edge.say(f"hello {number}"), 200)
        refused = edge.say("hello again my friend")
        check(refused, 429, "burst")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        check(edge.say("hello", sender="sara"), 200)
        assert len(rasa.requests) == 4

    def test_a_burst_of_an_address_is_stopped(self, start_edge: StartEdge) -> None:
        edge = start_edge(burst_per_address=2, burst_window_s=60, trusted_proxies="127.0.0.1")
        for number in range(2):
            check(edge.say("hello", sender=f"sender {number}"), 200)
        check(edge.say("hello", sender="another"), 429, "burst")
        edge.headers["X-Forwarded-For"] = "203.0.113.9"
        check(edge.say("hello", sender="from elsewhere"), 200)

    def test_an_address_nobody_vouches_for_does_not_help(self, start_edge: StartEdge) -> None:
        edge = start_edge(burst_per_address=2, burst_window_s=60)
        statuses = []
        for number in range(3):
            edge.headers["X-Forwarded-For"] = f"203.0.113.{number}"
            statuses.append(edge.say("hello", sender=f"sender {number}").status_code)
        assert statuses == [200, 200, 429]

    def test_a_limit_of_an_action_becomes_429(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [{"text": "کمی صبر کنید", "custom": {"limit": "guess", "order": None}}]
        rasa.answer = lambda _: [{"text": "کمی صبر کنید", "custom": {"limit": "guess"}}]
        response = edge.say("TS-1", message_id="m")
        assert check(response, 429) == [{"recipient_id": "ali", "text": "کمی صبر کنید"}]
        assert int(response.headers["retry-after"]) > 0
        rasa.answer = lambda _: [{"text": "باز هم", "custom": {"limit": "otp", "retry_after_s": 37, "keep": 1}}]
        response = edge.say("TS-2")
        assert response.headers["retry-after"] == "37"
        assert response.json()[0]["custom"] == {"keep": 1}
        rasa.answer = lambda _: [{"text": "پیدا شد"}]
        assert check(edge.say("TS-1", message_id="m"), 200)[0]["text"] == "پیدا شد"


class TestKeys:
    def test_demo_mode_asks_for_none(self, edge: Edge) -> None:
        check(edge.say("hello"), 200)

    def test_outside_demo_mode_a_key_is_needed(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        edge = start_edge(mode="production")
        refused = edge.say("hello")
        check(refused, 401, "unauthorized")
        assert refused.headers["www-authenticate"] == "Bearer"
        for wrong in ("Bearer nonsense", "Basic abc", "Bearer", "Bearer pk_000000000000_x"):
            edge.headers["Authorization"] = wrong
            check(edge.say("hello"), 401, "unauthorized")
        assert rasa.requests == []

    def test_both_headers_are_taken(self, start_edge: StartEdge) -> None:
        edge = production(start_edge)
        check(edge.say("hello"), 200)
        edge.headers = {"X-API-Key": edge.headers["Authorization"].removeprefix("Bearer ")}
        check(edge.say("hello"), 200)

    def test_a_revoked_key_is_refused_at_once(self, start_edge: StartEdge) -> None:
        edge = production(start_edge)
        check(edge.say("hello"), 200)
        (key,) = edge.parts.api_keys.list()
        edge.parts.api_keys.revoke(key.id)
        check(edge.say("hello"), 401, "unauthorized")

    def test_a_sender_belongs_to_its_key(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        edge = production(start_edge)
        rasa.answer = lambda _: [{"text": "?", "buttons": BUTTONS}]
        token = edge.say("hello", message_id="m").json()[0]["buttons"][0]["payload"]
        edge.headers["Authorization"] = f"Bearer {edge.parts.api_keys.create('other shop')}"
        check(edge.say(token), 200, "button_expired")
        edge.say("hello", message_id="m")
        conversations = [body["conversation_id"] for body in rasa.requests]
        assert len(set(conversations)) == len(conversations) == 2

    def test_the_conversation_is_not_the_senders_choice(self, edge: Edge, rasa: FakeRasa) -> None:
        edge.say("hello", sender="victim")
        conversation_id = rasa.requests[0]["conversation_id"]
        edge.say("hello", sender=conversation_id)
        assert rasa.requests[1]["conversation_id"] != conversation_id
        assert "victim" not in conversation_id

    def test_guessing_keys_is_limited_by_address(self, start_edge: StartEdge) -> None:
        edge = start_edge(mode="production", burst_per_address=2, burst_window_s=60)
        assert [edge.say("hello").status_code for _ in range(3)] == [401, 401, 429]
