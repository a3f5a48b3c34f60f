"""The API for the shop's own programs: scopes, idempotency keys, history, webhooks, and what describes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import httpx
import pytest

from peyk.domain.api_keys import Scope
from peyk.domain.conversations import Owner, Ownership, Utterance
from peyk.domain.identity import Verification
from peyk.domain.webhooks import OffReason
from peyk.web.api.describe import describe
from tests.fakes.webhook_receiver import Receiver
from tests.unit.web.conftest import Edge, FakeClock, FakeRasa, StartEdge
from tests.unit.web.test_rest import check

MAY_BE_TOLD = (Scope.MANAGE_WEBHOOKS, Scope.READ_CONVERSATIONS)
HISTORY, HOOKS = "/api/v1/conversations/ali/messages", "/api/v1/webhooks"
ADDRESS = "https://203.0.113.1.example/peyk"


@pytest.fixture
def production(start_edge: StartEdge) -> Edge:
    return start_edge(mode="production")


def use_key(edge: Edge, *scopes: Scope, name: str = "shop") -> str:
    """Let the edge's client come with a new key of these scopes; return its id."""
    key = edge.parts.api_keys.create(name, scopes)
    edge.headers = {"Authorization": f"Bearer {key}"}
    return key.split("_")[1]


def get(edge: Edge, path: str) -> httpx.Response:
    return edge.client.get(path, headers=edge.headers)


def post(edge: Edge, path: str, body: object = None) -> httpx.Response:
    return edge.client.post(path, json=body, headers=edge.headers)


def refused(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert error["code"] == code
    assert len(error["text"]) > 20


class TestScopes:
    WAYS: ClassVar[dict[Scope, Callable[[Edge], httpx.Response]]] = {
        Scope.SEND_MESSAGES: lambda edge: edge.say("hello"),
        Scope.READ_CONVERSATIONS: lambda edge: get(edge, HISTORY),
        Scope.MANAGE_WEBHOOKS: lambda edge: get(edge, HOOKS),
    }

    @pytest.mark.parametrize("needed", Scope)
    def test_a_key_does_what_its_scopes_say_and_nothing_else(
        self, production: Edge, rasa: FakeRasa, needed: Scope
    ) -> None:
        use_key(production, *(scope for scope in Scope if scope is not needed))
        response = self.WAYS[needed](production)
        assert response.status_code == 403
        assert "forbidden" in response.text
        assert needed.value in response.text
        assert rasa.requests == []
        use_key(production, needed)
        assert self.WAYS[needed](production).status_code == 200

    def test_a_customer_gets_a_sentence(self, production: Edge) -> None:
        use_key(production, Scope.READ_CONVERSATIONS)
        check(production.say("where is my order please"), 403, "forbidden")

    @pytest.mark.parametrize("path", [HISTORY, HOOKS, f"{HOOKS}/wh_1"])
    def test_nothing_is_to_be_had_without_a_key(self, production: Edge, path: str) -> None:
        response = production.client.get(path)
        refused(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"

    def test_when_a_key_was_used_is_known_to_a_minute(self, production: Edge, clock: FakeClock) -> None:
        use_key(production, Scope.SEND_MESSAGES)
        (key,) = production.parts.api_keys.list()
        assert key.last_used_at is None
        begun = clock.now()
        for seconds, used in ((0, begun), (59, begun), (1, begun + timedelta(minutes=1))):
            clock.advance(seconds=seconds)
            production.say("hello")
            assert production.parts.api_keys.list()[0].last_used_at == used

    def test_who_guesses_keys_is_slowed_down_here_too(self, start_edge: StartEdge) -> None:
        edge = start_edge(mode="production", burst_per_address=2, burst_window_s=60)
        answers = [edge.client.get(HOOKS) for _ in range(3)]
        refused(answers[-1], 429, "burst")
        assert int(answers[-1].headers["retry-after"]) > 0


class TestIdempotencyKeys:
    def send(self, edge: Edge, key: str, message: str = "hello", sender: str = "ali", **more: str) -> httpx.Response:
        body = {"sender": sender, "message": message, **more}
        return edge.client.post("/webhooks/rest/webhook", json=body, headers={**edge.headers, "Idempotency-Key": key})

    def test_the_same_message_is_answered_as_before(self, edge: Edge, rasa: FakeRasa) -> None:
        first = self.send(edge, '"8e03978e-40d5"')
        rasa.answer = lambda _: [{"text": "another"}]
        assert check(self.send(edge, '"8e03978e-40d5"'), 200) == check(first, 200)
        # Quotes are how it is written, not what it is.
        assert self.send(edge, "8e03978e-40d5").json() == first.json()
        assert len(rasa.requests) == 1

    @pytest.mark.parametrize("other", [{"message": "hello again"}, {"sender": "sara"}])
    def test_another_message_with_the_same_key_is_refused(
        self, edge: Edge, rasa: FakeRasa, other: dict[str, str]
    ) -> None:
        self.send(edge, "k1")
        check(self.send(edge, "k1", **other), 422, "key_reused")
        assert len(rasa.requests) == 1

    def test_a_key_belongs_to_its_api_key(self, production: Edge) -> None:
        use_key(production, Scope.SEND_MESSAGES)
        check(self.send(production, "k1"), 200)
        use_key(production, Scope.SEND_MESSAGES, name="other shop")
        check(self.send(production, "k1", "something else"), 200)

    def test_after_a_day_it_may_be_used_for_another(self, edge: Edge, clock: FakeClock) -> None:
        self.send(edge, "k1")
        clock.advance(hours=23, minutes=59)
        check(self.send(edge, "k1", "another"), 422, "key_reused")
        clock.advance(minutes=1)
        check(self.send(edge, "k1", "another"), 200)

    def test_sent_again_while_it_is_answered_it_shares_the_answer(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.hold("slow")
        edge.headers["Idempotency-Key"] = "k1"
        first = edge.begin("slow")
        rasa.wait_for("slow")
        second = edge.begin("slow")
        rasa.release("slow")
        assert first.result().json() == second.result().json()
        assert len(rasa.requests) == 1

    def test_it_is_the_messages_id(self, edge: Edge, rasa: FakeRasa) -> None:
        answer = edge.say("hello", message_id="k1").json()
        assert self.send(edge, "k1").json() == answer
        assert self.send(edge, "k1", message_id="k1").json() == answer
        assert len(rasa.requests) == 1
        check(self.send(edge, "k2", message_id="k1"), 422, "ids_differ")

    def test_a_refused_message_may_be_mended(self, edge: Edge) -> None:
        check(self.send(edge, "k1", " "), 422, "blank")
        check(self.send(edge, "k1"), 200)

    @pytest.mark.parametrize(
        "key", ["", '""', '"a', 'a"b', "a b", '"a b"', "a,b", "ب", "x" * 201, '"' + "\\\\" * 201 + '"']
    )
    def test_what_is_no_key_is_refused(self, edge: Edge, rasa: FakeRasa, key: str) -> None:
        body = {"sender": "ali", "message": "hello"}
        headers = {"Idempotency-Key": key.encode()}
        check(edge.client.post("/webhooks/rest/webhook", json=body, headers=headers), 400, "bad_key")  # type: ignore[arg-type]
        assert rasa.requests == []

    def test_two_keys_are_none(self, edge: Edge) -> None:
        headers = [("Idempotency-Key", "k1"), ("Idempotency-Key", "k2")]
        body = {"sender": "ali", "message": "hello"}
        check(edge.client.post("/webhooks/rest/webhook", json=body, headers=headers), 400, "bad_key")


class TestHistory:
    def test_what_was_said_is_there_in_order(self, production: Edge, rasa: FakeRasa) -> None:
        use_key(production, Scope.SEND_MESSAGES, Scope.READ_CONVERSATIONS)
        production.say("where is it?")
        here = rasa.requests[0]["conversation_id"]
        now = production.parts.clock.now()
        production.parts.journal.change_owner(here, Ownership(), Ownership(Owner.QUEUE), now)
        production.parts.journal.say(here, Utterance("کمی صبر کنید"), agent=None, now=now)
        said = get(production, HISTORY).json()
        assert (said["owner"], said["next"], said["more"], said["sender"]) == ("queue", 3, False, "ali")
        assert [(each["seq"], each["author"], each["text"]) for each in said["messages"]] == [
            (1, "customer", "where is it?"),
            (2, "bot", "echo where is it?"),
            (3, "system", "کمی صبر کنید"),
        ]
        assert "message_id" not in said["messages"][0]
        page = get(production, f"{HISTORY}?after=1&limit=1").json()
        assert [each["seq"] for each in page["messages"]] == [2]
        assert (page["next"], page["more"]) == (2, True)

    def test_what_a_proof_opened_is_left_out_after_its_end(
        self, production: Edge, clock: FakeClock, rasa: FakeRasa
    ) -> None:
        use_key(production, Scope.SEND_MESSAGES, Scope.READ_CONVERSATIONS)
        production.say("hello")
        here = rasa.requests[0]["conversation_id"]
        end = clock.now() + timedelta(minutes=10)
        production.parts.verifications.grant(Verification(here, "09121234567", "otp", end))
        rasa.answer = lambda _: [{"text": "Azadi street 12"}]
        production.say("where to?")
        assert "Azadi" in get(production, HISTORY).text
        clock.advance(minutes=10)
        said = get(production, HISTORY).json()
        assert "Azadi" not in json.dumps(said)
        assert [each["seq"] for each in said["messages"]] == [1, 2]
        # What is left out is passed, or a program would ask for it for ever.
        assert said["next"] == 4

    def test_another_keys_sender_is_nobody(self, production: Edge) -> None:
        use_key(production, Scope.SEND_MESSAGES)
        production.say("my secret")
        use_key(production, Scope.READ_CONVERSATIONS, name="other shop")
        empty = {"sender": "ali", "owner": "bot", "messages": [], "next": 0, "more": False}
        assert get(production, HISTORY).json() == empty

    @pytest.mark.parametrize("sender", ["علی رضا", "a/b/messages", "a?b#c", "..", "%2e", "a\x00b"])
    def test_a_sender_may_be_called_what_it_likes(self, edge: Edge, sender: str) -> None:
        edge.say("hello", sender=sender)
        name = httpx.QueryParams({"x": sender}).__str__().removeprefix("x=").replace("+", "%20").replace(".", "%2E")
        said = edge.client.get(f"/api/v1/conversations/{name}/messages").json()
        assert said["sender"] == sender
        assert len(said["messages"]) == 2

    @pytest.mark.parametrize(
        "query",
        ["after=-1", "after=x", "after=1.5", "after=", "after=2147483648", "after=1&after=2", "limit=0", "limit=101",
         "limit=٥", "after=" + "9" * 400],
    )  # fmt: skip
    def test_a_wrong_question_is_refused(self, edge: Edge, query: str) -> None:
        refused(edge.client.get(f"{HISTORY}?{query}"), 422, "bad_query")

    def test_a_name_that_is_none_is_refused(self, edge: Edge) -> None:
        for name in ("%20", "x" * 201):
            refused(edge.client.get(f"/api/v1/conversations/{name}/messages"), 422, "bad_query")


class TestWebhooks:
    def test_one_is_made_seen_rotated_and_removed(self, production: Edge) -> None:
        use_key(production, *MAY_BE_TOLD)
        made = post(production, HOOKS, {"url": ADDRESS, "events": ["message.created"]})
        assert made.status_code == 201
        webhook = made.json()
        where = made.headers["location"]
        secret = webhook.pop("secret")
        assert re.fullmatch(r"whsec_[0-9a-f]{64}", secret)
        assert (webhook["url"], webhook["events"], webhook["active"]) == (ADDRESS, ["message.created"], True)
        assert get(production, where).json() == webhook
        assert get(production, HOOKS).json() == {"webhooks": [webhook]}
        rotated = post(production, f"{where}/secret").json()
        assert rotated["secret"] not in (secret, "")
        assert secret not in get(production, where).text
        assert production.client.delete(where, headers=production.headers).status_code == 204
        refused(get(production, where), 404, "unknown_webhook")
        assert get(production, HOOKS).json() == {"webhooks": []}

    @pytest.mark.parametrize(("method", "path"), [
        ("GET", ""), ("DELETE", ""), ("POST", "/secret"), ("POST", "/test"), ("POST", "/enable"),
    ])  # fmt: skip
    def test_another_keys_webhook_is_nobodys(self, production: Edge, method: str, path: str) -> None:
        use_key(production, *MAY_BE_TOLD)
        where = post(production, HOOKS, {"url": ADDRESS}).headers["location"]
        mine = production.headers
        use_key(production, *MAY_BE_TOLD, name="other shop")
        refused(production.client.request(method, where + path, headers=production.headers), 404, "unknown_webhook")
        assert get(production, HOOKS).json() == {"webhooks": []}
        assert production.client.get(where, headers=mine).status_code == 200

    @pytest.mark.parametrize(("body", "code"), [
        (None, "bad_webhook"), ([], "bad_webhook"), ({}, "bad_webhook"), ({"url": 5}, "bad_webhook"),
        ({"url": ADDRESS, "events": []}, "bad_webhook"), ({"url": ADDRESS, "events": ["webhook.test"]}, "bad_webhook"),
        ({"url": ADDRESS, "events": [[]]}, "bad_webhook"), ({"url": ADDRESS, "secret": "mine"}, "bad_webhook"),
        ({"url": "http://shop.example/"}, "not_https"), ({"url": "https://u:p@shop.example/"}, "bad_url"),
        ({"url": "https://169.254.169.254/latest"}, "not_public"), ({"url": "http://127.0.0.1/"}, "not_https"),
    ])  # fmt: skip
    def test_a_wrong_one_is_refused(self, production: Edge, body: object, code: str) -> None:
        use_key(production, *MAY_BE_TOLD)
        refused(post(production, HOOKS, body), 422, code)

    def test_ten_are_enough(self, production: Edge) -> None:
        use_key(production, *MAY_BE_TOLD)
        for _ in range(10):
            assert post(production, HOOKS, {"url": ADDRESS}).status_code == 201
        refused(post(production, HOOKS, {"url": ADDRESS}), 409, "too_many")

    def test_a_revoked_keys_webhooks_are_off(self, production: Edge) -> None:
        key_id = use_key(production, *MAY_BE_TOLD)
        post(production, HOOKS, {"url": ADDRESS})
        production.parts.api_keys.revoke(key_id)
        (kept,) = production.parts.webhook_delivery.webhooks.all()
        assert kept.off_reason == "key_revoked"

    def test_who_may_not_read_is_told_nothing(self, production: Edge) -> None:
        key_id = use_key(production, Scope.MANAGE_WEBHOOKS)
        refusal = post(production, HOOKS, {"url": ADDRESS})
        refused(refusal, 403, "forbidden")
        assert Scope.READ_CONVERSATIONS.value in refusal.text
        keys = production.parts.api_keys
        assert keys.set_scopes(key_id, MAY_BE_TOLD)
        where = post(production, HOOKS, {"url": ADDRESS}).headers["location"]
        assert get(production, where).json()["active"]
        assert keys.set_scopes(key_id, [Scope.MANAGE_WEBHOOKS])
        found = get(production, where).json()
        assert (found["active"], found["off_reason"]) == (False, "key_may_not_read")
        refused(post(production, f"{where}/enable"), 403, "forbidden")

    def test_a_try_tells_how_it_was_taken(self, edge: Edge) -> None:
        with Receiver(204, "redirect") as shop:
            where = post(edge, HOOKS, {"url": shop.url}).headers["location"]
            assert post(edge, f"{where}/test").json() == {"delivered": True, "status": 204, "error": None}
            assert post(edge, f"{where}/test").json() == {"delivered": False, "status": 307, "error": None}
        assert post(edge, f"{where}/test").json() == {"delivered": False, "status": None, "error": "ConnectError"}

    def test_one_that_was_switched_off_is_told_again(self, edge: Edge, clock: FakeClock) -> None:
        made = post(edge, HOOKS, {"url": "http://127.0.0.1:1/"}).json()
        edge.parts.webhook_delivery.outbox.switch_off(made["id"], OffReason.DEAD, clock.now())
        assert get(edge, f"{HOOKS}/{made['id']}").json()["active"] is False
        assert post(edge, f"{HOOKS}/{made['id']}/enable").json()["active"] is True


def test_the_running_edge_tells_what_people_say(edge: Edge, rasa: FakeRasa) -> None:
    with Receiver(500, 200) as shop:
        where = post(edge, HOOKS, {"url": shop.url}).headers["location"]
        edge.say("hello")
        here = rasa.requests[0]["conversation_id"]
        edge.parts.journal.say(here, Utterance("سلام، من سارا هستم"), agent=None, now=edge.parts.clock.now())
        shop.wait_for(1)
        # Once the failure is kept, the pause begins.
        while get(edge, where).json()["failing_since"] is None:
            pass
        edge.parts.clock.advance(seconds=10)
        shop.wait_for(2)
        edge.stop()
        first, second = (json.loads(got.body) for got in shop.got)
    assert first == second
    assert first["data"]["sender"] == "ali"


class TestDescription:
    def test_every_route_of_the_api_is_described_and_no_other(self, edge: Edge) -> None:
        described = edge.client.get("/openapi.json").json()
        paths = {path for path in described["paths"] if path.startswith(("/api/", "/webhooks/rest"))}
        assert len(paths) == 8
        assert described == json.loads(json.dumps(describe()))
        assert "$defs" not in json.dumps(described)

    def test_the_page_loads_nothing_foreign_and_runs_nothing(self, production: Edge) -> None:
        page = production.client.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        policy = page.headers["content-security-policy"]
        assert "script-src" not in policy
        assert "default-src 'none'" in policy
        assert "<script" not in page.text
        assert " style=" not in page.text
        assert re.findall(r'(?:src|href)="([^#][^"]*)"', page.text) == ["/docs/page.css", "/openapi.json"]
        assert production.client.get("/docs/page.css").headers["content-type"].startswith("text/css")
        for operation in ("sendMessage", "listMessages", "addWebhook", "rotateSecret"):
            assert f'id="{operation}"' in page.text
        names = set(re.findall(r'href="#([^"]+)"', page.text))
        assert names <= set(re.findall(r'id="([^"]+)"', page.text))

    def test_it_can_be_switched_off(self, start_edge: StartEdge) -> None:
        edge = start_edge(mode="production", api_docs=False)
        for path in ("/openapi.json", "/docs", "/docs/page.css"):
            assert edge.client.get(path).status_code == 404
