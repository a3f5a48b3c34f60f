"""What people and the system say reaches Chatwoot's customers: in order, once, whatever fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peyk.channels.chatwoot import CHANNEL
from peyk.domain.conversations import Owner, Ownership, Utterance
from tests.fakes.chatwoot import FakeChatwoot
from tests.fakes.vendor_http import Fault
from tests.unit.web.chatwoot_world import World, settings_of
from tests.unit.web.conftest import FakeRasa, StartEdge
from tests.unit.web.telegram_steps import wait

QUEUE, SARA = Ownership(Owner.QUEUE), Ownership(Owner.AGENT, "sara")


@pytest.fixture
def server() -> Iterator[FakeChatwoot]:
    with FakeChatwoot() as fake:
        yield fake


@pytest.fixture
def world(start_edge: StartEdge, server: FakeChatwoot) -> Iterator[World]:
    edge = start_edge(**settings_of(server))
    yield World(edge, server)
    edge.stop()


def take(world: World, settled: int = 1) -> None:
    """A customer writes, and an operator takes the conversation, which is said."""
    world.post(world.writes("hello"))
    world.settle(settled)
    journal, now = world.edge.parts.journal, world.edge.parts.clock.now()
    assert journal.change_owner(world.here, Ownership(), QUEUE, now)
    assert journal.change_owner(world.here, QUEUE, SARA, now, saying=Utterance("Sara has joined"))


def sara_says(world: World, *words: str) -> None:
    journal, now = world.edge.parts.journal, world.edge.parts.clock.now()
    for each in words:
        assert journal.say(world.here, Utterance(each), agent="sara", now=now) is not None


def waiting(world: World) -> int:
    return len(world.edge.parts.journal.to_push(CHANNEL, now=world.edge.parts.clock.now(), limit=100))


def brought(world: World) -> None:
    wait(world.edge, lambda: waiting(world) == 0)


def test_what_an_operator_and_the_system_say_arrives_once_and_in_order(world: World, rasa: FakeRasa) -> None:
    take(world)
    words = [f"words {number}" for number in range(5)]
    sara_says(world, *words)
    brought(world)
    sara_says(world, "bye")
    brought(world)
    assert world.said == ["echo hello", "Sara has joined", *words, "bye"]
    assert rasa.texts == ["hello"]


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.RATE_LIMITED])
def test_what_fails_is_tried_again_and_nothing_overtakes_it(world: World, server: FakeChatwoot, fault: Fault) -> None:
    take(world)
    brought(world)
    server.fail(fault, part="/messages", times=3)
    sara_says(world, "first", "second")
    brought(world)
    assert world.said[2:] == ["first", "second"]


def test_what_chatwoot_refuses_or_has_forgotten_holds_up_nothing(world: World, server: FakeChatwoot) -> None:
    take(world)
    sara_says(world, " ")
    sara_says(world, "after it")
    brought(world)
    assert world.said[-1] == "after it"
    gone = World(world.edge, server)
    take(gone, 2)
    brought(gone)
    del server.conversations[gone.chat]
    sara_says(gone, "to nobody")
    brought(gone)


def test_a_token_that_does_not_do_loses_nothing(
    world: World, server: FakeChatwoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(world)
    brought(world)
    before = server.unauthorised
    with monkeypatch.context() as revoked:
        revoked.setattr(server, "authorised", lambda _: False)
        sara_says(world, "kept")
        wait(world.edge, lambda: server.unauthorised > before)
    brought(world)
    assert world.said[-1] == "kept"


def test_a_conversation_in_trouble_holds_up_no_other(server: FakeChatwoot, start_edge: StartEdge) -> None:
    # A desk that fails again and again is left alone for a while: not what this is about.
    world = World(start_edge(**settings_of(server), breaker_failures=1000), server)
    other = World(world.edge, server)
    take(world)
    take(other, 2)
    brought(world)
    server.fail(Fault.SERVER_ERROR, part=f"/{other.chat}/messages", times=1000)
    sara_says(other, "late")
    sara_says(world, "at once")
    wait(world.edge, lambda: world.said[-1:] == ["at once"])
    wait(world.edge, lambda: waiting(world) == 1)


def test_what_was_left_by_a_stopped_edge_is_brought_by_the_next(
    world: World, server: FakeChatwoot, start_edge: StartEdge
) -> None:
    take(world)
    brought(world)
    world.edge.stop()
    sara_says(world, "meanwhile")
    again = World(start_edge(**settings_of(server)), server, world.chat)
    brought(again)
    assert again.said[-1] == "meanwhile"
    again.edge.stop()
