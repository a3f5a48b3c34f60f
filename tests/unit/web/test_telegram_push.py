"""What people and the system say reaches Telegram: in order, once, whatever fails; and it is known when it does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from peyk.channels.telegram.names import CHANNEL
from peyk.domain.conversations import Author, Button, Owner, Ownership, Utterance
from peyk.domain.identity import Verification
from peyk.i18n import text
from peyk.ports.journal import Offer
from peyk.services.handoff_words import BACK_TO_BOT
from peyk.text.isolate import without_isolation
from peyk.web import push
from peyk.web.push import LEASE
from tests.fakes.evidence import document
from tests.fakes.telegram import CUSTOMER, FakeTelegram
from tests.fakes.telegram_http import Fault
from tests.unit.web.conftest import Edge, FakeClock, FakeRasa, Json, StartBot
from tests.unit.web.telegram_steps import MOBILE, OTHER, here, rows, settle, texts, wait

SARA = Ownership(Owner.AGENT, "sara")


def take(edge: Edge, telegram: FakeTelegram, chat_id: int = CUSTOMER) -> None:
    """A customer writes, and an agent takes the conversation."""
    telegram.say("a person please", chat_id)
    settle(edge, telegram)
    telegram.wait_for(lambda: len(texts(telegram, chat_id)) == 1)
    for expected, new in ((Ownership(), Ownership(Owner.QUEUE)), (Ownership(Owner.QUEUE), SARA)):
        assert edge.parts.journal.change_owner(here(edge, chat_id), expected, new, edge.parts.clock.now())


def agent_says(edge: Edge, words: str, chat_id: int = CUSTOMER, **more: Json) -> int:
    said = Utterance(words, **more)
    seq = edge.parts.journal.say(here(edge, chat_id), said, agent="sara", now=edge.parts.clock.now())
    assert seq is not None
    return seq


def waiting(edge: Edge) -> list[str | None]:
    found = edge.parts.journal.to_push(CHANNEL, now=edge.parts.clock.now(), limit=100)
    return [each.entry.text for each in found]


def brought(edge: Edge) -> None:
    wait(edge, lambda: waiting(edge) == [])


def history(edge: Edge) -> list[tuple[Author, str | None]]:
    said = edge.parts.journal.entries(here(edge), after_seq=0, now=edge.parts.clock.now(), limit=100)
    return [(entry.author, entry.text) for entry in said]


class TestInOrder:
    def test_what_an_agent_says_arrives_once(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        take(polling, telegram)
        words = [f"words {number}" for number in range(5)]
        for each in words:
            agent_says(polling, each)
        brought(polling)
        assert texts(telegram)[1:] == words
        telegram.say("thanks")
        settle(polling, telegram)
        agent_says(polling, "bye")
        brought(polling)
        assert texts(telegram)[1:] == [*words, "bye"]
        # The agent answers, not the bot.
        assert rasa.texts == ["a person please"]

    def test_two_chats_do_not_wait_for_each_other(self, polling: Edge, telegram: FakeTelegram) -> None:
        take(polling, telegram)
        take(polling, telegram, OTHER)
        telegram.blocked.add(OTHER)
        agent_says(polling, "to nobody", OTHER)
        agent_says(polling, "to the customer")
        brought(polling)
        assert texts(telegram)[-1] == "to the customer"

    def test_buttons_of_the_system_work(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        take(polling, telegram)
        token = "b:0123456789abcdef"
        back = Utterance("I am back", (Button("Start", token),))
        now = polling.parts.clock.now()
        assert polling.parts.journal.change_owner(
            here(polling), SARA, Ownership(), now, saying=back, offers=(Offer(token, "/start_again", "Start"),)
        )
        brought(polling)
        sent = telegram.sent[-1]
        assert sent["text"] == "I am back"
        ((button,),) = sent["reply_markup"]["inline_keyboard"]
        (_, message_id), _ = list(telegram.keyboards.items())[-1]
        telegram.tap(button["callback_data"], message_id)
        settle(polling, telegram)
        assert rasa.texts[-1] == "/start_again"

    def test_what_a_button_of_the_edge_is_answered_with_is_said_once(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa
    ) -> None:
        telegram.say("a person please")
        settle(polling, telegram)
        buttons = (Button("Go on", "b:0123456789abcdef"), Button("Stars", "b:0123456789abcdeg"))
        offers = (Offer(buttons[0].token, BACK_TO_BOT, "Go on"), Offer(buttons[1].token, "peyk:csat:0:5", "Stars"))
        queued = Utterance("you are next", buttons)
        now, queue = polling.parts.clock.now(), Ownership(Owner.QUEUE)
        journal = polling.parts.journal
        assert journal.change_owner(here(polling), Ownership(), queue, now, saying=queued, offers=offers)
        brought(polling)
        (_, message_id), _ = list(telegram.keyboards.items())[-1]
        # One that says nothing in the queue, one that changes hands.
        for button in (buttons[1], buttons[0]):
            telegram.tap(button.token, message_id)
            settle(polling, telegram)
            brought(polling)
        telegram.say("hello again")
        settle(polling, telegram)
        said = texts(telegram)
        assert said[1:3] == ["you are next", text("edge_button_expired", "en")]
        assert (len(said), said[-1]) == (5, "echo hello again")
        assert journal.owner(here(polling)).owner is Owner.BOT

    def test_long_words_come_in_parts(self, polling: Edge, telegram: FakeTelegram) -> None:
        take(polling, telegram)
        agent_says(polling, "A sentence of an agent. " * 300)
        brought(polling)
        assert len(texts(telegram)) == 3

    def test_a_file_of_an_agent_is_sent(self, polling: Edge, telegram: FakeTelegram) -> None:
        take(polling, telegram)
        file = polling.parts.files.receive(here(polling), "فاکتور.pdf", document(), by="sara")
        agent_says(polling, "your invoice", custom={"files": [file.as_custom()]})
        brought(polling)
        assert texts(telegram)[-1] == "your invoice"
        (sent,) = [call.params for call in telegram.calls if call.method == "sendDocument"]
        name, media_type, content = sent["document"]
        assert (sent["chat_id"], name, media_type) == (CUSTOMER, "فاکتور.pdf", "application/pdf")
        assert content == polling.parts.files.read(file.id)[1].read_bytes()

    def test_what_people_said_is_told_also_after_the_proof_has_ended(
        self, start_bot: StartBot, telegram: FakeTelegram, clock: FakeClock
    ) -> None:
        first = start_bot()
        take(first, telegram)
        first.stop()
        until = clock.now() + timedelta(minutes=10)
        first.parts.verifications.grant(Verification(here(first), MOBILE, "otp", until))
        agent_says(first, "secret street 7")
        clock.advance(minutes=10)
        second = start_bot()
        brought(second)
        assert texts(telegram)[1:] == ["secret street 7"]


class TestFaults:
    @pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.HTML, Fault.RESET, Fault.CUT_OFF])
    def test_what_passes_is_tried_again(self, polling: Edge, telegram: FakeTelegram, fault: Fault) -> None:
        take(polling, telegram)
        telegram.fail(fault, "sendMessage", times=2)
        agent_says(polling, "one")
        agent_says(polling, "two")
        brought(polling)
        arrived = texts(telegram)[1:]
        # The fake counts what it answered badly as sent, too; what is seen once more is what it never said yes to.
        assert arrived[-1] == "two"
        assert list(dict.fromkeys(arrived)) == ["one", "two"]
        assert len(arrived) == 4

    def test_when_telegram_asks_for_patience_it_is_obeyed(self, polling: Edge, telegram: FakeTelegram) -> None:
        take(polling, telegram)
        telegram.fail(Fault.RATE_LIMITED, "sendMessage", retry_after=17)
        agent_says(polling, "one")
        brought(polling)
        assert any(16 < nap <= 17 for nap in polling.naps)

    def test_what_is_refused_does_not_hold_up_the_rest(self, polling: Edge, telegram: FakeTelegram) -> None:
        take(polling, telegram)
        agent_says(polling, "", custom={"files": [{"id": "gone", "name": "x", "type": "y", "size": 1}]})
        agent_says(polling, "after it")
        brought(polling)
        assert texts(telegram)[1:] == ["after it"]

    def test_of_a_long_one_only_what_is_missing_goes_out_again(self, polling: Edge, telegram: FakeTelegram) -> None:
        take(polling, telegram)
        long = "A sentence of an agent. " * 300
        telegram.fail(Fault.SERVER_ERROR, "sendMessage", after=1)
        agent_says(polling, long)
        brought(polling)
        first, *others = texts(telegram)[1:]
        assert first not in others
        # What the fake answered badly counts as sent, too.
        assert len(others) == 2 * len(set(others)) > 1


class TestCrash:
    def test_what_waits_is_brought_by_the_next_process(self, start_bot: StartBot, telegram: FakeTelegram) -> None:
        first = start_bot()
        take(first, telegram)
        telegram.fail(Fault.SERVER_ERROR, "sendMessage", times=10**9)
        agent_says(first, "one")
        agent_says(first, "two")
        telegram.wait_for(lambda: len(telegram.sent) > 1)
        first.stop()
        assert waiting(first) == ["one", "two"]
        telegram.mend()
        tried = len(telegram.sent)
        first.parts.clock.advance(seconds=LEASE.total_seconds())
        second = start_bot()
        brought(second)
        assert texts(telegram)[tried:] == ["one", "two"]

    def test_one_process_at_a_time_serves_a_chat(self, polling: Edge, telegram: FakeTelegram) -> None:
        take(polling, telegram)
        clock, addresses = polling.parts.clock, polling.parts.addresses
        assert addresses.claim(here(polling), "another process", now=clock.now(), until=clock.now() + LEASE)
        agent_says(polling, "one")
        telegram.say("hello", OTHER)
        settle(polling, telegram)
        assert waiting(polling) == ["one"]
        addresses.release(here(polling), "another process")
        brought(polling)
        assert texts(telegram)[1:] == ["one"]

    def test_who_waits_for_telegram_keeps_the_chat(
        self, polling: Edge, telegram: FakeTelegram, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        take(polling, telegram)
        monkeypatch.setattr(push, "RENEW_S", 0.01)
        telegram.fail(Fault.RATE_LIMITED, "sendMessage", times=10**9)
        agent_says(polling, "one")
        telegram.wait_for(lambda: len(telegram.sent) > 1)
        clock.advance(seconds=2 * LEASE.total_seconds())
        renewed = f"SELECT 1 FROM channel_addresses WHERE pushing_until > '{clock.now():%Y-%m-%d %H:%M:%S}'"
        wait(polling, lambda: bool(rows(polling, renewed)))
        now = clock.now()
        assert not polling.parts.addresses.claim(here(polling), "another process", now=now, until=now + LEASE)
        telegram.mend()
        brought(polling)
        assert texts(telegram)[-1] == "one"


class TestGone:
    def test_people_see_that_it_did_not_arrive_once(self, polling: Edge, telegram: FakeTelegram) -> None:
        take(polling, telegram)
        telegram.blocked.add(CUSTOMER)
        for words in ("one", "two", "three"):
            agent_says(polling, words)
        brought(polling)
        undelivered = (Author.SYSTEM, text("telegram.undelivered", "fa"))
        assert history(polling).count(undelivered) == 1
        address = polling.parts.addresses.find(here(polling))
        assert address is not None
        assert address.gone_at is not None
        # Nothing more is tried.
        assert texts(telegram)[1:].count("two") == 0

    def test_who_writes_again_is_reached_again(self, polling: Edge, telegram: FakeTelegram, clock: FakeClock) -> None:
        take(polling, telegram)
        telegram.blocked.add(CUSTOMER)
        agent_says(polling, "lost")
        brought(polling)
        telegram.blocked.clear()
        telegram.say("I am back")
        settle(polling, telegram)
        agent_says(polling, "welcome")
        brought(polling)
        assert texts(telegram)[-1] == "welcome"
        clock.advance(hours=1)
        telegram.blocked.add(CUSTOMER)
        agent_says(polling, "lost again")
        brought(polling)
        wait(polling, lambda: [each for each, _ in history(polling)].count(Author.SYSTEM) == 2)

    def test_who_blocks_the_bot_while_it_answers_is_gone_too(self, polling: Edge, telegram: FakeTelegram) -> None:
        telegram.blocked.add(CUSTOMER)
        telegram.say("hello there")
        settle(polling, telegram)
        address = polling.parts.addresses.find(here(polling))
        assert address is not None
        assert address.gone_at is not None

    def test_a_chat_nobody_knows_is_noted_for_people(self, polling: Edge, telegram: FakeTelegram) -> None:
        take(polling, telegram)
        with polling.parts.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM channel_addresses")
        agent_says(polling, "hello?")
        brought(polling)
        wait(polling, lambda: history(polling)[-1][0] is Author.SYSTEM)
        assert without_isolation(texts(telegram)[-1]) == "echo a person please"


def test_nothing_of_another_channel_is_pushed(polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
    polling.say("hello", "ali")
    conversation = rasa.requests[-1]["conversation_id"]
    polling.parts.journal.say(conversation, Utterance("for the web"), agent=None, now=polling.parts.clock.now())
    telegram.say("hello")
    settle(polling, telegram)
    assert texts(telegram) == ["echo hello"]
