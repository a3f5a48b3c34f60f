"""What customers see of people at the console: that somebody writes, and that somebody has read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from peyk.domain.conversations import Author, Owner, Ownership
from peyk.domain.staff import Role
from peyk.web.app import create_app
from peyk.web.console import routes
from peyk.web.console.desk import Signs
from peyk.web.console.gate import COOKIE
from peyk.web.live import Live
from peyk.web.server import EdgeServer, configured
from tests.fakes.serving import PATIENCE_S, serving
from tests.unit.web.chat_steps import Browser, Json, bearer, conversation_of
from tests.unit.web.conftest import Edge
from tests.unit.web.console.conftest import Console

HERE = "/console/conversations/c1"


def test_who_has_it_is_seen_writing(console: Console) -> None:
    sara, mina = console.inside("sara"), console.inside("mina")
    console.desk.begin("c1")
    page = sara.get(HERE).text
    assert f'data-tells="{HERE}/typing"' in page
    assert sara.post(f"{HERE}/typing").status_code == 204
    assert console.signs.written == []
    assert console.desk.take("c1", console.person("sara").id)
    assert sara.post(f"{HERE}/typing").status_code == 204
    assert console.signs.written == ["c1"]
    assert sara.post(f"{HERE}/typing", csrf="x" * 64).status_code == 403
    assert mina.post(f"{HERE}/typing").status_code == 404
    assert console.signs.written == ["c1"]


def test_what_an_operator_has_open_has_been_read(console: Console) -> None:
    sara = console.inside("sara")
    console.desk.begin("c1")
    console.desk.said("c1", Author.CUSTOMER, "یک")
    sara.get(HERE)
    assert console.signs.read == [("c1", 1)]
    console.desk.said("c1", Author.CUSTOMER, "دو")
    sara.get(f"{HERE}/entries?after=1")
    # In the background nobody reads it; once the page is looked at, it is.
    assert console.signs.read == [("c1", 1)]
    sara.get(f"{HERE}/entries?after=2&looking=true")
    sara.get(f"{HERE}/entries?after=99&looking=true")
    assert console.signs.read == [("c1", 1), ("c1", 2), ("c1", 2)]


def test_what_the_bot_has_is_not_read_by_who_looks(console: Console) -> None:
    lead = console.inside("omid", Role.LEAD)
    console.desk.begin("c1")
    console.desk.said("c1", Author.CUSTOMER, "یک")
    assert console.desk.take("c1", "x")
    assert console.desk.resolve("c1", "x", "تمام")
    assert lead.get(HERE).status_code == 200
    lead.get(f"{HERE}/entries?after=0&looking=true")
    assert console.signs.read == []


class Shop:
    """An edge with its console, a customer's browser, and an operator's."""

    def __init__(self, edge: Edge, console: Console, client: httpx.Client) -> None:
        self.edge = edge
        self.client = client
        self._console = console
        self.sara = console.inside("sara", Role.ADMIN)
        self.customer = Browser(edge)
        self.here = conversation_of(edge, self.customer.token)
        console.desk.begin(self.here)

    def given_to(self, owner: Ownership) -> None:
        journal, now = self.edge.parts.journal, self.edge.parts.clock.now()
        about = journal.about(self.here)
        assert about is not None
        assert journal.change_owner(self.here, about.ownership, owner, now)

    def taken(self) -> None:
        self.given_to(Ownership(Owner.QUEUE))
        self.given_to(Ownership(Owner.AGENT, self._console.person("sara").id))

    def looks(self, part: str = "") -> None:
        assert self.client.get(f"/console/conversations/{self.here}{part}").status_code in {200, 204}

    def writes(self) -> None:
        address = f"/console/conversations/{self.here}/typing"
        assert self.client.post(address, headers={"X-CSRF-Token": self.sara.csrf}).status_code == 204

    def polled(self, after: int, wait: int = 0) -> Json:
        url = f"/chat/messages?after={after}&wait={wait}"
        return self.edge.client.get(url, headers=bearer(self.customer.token)).json()


@pytest.fixture
def shop(edge: Edge, console: Console) -> Iterator[Shop]:
    def pages(live: Live, signs: Signs, *_: Any) -> APIRouter:
        return routes(replace(console.parts, live=live, signs=signs, words=edge.parts.journal))

    app = create_app(edge.parts, console=pages)
    with (
        serving(EdgeServer(configured(app), app.state.goodbye)) as url,
        httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False) as client,
    ):
        made = Shop(replace(edge, url=url, client=client), console, client)
        client.cookies.set(COOKIE, made.sara.cookies[COOKIE])
        yield made


def test_a_person_is_seen_writing(shop: Shop) -> None:
    shop.customer.say("hello there")
    shop.customer.entries(1)
    shop.taken()
    shop.writes()
    assert shop.customer.wait_for("typing", author="agent")


def test_a_message_is_read_when_a_person_opens_it_and_not_before(shop: Shop) -> None:
    shop.customer.say("hello there")
    shop.customer.entries(1)
    shop.looks()
    shop.taken()
    shop.customer.say("anybody there?")
    assert shop.customer.wait_for("accepted")["seq"] == 3
    assert shop.polled(3)["seen"] == 1
    shop.looks("/entries?after=2")
    assert shop.polled(3)["seen"] == 1
    shop.looks("/entries?after=2&looking=true")
    assert shop.customer.wait_for("seen")["seq"] == 3
    # It stays read: for who reloads the page, and for who has no socket.
    assert Browser(shop.edge, shop.customer.token).welcome["seen"] == 3
    assert Browser(shop.edge, shop.customer.token, after=3).welcome["seen"] == 3
    session = shop.client.post("/chat/session", json={"token": shop.customer.token, "after": 3}).json()
    assert session["seen"] == 3


def test_who_polls_is_told_at_once(shop: Shop) -> None:
    shop.customer.say("hello there")
    shop.customer.entries(1)
    shop.taken()
    before = shop.edge.pool.submit(shop.polled, 2, 25)
    while not before.done():
        shop.looks()
    assert before.result()["seen"] == 2
    assert before.result()["entries"] == []
