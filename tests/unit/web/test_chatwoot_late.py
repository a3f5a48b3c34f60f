"""The bot says nothing into a conversation that people have had since its message came, and does not take it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peyk.domain.conversations import Owner, Ownership
from peyk.ports.inbox import Received
from tests.fakes.chatwoot import BOT_TOKEN, FakeChatwoot
from tests.fakes.vendor_http import Fault
from tests.unit.web.chatwoot_world import World, settings_of
from tests.unit.web.conftest import FakeRasa, StartEdge

QUEUE = Ownership(Owner.QUEUE)


@pytest.fixture
def server() -> Iterator[FakeChatwoot]:
    with FakeChatwoot() as fake:
        yield fake


@pytest.fixture
def reading(start_edge: StartEdge, server: FakeChatwoot) -> Iterator[World]:
    """A bot beside a token that may read."""
    edge = start_edge(**settings_of(server))
    yield World(edge, server)
    edge.stop()


@pytest.fixture
def blind(start_edge: StartEdge, server: FakeChatwoot) -> Iterator[World]:
    """A bot that may read nothing: a bot's token in the place of a person's."""
    edge = start_edge(**{**settings_of(server), "chatwoot_token": BOT_TOKEN})
    yield World(edge, server)
    edge.stop()


def answer_late(world: World, rasa: FakeRasa) -> None:
    """Have a person take the conversation while the bot thinks."""
    rasa.hold("hello")
    assert world.post(world.writes("hello")) == 200
    rasa.wait_for("hello")
    world.status = "open"
    rasa.release("hello")
    world.settle(1)


def test_taken_while_the_bot_thinks_it_says_nothing(reading: World, rasa: FakeRasa) -> None:
    answer_late(reading, rasa)
    assert reading.said == []
    assert reading.status == "open"


def test_assigned_to_somebody_while_the_bot_thinks_it_says_nothing(reading: World, rasa: FakeRasa) -> None:
    rasa.hold("hello")
    reading.post(reading.writes("hello"))
    rasa.wait_for("hello")
    reading.server.assign(reading.chat)
    rasa.release("hello")
    reading.settle(1)
    assert reading.said == []


def test_who_gave_it_back_may_still_be_its_assignee(reading: World) -> None:
    reading.server.assign(reading.chat)
    reading.post(reading.writes("hello"))
    reading.settle(1)
    assert reading.said == ["echo hello"]


def test_still_pending_it_answers(reading: World) -> None:
    reading.post(reading.writes("hello"))
    reading.settle(1)
    assert reading.said == ["echo hello"]


def test_taken_before_it_is_looked_at_the_journal_stays_with_people(reading: World, rasa: FakeRasa) -> None:
    reading.post(reading.writes("one"))
    reading.settle(1)
    journal, now = reading.edge.parts.journal, reading.edge.parts.clock.now()
    assert journal.change_owner(reading.here, Ownership(), QUEUE, now)
    event = reading.writes("two")
    reading.status = "open"
    reading.post({**event, "conversation": {**event["conversation"], "status": "pending"}})
    reading.settle(2)
    assert rasa.texts == ["one"]
    assert journal.owner(reading.here) == QUEUE
    assert reading.said == ["echo one"]


def test_what_a_restart_finds_is_looked_at_again(start_edge: StartEdge, server: FakeChatwoot, rasa: FakeRasa) -> None:
    first = World(start_edge(**settings_of(server)), server)
    event = first.writes("hello")
    first.edge.stop()
    parts = first.edge.parts
    parts.inbox.put("chatwoot", Received("3:1", first.here, event, parts.clock.now()))
    first.status = "resolved"
    again = World(start_edge(**settings_of(server)), server, first.chat)
    again.settle(1)
    assert (rasa.texts, again.said, again.status) == ([], [], "resolved")
    again.edge.stop()


def test_a_status_that_cannot_be_read_now_is_asked_for_again(reading: World, server: FakeChatwoot) -> None:
    server.fail(Fault.SERVER_ERROR, method="GET", part="/conversations/", times=2)
    reading.post(reading.writes("hello"))
    reading.settle(1)
    assert reading.said == ["echo hello"]


def test_a_bot_that_cannot_see_who_has_it_says_nothing_and_leaves_it_to_people(blind: World, rasa: FakeRasa) -> None:
    blind.post(blind.writes("one"))
    blind.settle(1)
    assert (rasa.texts, blind.said, blind.status) == ([], [], "open")
    assert blind.edge.parts.journal.owner(blind.here) == QUEUE
    # It is there for whoever has it.
    blind.post(blind.writes("two"))
    blind.settle(2)
    assert blind.journal == ["one", "two"]
    assert (rasa.texts, blind.said) == ([], [])


def test_a_token_that_is_revoked_while_the_bot_thinks(reading: World, server: FakeChatwoot, rasa: FakeRasa) -> None:
    rasa.hold("one")
    reading.post(reading.writes("one"))
    rasa.wait_for("one")
    server.token = "another"
    rasa.release("one")
    reading.settle(1)
    assert (reading.said, reading.status) == ([], "open")
    assert reading.edge.parts.journal.owner(reading.here) == QUEUE
