"""What an agent bot of Chatwoot is told, and what of it is for the bot. Pure.

A webhook goes on coming while people have the conversation (chatwoot#11429, "working as intended"), so the bot answers
only what a customer wrote, to everybody's eyes, while the conversation is pending. What customers write to people is
for the journal.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from peyk.channels.incoming import clean
from peyk.channels.rest import TOKEN

CHANNEL = "chatwoot"
PENDING = "pending"
INCOMING = {0, "incoming"}
ID_CHARS = 40


@dataclass(frozen=True, slots=True)
class BotTurn:
    """Something a customer did: exactly one of `text` and `token` (a chosen button) is set.

    The bot has to answer it if the conversation was `pending`; `assignee` is the person it was assigned to then.
    """

    conversation: int
    account: int
    key: str
    text: str | None = field(default=None, repr=False)
    token: str | None = None
    pending: bool = True
    assignee: int | None = None


def parse(raw: Any) -> BotTurn | None:
    """Return what the customer wrote to the bot or to people, or chose of the bot's; None for everything else."""
    if not isinstance(raw, dict):
        return None
    conversation, account = raw.get("conversation"), raw.get("account")
    ids = (_id(conversation), _id(account), raw.get("id"))
    if not isinstance(conversation, dict) or not all(map(_is_id, ids)):
        return None
    here, owner, number = (int(str(each)) for each in ids)
    pending = conversation.get("status") == PENDING
    meta = conversation.get("meta")
    assignee = _id(meta.get("assignee")) if isinstance(meta, dict) else None
    if raw.get("event") == "message_created":
        words = _written(raw)
        return BotTurn(here, owner, f"{owner}:{number}", words, None, pending, assignee) if words else None
    if raw.get("event") == "message_updated" and pending:
        token = _chosen(raw.get("content_attributes"))
        # A message can be chosen from once; its id is that of our question.
        return BotTurn(here, owner, f"{owner}:{number}:{token}", None, token, pending, assignee) if token else None
    return None


def conversation_id(secret_key: SecretStr, turn: BotTurn) -> str:
    """Return the id of our conversation for one of Chatwoot's."""
    name = b"conversation\0chatwoot\0" + json.dumps([turn.account, turn.conversation]).encode()
    return "w-" + hmac.new(secret_key.get_secret_value().encode(), name, hashlib.sha256).hexdigest()[:ID_CHARS]


def message_id(key: str) -> str:
    """Return what is kept of a message's id."""
    return hashlib.sha256(f"chatwoot\0{key}".encode()).hexdigest()[:ID_CHARS]


def _written(raw: Mapping[str, Any]) -> str:
    content = raw.get("content")
    if raw.get("message_type") not in INCOMING or raw.get("private") is not False:
        return ""
    return clean(content) if isinstance(content, str) else ""


def _chosen(attributes: Any) -> str | None:
    """Return the token of the button that was chosen in an `input_select` of ours."""
    values = attributes.get("submitted_values") if isinstance(attributes, dict) else None
    first = values[0] if isinstance(values, list) and values else None
    value = first.get("value") if isinstance(first, dict) else None
    return value if isinstance(value, str) and TOKEN.fullmatch(value) else None


def _id(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else None


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
