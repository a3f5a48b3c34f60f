"""Steps of the tests of the Telegram channel at the edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peyk.channels.telegram.names import Names
from tests.fakes.telegram import CUSTOMER, FakeTelegram
from tests.unit.web.conftest import Edge

OTHER = 6002
MOBILE = "09121234567"
NUMBER = "989121234567"


def texts(telegram: FakeTelegram, chat_id: int = CUSTOMER) -> list[str]:
    return [sent["text"] for sent in telegram.sent if sent["chat_id"] == chat_id]


def wait(edge: Edge, true: Callable[[], bool]) -> None:
    """Wait for what no call to the fake announces; every look costs the edge a turn of its loop."""
    for _ in range(5000):
        if true():
            return
        edge.client.get("/healthz")
    raise AssertionError("it never came")


def settle(edge: Edge, telegram: FakeTelegram, more: int = 0) -> None:
    """Wait until what customers have done so far, and `more` updates, is done with."""
    expected = telegram.pushed + more
    wait(edge, lambda: rows(edge, "SELECT count(*) FROM inbox WHERE done_at IS NOT NULL")[0][0] >= expected)


def rows(edge: Edge, query: str) -> list[Any]:
    with edge.parts.engine.connect() as connection:
        return list(connection.exec_driver_sql(query))


def here(edge: Edge, chat_id: int = CUSTOMER) -> str:
    settings = edge.parts.settings
    return Names(settings.secret_key, settings.telegram_api, settings.telegram_token).conversation_id(chat_id)


def token_of(telegram: FakeTelegram, place: int = -1) -> tuple[str, int]:
    """The first button of the newest message with buttons, and that message's id."""
    (_, message_id), rows = [pair for pair in telegram.keyboards.items() if pair[1]][place]
    return rows[0][0]["callback_data"], message_id
