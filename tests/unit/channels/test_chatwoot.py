"""What of an agent bot's webhooks is for the bot: a customer's words in a pending conversation, nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from peyk.channels.chatwoot import BotTurn, conversation_id, message_id, parse

WRITTEN: dict[str, Any] = {
    "event": "message_created",
    "id": 501,
    "content": "سفارشم کجاست؟",
    "message_type": "incoming",
    "private": False,
    "conversation": {"id": 9, "status": "pending"},
    "account": {"id": 3},
}
TOKEN = "b:abcdefghijklmnop"
CHOSEN: dict[str, Any] = {
    **WRITTEN,
    "event": "message_updated",
    "message_type": "outgoing",
    "content_attributes": {"submitted_values": [{"title": "بله", "value": TOKEN}]},
}


def test_a_customers_words_are_for_the_bot() -> None:
    assert parse(WRITTEN) == BotTurn(9, 3, "3:501", text="سفارشم کجاست؟")
    assert parse({**WRITTEN, "message_type": 0}) == parse(WRITTEN)


def test_a_chosen_button_is_its_token() -> None:
    assert parse(CHOSEN) == BotTurn(9, 3, f"3:501:{TOKEN}", token=TOKEN)


@pytest.mark.parametrize(
    "change",
    [
        {"message_type": "outgoing"},
        {"message_type": "template"},
        {"private": True},
        {"private": None},
        {"content": None},
        {"content": "  "},
        {"conversation": {"id": True, "status": "pending"}},
        {"conversation": None},
        {"account": {"id": "3"}},
        {"account": None},
        {"id": None},
        {"id": -1},
        {"event": "conversation_opened"},
        {"event": "webwidget_triggered"},
    ],
)
def test_everything_else_is_not(change: dict[str, Any]) -> None:
    assert parse({**WRITTEN, **change}) is None


@pytest.mark.parametrize("status", ["open", "resolved", "snoozed", None])
def test_while_people_have_it_words_are_for_them(status: str | None) -> None:
    conversation = {"id": 9, "status": status, "meta": {"assignee": {"id": 5}}}
    words = BotTurn(9, 3, "3:501", text=WRITTEN["content"], pending=False, assignee=5)
    assert parse({**WRITTEN, "conversation": conversation}) == words
    assert parse({**CHOSEN, "conversation": conversation}) is None


@pytest.mark.parametrize(
    "values", [None, [], [None], [{}], [{"value": "/intent{}"}], [{"value": 7}], [{"value": TOKEN + "x"}]]
)
def test_what_is_chosen_has_to_be_a_button_of_ours(values: Any) -> None:
    assert parse({**CHOSEN, "content_attributes": {"submitted_values": values}}) is None


@pytest.mark.parametrize("raw", [None, [], "text", 7, {}])
def test_nonsense_is_for_nobody(raw: Any) -> None:
    assert parse(raw) is None


def test_typed_text_that_looks_like_a_button_is_text() -> None:
    turn = parse({**WRITTEN, "content": TOKEN})
    assert turn is not None
    assert (turn.text, turn.token) == (TOKEN, None)


def test_conversations_and_messages_have_names_nobody_guesses() -> None:
    turn = BotTurn(9, 3, "3:501", text="x")
    one = conversation_id(SecretStr("k" * 32), turn)
    assert one == conversation_id(SecretStr("k" * 32), turn)
    assert one != conversation_id(SecretStr("j" * 32), turn)
    assert one != conversation_id(SecretStr("k" * 32), BotTurn(9, 4, "4:501", text="x"))
    assert len(message_id("3:501")) == 40
