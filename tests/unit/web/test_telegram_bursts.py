"""Who writes too fast is told so, once a burst; what was taken is answered."""

from __future__ import annotations

from peyk.channels import Refused
from peyk.errors import Unavailable
from peyk.ports.inbox import Received
from peyk.web.intake import BURST
from peyk.web.sentences import sentence
from tests.fakes.telegram import FakeTelegram
from tests.unit.web.conftest import Edge, FakeRasa, StartBot
from tests.unit.web.telegram_steps import OTHER, here, rows, settle, texts

WINDOW_S = 3600


def is_burst(said: str) -> bool:
    return said.startswith((sentence(Refused("burst", 429, seconds=1), "en").text or "")[:30])


def test_it_is_said_once_a_burst_and_kept(start_bot: StartBot, telegram: FakeTelegram, rasa: FakeRasa) -> None:
    edge = start_bot(burst_per_sender=2, burst_window_s=WINDOW_S)
    for number in range(6):
        telegram.say(f"message number {number}")
    telegram.say("hello there", OTHER)
    telegram.wait_for(lambda: len(telegram.sent) == 4)
    settle(edge, telegram, -3)
    first, second, refused = texts(telegram)
    assert [first, second] == ["echo message number 0", "echo message number 1"]
    assert is_burst(refused)
    assert texts(telegram, OTHER) == ["echo hello there"]
    assert rasa.texts.count("message number 2") == 0
    said = edge.parts.journal.entries(here(edge), after_seq=0, now=edge.parts.clock.now(), limit=100)
    assert [entry.text for entry in said][4] == "message number 2"
    assert is_burst(said[5].text or "")


def test_what_comes_again_after_a_store_that_was_away_is_told(start_bot: StartBot, telegram: FakeTelegram) -> None:
    edge = start_bot(burst_per_sender=1, burst_window_s=WINDOW_S)
    telegram.say("hello there")
    settle(edge, telegram)
    put, failures = edge.parts.inbox.put, [Unavailable("store")]

    def away_once(channel: str, received: Received) -> bool:
        if failures:
            raise failures.pop()
        return put(channel, received)

    edge.parts.inbox.put = away_once  # type: ignore[method-assign]
    telegram.say("second one")
    telegram.wait_for(lambda: len(telegram.sent) == 2)
    assert not failures
    assert is_burst(texts(telegram)[-1])


def test_a_customer_cannot_put_the_mark_there(polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
    # The mark stands beside what Telegram sends, in a place only Telegram writes to.
    telegram.say("hello there", **{BURST: 5})
    settle(polling, telegram)
    assert rasa.texts == ["hello there"]
    assert rows(polling, "SELECT count(*) FROM journal")[0][0] == 2
