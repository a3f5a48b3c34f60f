"""A customer on Telegram: long polling, a local Bot API server, a real Rasa and a real action server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peyk.text.isolate import without_isolation
from tests.fakes.telegram import CUSTOMER, TOKEN, FakeTelegram
from tests.stack import Stack

NUMBER = "989121234567"


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    fake = FakeTelegram()
    yield fake
    fake.stop()


@pytest.fixture
def peyk(telegram: FakeTelegram, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    env = {
        "PEYK_TELEGRAM_TOKEN": TOKEN,
        "PEYK_TELEGRAM_API": telegram.url,
        "PEYK_TELEGRAM_TRUST_CONTACTS": "true",
    }
    with Stack(tmp_path_factory.mktemp("telegram"), env=env) as stack:
        yield stack


def said(telegram: FakeTelegram, after: int = 0) -> str:
    """Return what the customer has read since."""
    shown = [str(sent["text"]) for sent in telegram.sent[after:] if sent["chat_id"] == CUSTOMER]
    return without_isolation("\n".join(shown))


def test_a_conversation(peyk: Stack, telegram: FakeTelegram) -> None:
    telegram.say("سفارش TS-104233 کجاست؟")
    telegram.wait_for(lambda: "TS-104233" in said(telegram) and bool(telegram.keyboards))
    assert "TRK-88392011" not in said(telegram)

    (_, message_id), rows = next(iter(telegram.keyboards.items()))
    before = len(telegram.sent)
    telegram.tap(rows[0][0]["callback_data"], message_id)
    telegram.wait_for(lambda: "شمارهٔ همراه" in said(telegram, before))
    before = len(telegram.sent)
    telegram.share_contact(NUMBER, CUSTOMER)
    telegram.wait_for(lambda: "TRK-88392011" in said(telegram, before))

    before = len(telegram.sent)
    telegram.say("هزینه ارسال به رشت چقدره؟")
    telegram.wait_for(lambda: "رشت" in said(telegram, before))
    # What asked for the mobile has ended with the contact.
    assert "شمارهٔ همراه" not in said(telegram, before)

    before = len(telegram.sent)
    peyk.kill("rasa")
    telegram.say("سفارشم کجاست؟")
    telegram.wait_for(lambda: "متأسفم" in said(telegram, before))
    peyk.restart("rasa")

    before = len(telegram.sent)
    peyk.kill("edge")
    telegram.say("هزینه ارسال به شیراز چقدره؟")
    assert len(telegram.sent) == before
    peyk.restart("edge")
    telegram.wait_for(lambda: "شیراز" in said(telegram, before))
    assert TOKEN not in peyk.logs()
