"""Whole conversations with people: a real Rasa, action server and edge, and processes that die on the way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from peyk.domain.conversations import Author, Owner
from peyk.domain.handoff import HandoffReason
from tests.conversations.checks import conversation_of, heard, new_sender, rows
from tests.conversations.conftest import SCHEMA
from tests.conversations.people import add_operator, people
from tests.stack import Answer, Stack

ASKS = {"fa": "می‌خوام با یک پشتیبان انسانی صحبت کنم", "en": "I want to talk to a human agent please"}
WHERE = {"fa": "سفارش TS-104233 کجاست؟", "en": "where is my order TS-104233?"}
STOP_WORD = "تعزیرات"


@pytest.fixture(scope="module")
def peyk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole Peyk at a shop with one operator."""
    env = {"PEYK_HANDOFF_STOP_WORDS": STOP_WORD, "PEYK_RASA_TIMEOUT_S": "10"}
    with Stack(tmp_path_factory.mktemp("handoff"), env=env) as stack:
        add_operator(stack)
        yield stack


def said(stack: Stack, sender: str) -> list[tuple[str, str]]:
    """Return (author, text) of a conversation, in order."""
    query = "SELECT author, text FROM journal WHERE conversation_id = :here ORDER BY seq"
    return [(str(author), str(text)) for author, text in rows(stack, query, here=conversation_of(stack, sender))]


def owner(stack: Stack, sender: str) -> str:
    (row,) = rows(stack, "SELECT owner FROM conversations WHERE id = :here", here=conversation_of(stack, sender))
    return str(row[0])


def assert_queued(answer: Answer) -> None:
    SCHEMA.validate(answer.messages)
    assert answer.status == 200, answer.text
    assert answer.custom["handoff"]["state"] == "queued", answer.messages
    assert answer.messages[-1]["custom"] == answer.custom


@pytest.mark.parametrize("language", ["fa", "en"])
def test_to_a_person_and_back(peyk: Stack, language: str) -> None:
    sender = new_sender()
    assert "TS-104233" in peyk.say(WHERE[language], sender).text
    answer = peyk.say(ASKS[language], sender, message_id="ask")
    assert_queued(answer)
    assert answer.titles == [{"fa": "ادامه با دستیار", "en": "Go on with the assistant"}[language]]
    assert peyk.say(ASKS[language], sender, message_id="ask").messages == answer.messages
    before = heard(peyk, sender)
    for message in ("hello?", WHERE[language], WHERE[language]):
        assert peyk.say(message, sender).messages == []

    here = conversation_of(peyk, sender)
    with people(peyk) as service:
        packet = service.packet(here)
        assert packet is not None
        assert (packet.reason, packet.packet.language) == (HandoffReason.ASKED, language)
        assert packet.packet.order is not None
        assert set(packet.packet.order) == {"orderId", "status", "statusFa"}
        assert "action_track_order" in packet.packet.tried
        assert service.take(here, "sara")
        assert service.reply(here, "sara", "Hello, Sara here", message_id="r1")
        assert peyk.say("thank you", sender).messages == []
        assert service.resolve(here, "sara", "All is well.")
    assert heard(peyk, sender) == before
    assert owner(peyk, sender) == Owner.BOT
    assert "TS-104233" in peyk.say(WHERE[language], sender).text
    authors = [author for author, _ in said(peyk, sender)]
    assert authors[-2:] == [Author.CUSTOMER, Author.BOT]
    assert [text for _, text in said(peyk, sender)].count("Hello, Sara here") == 1


@pytest.mark.parametrize("leaves", [ASKS["fa"], f"می‌رم {STOP_WORD}"])
def test_nothing_of_before_is_asked_after_it(peyk: Stack, leaves: str) -> None:
    """Handed over by the bot itself, or by the edge past an open form."""
    sender = new_sender()
    peyk.say(WHERE["fa"], sender)
    asked = peyk.press("verify", sender)
    assert "همراه" in asked.text
    assert_queued(peyk.say(leaves, sender))
    back = peyk.press("back_to_bot", sender)
    assert back.custom == {"handoff": {"state": "bot"}}
    answer = peyk.say("هزینه ارسال به رشت چقدره؟", sender)
    assert "رشت" in answer.text
    assert "همراه" not in answer.text
    # The form can be begun again.
    peyk.say(WHERE["fa"], sender)
    assert "همراه" in peyk.press("verify", sender).text


@pytest.mark.parametrize("name", ["rasa", "actions"])
def test_a_dead_bot_is_told_and_people_have_it(peyk: Stack, name: str) -> None:
    sender = new_sender()
    peyk.say(WHERE["fa"], sender)
    peyk.kill(name)
    try:
        answer = peyk.say("سفارشم دیر کرده، چه کار کنم؟", sender, message_id="late")
        assert_queued(answer)
        assert "دستیار خودکار الان در دسترس نیست" in answer.text
        assert peyk.say("سفارشم دیر کرده، چه کار کنم؟", sender, message_id="late").messages == answer.messages
        assert peyk.say("الو؟", sender).messages == []
    finally:
        peyk.restart(name)
    assert peyk.say("الو؟", sender).messages == []
    with people(peyk) as service:
        packet = service.packet(conversation_of(peyk, sender))
        assert packet is not None
        assert packet.reason is HandoffReason.BOT_DOWN
    peyk.say("سفارشم دیر کرده، چه کار کنم؟", sender, message_id="late")
    assert peyk.press("back_to_bot", sender).custom == {"handoff": {"state": "bot"}}
    assert "TS-104233" in peyk.say(WHERE["fa"], sender).text


def test_an_edge_that_dies_on_the_way(peyk: Stack) -> None:
    """Wherever it dies, the message sent again with its id is answered once, and one party has the conversation."""
    senders = [new_sender() for _ in range(3)]
    for sender in senders:
        peyk.say(WHERE["fa"], sender)

    def ask(sender: str) -> None:
        try:
            peyk.say(ASKS["fa"], sender, message_id="ask")
        except httpx.HTTPError:
            return

    with ThreadPoolExecutor(len(senders)) as pool:
        asking = [pool.submit(ask, sender) for sender in senders]
        peyk.kill("edge")
        for each in asking:
            each.result()
    peyk.restart("edge")
    for sender in senders:
        answer = peyk.say(ASKS["fa"], sender, message_id="ask")
        assert_queued(answer)
        assert peyk.say("الو؟", sender, message_id="alo").messages == []
        assert peyk.say("الو؟", sender, message_id="alo").messages == []
        texts = [text for _, text in said(peyk, sender)]
        assert texts.count(ASKS["fa"]) == texts.count(answer.messages[-1]["text"]) == texts.count("الو؟") == 1
        assert owner(peyk, sender) == Owner.QUEUE
    here = [conversation_of(peyk, sender) for sender in senders]
    with people(peyk) as service:
        waiting = [each.handoff.conversation_id for each in service.waiting()]
        assert sorted(each for each in waiting if each in here) == sorted(here)
