"""Peyk as an agent bot, through a real edge: answered once while pending, handed over by opening, nothing forged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peyk.domain.conversations import Owner, Ownership
from peyk.web.chatwoot_bot import PATH
from tests.fakes.chatwoot import FakeChatwoot, signed
from tests.fakes.vendor_http import Fault
from tests.unit.web.chatwoot_world import SECRET, World, settings_of
from tests.unit.web.conftest import FakeRasa, StartEdge
from tests.unit.web.telegram_steps import rows

QUEUE = Ownership(Owner.QUEUE)


@pytest.fixture
def world(start_edge: StartEdge) -> Iterator[World]:
    with FakeChatwoot() as server:
        edge = start_edge(**settings_of(server))
        yield World(edge, server)
        edge.stop()


def test_a_message_is_acknowledged_at_once_and_answered_after(world: World, rasa: FakeRasa) -> None:
    rasa.hold("hello")
    assert world.post(world.writes("hello")) == 200
    rasa.wait_for("hello")
    assert world.said == []
    rasa.release("hello")
    world.settle(1)
    assert world.said == ["echo hello"]
    assert world.status == "pending"


def test_of_forged_and_old_ones_nothing_happens(world: World, rasa: FakeRasa) -> None:
    event = world.writes("hello")
    assert world.post(event, "another") == 401
    body, headers = signed(SECRET, event, world.edge.parts.clock.now().timestamp() - 600)
    assert world.edge.client.post(PATH, content=body, headers=headers).status_code == 401
    assert world.edge.client.post(PATH, json=event).status_code == 401
    assert rows(world.edge, "SELECT * FROM inbox") == []
    assert rasa.texts == []


def test_a_repeated_one_is_refused_and_the_same_message_is_answered_once(world: World, rasa: FakeRasa) -> None:
    event = world.writes("hello")
    body, headers = signed(SECRET, event, world.edge.parts.clock.now().timestamp())
    assert world.edge.client.post(PATH, content=body, headers=headers).status_code == 200
    again = {**headers, "X-Chatwoot-Delivery": "another"}
    assert world.edge.client.post(PATH, content=body, headers=again).status_code == 403
    # The same message sent anew by Chatwoot itself, signed anew.
    assert world.post({**event, "more": 1}) == 200
    world.post(world.writes("last"))
    world.settle(2)
    assert rasa.texts == ["hello", "last"]
    assert world.said == ["echo hello", "echo last"]


def test_while_people_have_it_the_bot_says_nothing(world: World, rasa: FakeRasa) -> None:
    world.server.conversations[world.chat]["status"] = "open"
    assert world.post(world.writes("hello")) == 200
    world.settle(1)
    assert (rasa.texts, world.said) == ([], [])


def test_what_customers_write_to_people_is_in_the_journal_once(world: World, rasa: FakeRasa) -> None:
    world.post(world.writes("one"))
    world.settle(1)
    world.server.conversations[world.chat]["status"] = "open"
    event = world.writes("is anybody there?")
    world.post(event)
    world.post({**event, "more": 1})
    world.post(world.writes("x" * 5000))
    world.settle(3)
    assert world.journal == ["one", "echo one", "is anybody there?", "x" * 2000]
    world.server.conversations[world.chat]["status"] = "pending"
    world.post(world.writes("two"))
    world.settle(4)
    assert world.said == ["echo one", "echo two"]
    assert rasa.texts == ["one", "two"]


def test_what_they_chose_after_people_took_it_does_nothing(world: World, rasa: FakeRasa) -> None:
    rasa.answer = lambda _: [{"text": "which?", "buttons": [{"title": "Track", "payload": "/track"}]}]
    world.post(world.writes("choose"))
    world.settle(1)
    asked = world.server.messages[world.chat][-1]
    (item,) = asked["content_attributes"]["items"]
    world.server.conversations[world.chat]["status"] = "open"
    event = {**world.server.message_event(world.chat, asked), "event": "message_updated"}
    assert world.post({**event, "content_attributes": {"submitted_values": [item]}}) == 200
    assert len(rasa.requests) == 1


@pytest.mark.parametrize("fault", [None, Fault.SERVER_ERROR, Fault.RATE_LIMITED])
def test_when_it_is_handed_over_the_conversation_is_opened(world: World, rasa: FakeRasa, fault: Fault | None) -> None:
    if fault is not None:
        world.server.fail(fault, part="toggle_status", times=2)
    rasa.hold("a person please")
    world.post(world.writes("a person please"))
    rasa.wait_for("a person please")
    journal, now = world.edge.parts.journal, world.edge.parts.clock.now()
    assert journal.change_owner(world.here, Ownership(), QUEUE, now)
    rasa.release("a person please")
    world.settle(1)
    assert world.status == "open"
    assert journal.owner(world.here) == QUEUE


def test_given_back_by_people_the_bot_answers_again(world: World, rasa: FakeRasa) -> None:
    world.post(world.writes("one"))
    world.settle(1)
    journal, now = world.edge.parts.journal, world.edge.parts.clock.now()
    assert journal.change_owner(world.here, Ownership(), QUEUE, now)
    world.post(world.writes("two"))
    world.settle(2)
    assert rasa.texts == ["one", "two"]
    assert journal.owner(world.here) == Ownership()


def test_what_went_out_does_not_go_out_twice_when_chatwoot_fails_in_between(world: World, rasa: FakeRasa) -> None:
    rasa.answer = lambda _: [{"text": "first"}, {"text": "second"}]
    world.server.fail(Fault.SERVER_ERROR, part="/messages", times=1)
    world.post(world.writes("two"))
    world.settle(1)
    assert world.said == ["first", "second"]
    assert rasa.texts == ["two"]


def test_buttons_are_a_choice_and_what_is_chosen_does_what_it_says(world: World, rasa: FakeRasa) -> None:
    rasa.answer = lambda _: [{"text": "which?", "buttons": [{"title": "Track", "payload": "/track"}]}]
    world.post(world.writes("choose"))
    world.settle(1)
    asked = world.server.messages[world.chat][-1]
    (item,) = asked["content_attributes"]["items"]
    assert (asked["content_type"], item["title"]) == ("input_select", "Track")
    assert "/track" not in str(asked)
    chosen = {**asked, "content_attributes": {**asked["content_attributes"], "submitted_values": [item]}}
    event = {**world.server.message_event(world.chat, chosen), "event": "message_updated"}
    world.post({**event, "content_attributes": chosen["content_attributes"]})
    world.settle(2)
    assert rasa.requests[-1].get("payload") == "/track"


def test_a_channel_that_takes_no_choice_gets_the_words(world: World, rasa: FakeRasa) -> None:
    rasa.answer = lambda _: [{"text": "which?", "buttons": [{"title": "Track", "payload": "/track"}]}]
    world.server.refuse_choices = True
    world.post(world.writes("choose"))
    world.settle(1)
    assert world.said == ["which?"]


def test_without_a_bot_there_is_no_webhook(start_edge: StartEdge) -> None:
    assert start_edge().client.post(PATH, content=b"{}").status_code == 404
