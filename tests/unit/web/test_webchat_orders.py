"""The card of an order moves when the order does, at the conversation's level, and nobody sees it fail."""

from __future__ import annotations

import pytest

from peyk.errors import Unavailable
from tests.unit.web.chat_steps import Browser, Json, bearer, conversation_of
from tests.unit.web.conftest import Edge, FakeRasa, StartEdge

CARD = {"orderId": "TS-104233", "status": "in_transit", "statusFa": "در راه"}
MOVED = {**CARD, "status": "out_for_delivery", "statusFa": "در حال تحویل"}
OPENED = {**MOVED, "items": [{"sku": "A-1", "title": "Lamp", "quantity": 1, "price": "1"}], "tracking": None}
ARRIVED = {**CARD, "status": "delivered", "statusFa": "تحویل‌شده"}


def with_card(text: str = "It is on its way.", card: Json = CARD) -> Json:
    return [{"text": text, "custom": {"order": card}}]


@pytest.fixture
def edge(start_edge: StartEdge, rasa: FakeRasa) -> Edge:
    """An edge that looks at cards all the time."""
    rasa.answer = lambda _: with_card()
    return start_edge(webchat_card_refresh_s=0.02)


def test_the_card_moves_when_the_order_moves_and_only_then(edge: Edge) -> None:
    browser = Browser(edge)
    browser.say("where is TS-104233?")
    browser.entries(1)
    follow = edge.parts.follow
    while len(follow.asked) < 3:
        edge.client.get("/healthz")
    follow.orders["TS-104233"] = MOVED
    assert browser.wait_for("order") == {"type": "order", "order": MOVED}
    follow.orders["TS-104233"] = ARRIVED
    assert browser.wait_for("order") == {"type": "order", "order": ARRIVED}
    assert [frame["order"]["status"] for frame in browser.frames if frame["type"] == "order"] == [
        "out_for_delivery",
        "delivered",
    ]
    # What has arrived is not asked for any more.
    asked = len(follow.asked)
    browser.socket.send(type="ping")
    browser.wait_for("pong")
    assert len(follow.asked) <= asked + 1
    assert {caller.conversation_id for caller, _ in follow.asked} == {conversation_of(edge, browser.token)}
    assert {language for _, language in follow.asked} == {"en"}


def test_a_failing_look_is_silent(edge: Edge) -> None:
    browser = Browser(edge)
    edge.parts.follow.failing = Unavailable("shop")
    browser.say("where is TS-104233?")
    browser.entries(1)
    while len(edge.parts.follow.asked) < 3:
        edge.client.get("/healthz")
    edge.parts.follow.failing = None
    edge.parts.follow.orders["TS-104233"] = MOVED
    browser.wait_for("order")
    assert not [frame for frame in browser.frames if frame["type"] in {"refused", "bye"}]


def test_without_a_card_nothing_is_asked(edge: Edge, rasa: FakeRasa) -> None:
    rasa.answer = lambda _: [{"text": "Hello."}]
    browser = Browser(edge)
    browser.say("hello there")
    browser.entries(1)
    browser.socket.send(type="ping")
    browser.wait_for("pong")
    assert edge.parts.follow.asked == []


def test_a_reload_shows_where_the_order_is_by_now(edge: Edge) -> None:
    first = Browser(edge)
    first.say("where is TS-104233?")
    first.entries(1)
    first.close()
    edge.parts.follow.orders["TS-104233"] = MOVED
    assert Browser(edge, first.token).wait_for("order")["order"] == MOVED


def test_a_poll_tells_it_every_time(edge: Edge) -> None:
    browser = Browser(edge)
    browser.say("where is TS-104233?")
    browser.entries(1)

    def polled() -> Json:
        return edge.client.get("/chat/messages?after=2", headers=bearer(browser.token)).json().get("order")

    assert polled() is None
    edge.parts.follow.orders["TS-104233"] = MOVED
    assert polled() == MOVED
    assert polled() == MOVED
    edge.parts.follow.orders["TS-104233"] = ARRIVED
    assert polled() == ARRIVED


def polled(edge: Edge, browser: Browser) -> Json:
    return edge.client.get("/chat/messages?after=2", headers=bearer(browser.token)).json().get("order")


@pytest.mark.parametrize("status", ["out_for_delivery", "delivered"])
def test_a_poll_tells_only_the_stage_after_the_proof_has_ended(edge: Edge, status: str) -> None:
    browser, follow = Browser(edge), edge.parts.follow
    browser.say("where is TS-104233?")
    browser.entries(1)
    browser.close()
    opened = {**OPENED, "status": status}
    follow.orders["TS-104233"] = opened
    assert polled(edge, browser) == opened
    assert polled(edge, browser) == opened
    follow.proven = None
    assert polled(edge, browser) == {**MOVED, "status": status}
    # Another proof than the one under which it was told opens nothing of it by itself.
    follow.proven, follow.orders = "09350000000", {}
    assert polled(edge, browser) == {**MOVED, "status": status}


def test_a_proof_that_ends_during_a_poll_opens_nothing(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, follow = Browser(edge), edge.parts.follow
    browser.say("where is TS-104233?")
    browser.entries(1)
    browser.close()
    follow.orders["TS-104233"] = OPENED
    assert polled(edge, browser) == OPENED

    def ends(*_: object) -> None:
        follow.proven = None

    monkeypatch.setattr(follow, "news", ends)
    assert polled(edge, browser) == MOVED


def test_a_socket_is_told_only_the_stage_after_the_proof_has_ended(edge: Edge) -> None:
    browser, follow = Browser(edge), edge.parts.follow
    browser.say("where is TS-104233?")
    browser.entries(1)
    follow.orders["TS-104233"] = OPENED
    assert browser.wait_for("order")["order"] == OPENED
    follow.proven = None
    follow.orders["TS-104233"] = {**OPENED, "status": "delivered"}
    assert browser.wait_for("order")["order"] == {**MOVED, "status": "delivered"}


def test_the_card_moves_after_the_line_broke(edge: Edge) -> None:
    first = Browser(edge)
    first.say("where is TS-104233?")
    first.entries(1)
    first.close()
    again = Browser(edge, first.token, after=2)
    assert again.welcome["entries"] == []
    edge.parts.follow.orders["TS-104233"] = MOVED
    assert again.wait_for("order")["order"] == MOVED
