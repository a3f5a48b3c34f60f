"""Chatwoot's Application API on a real socket, in its documented shapes (developers.chatwoot.com/api-reference).

What its source does and its documentation leaves out is here too: contacts are searched by parts of words, 15 a page;
messages come 20 at a time; identifiers and telephone numbers are unique; incoming messages are for API inboxes only and
open a conversation that was resolved; a bot's token writes, but reads nothing. Webhooks are signed over
`<timestamp>.<raw body>`.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from tests.fakes.vendor_http import Answer, Call, FakeDesk, Json

TOKEN = "UserToken7fK2mQ9xW4vB8nL3"
BOT_TOKEN = "BotToken5hJ8pR2tY6zC1dS9"
ACCOUNT = 3
INBOX = 7
WIDGET_INBOX = 8
CONTACTS_A_PAGE, MESSAGES_A_PAGE = 15, 20
STATUSES = {"open", "resolved", "pending", "snoozed"}
BOT_MAY = re.compile(r"/conversations/\d+/(messages|toggle_status)$")


class FakeChatwoot(FakeDesk):
    """One account with an API inbox of ours and a website inbox that has a bot."""

    def __init__(self) -> None:
        super().__init__(TOKEN)
        self.contacts: dict[int, dict[str, Json]] = {}
        self.conversations: dict[int, dict[str, Json]] = {}
        self.messages: dict[int, list[dict[str, Json]]] = {}
        self.refuse_choices = False
        self._ids = itertools.count(41)

    def authorised(self, headers: Any) -> bool:
        self._bot = headers.get("api_access_token") == BOT_TOKEN
        return self._bot or bool(headers.get("api_access_token") == self.token)

    def handle(self, call: Call) -> Answer:
        base = f"/api/v1/accounts/{ACCOUNT}"
        if not call.path.startswith(base):
            return Answer(404, {"error": "Resource could not be found"})
        path = call.path.removeprefix(base)
        if self._bot and not (call.method == "POST" and BOT_MAY.search(path)):
            return Answer(401, {"error": "Access to this endpoint is not authorized for bots"})
        for method, pattern, serve in self._routes():
            match = re.fullmatch(pattern, path)
            if match and method == call.method:
                return serve(call, *(int(part) for part in match.groups()))  # type: ignore[no-any-return]
        return Answer(404, {"error": "Resource could not be found"})

    def _routes(self) -> list[tuple[str, str, Any]]:
        one = r"/conversations/(\d+)"
        return [
            ("GET", "/contacts/search", self._search),
            ("POST", "/contacts", self._create_contact),
            ("GET", r"/contacts/(\d+)", lambda _, number: self._show(self.contacts, number)),
            ("GET", r"/contacts/(\d+)/conversations", self._conversations_of),
            ("POST", "/conversations", self._create_conversation),
            ("GET", one, lambda _, number: self._show(self.conversations, number, wrapped=False)),
            ("GET", f"{one}/messages", self._list_messages),
            ("POST", f"{one}/messages", self._add_message),
            ("POST", f"{one}/toggle_status", self._toggle),
        ]

    def _search(self, call: Call) -> Answer:
        words = call.query.get("q", "").strip().lower()
        if not words:
            return Answer(422, {"error": "Specify search string with parameter q"})
        fields = ("name", "identifier", "phone_number", "email")
        found = [each for each in self.contacts.values() if any(words in str(each[f] or "").lower() for f in fields)]
        page = found[:CONTACTS_A_PAGE]
        return Answer(200, {"meta": {"count": len(page), "current_page": 1}, "payload": page})

    def _create_contact(self, call: Call) -> Answer:
        for name in ("identifier", "phone_number"):
            value = call.body.get(name)
            if value is not None and any(each[name] == value for each in self.contacts.values()):
                words = name.replace("_", " ").capitalize()
                return Answer(422, {"message": f"{words} has already been taken", "attributes": [name]})
        phone = call.body.get("phone_number")
        if phone is not None and not re.fullmatch(r"\+[1-9]\d{1,14}", phone):
            return Answer(422, {"message": "Phone number should be in e164 format", "attributes": ["phone_number"]})
        contact = self.add_contact(**{k: v for k, v in call.body.items() if k != "inbox_id"})
        inbox = {"source_id": str(uuid.uuid4()), "inbox": {"id": call.body.get("inbox_id")}}
        return Answer(200, {"payload": {"contact": contact, "contact_inbox": inbox}})

    def add_contact(self, **fields: Json) -> dict[str, Json]:
        blank: dict[str, Json] = {
            "name": "",
            "identifier": None,
            "phone_number": None,
            "email": None,
            "custom_attributes": {},
        }
        contact = {"id": next(self._ids), **blank, **fields}
        self.contacts[contact["id"]] = contact
        return contact

    def _show(self, things: Mapping[int, Json], number: int, *, wrapped: bool = True) -> Answer:
        if number not in things:
            return Answer(404, {"error": "Resource could not be found"})
        return Answer(200, {"payload": things[number]} if wrapped else things[number])

    def _conversations_of(self, _: Call, contact: int) -> Answer:
        mine = [each for each in self.conversations.values() if each["meta"]["sender"]["id"] == contact]
        return Answer(200, {"payload": mine[::-1][:20]})

    def _create_conversation(self, call: Call) -> Answer:
        contact, inbox = call.body.get("contact_id"), call.body.get("inbox_id")
        if contact not in self.contacts or inbox not in {INBOX, WIDGET_INBOX}:
            return Answer(404, {"error": "Resource could not be found"})
        fields = {name: call.body.get(name) for name in ("status", "custom_attributes", "source_id")}
        return Answer(200, self.begin(contact, inbox, **fields))

    def begin(self, contact: int, inbox: int = INBOX, **fields: Json) -> dict[str, Json]:
        number = next(self._ids)
        self.conversations[number] = {
            "id": number,
            "account_id": ACCOUNT,
            "inbox_id": inbox,
            "status": fields.get("status") or "open",
            "custom_attributes": fields.get("custom_attributes") or {},
            "contact_inbox": {"source_id": fields.get("source_id") or str(uuid.uuid4())},
            "meta": {"sender": self.contacts[contact], "assignee": None},
        }
        self.messages[number] = []
        return self.conversations[number]

    def _list_messages(self, call: Call, conversation: int) -> Answer:
        if conversation not in self.conversations:
            return Answer(404, {"error": "Resource could not be found"})
        before = int(call.query.get("before") or 10**9)
        older = [each for each in self.messages[conversation] if each["id"] < before]
        return Answer(200, {"meta": {}, "payload": older[-MESSAGES_A_PAGE:]})

    def _add_message(self, call: Call, conversation: int) -> Answer:
        if conversation not in self.conversations:
            return Answer(404, {"error": "Resource could not be found"})
        body, kind = call.body, call.body.get("message_type", "outgoing")
        if not str(body.get("content") or "").strip():
            return Answer(422, {"error": "Content can't be blank"})
        if kind == "incoming" and self.conversations[conversation]["inbox_id"] != INBOX:
            return Answer(422, {"error": "Incoming messages are only allowed in Api inboxes"})
        if self.refuse_choices and body.get("content_type") == "input_select":
            return Answer(422, {"error": "Content type is not supported"})
        sender = {"id": 1, "name": "Peyk", "type": "agent_bot" if self._bot else "user"}
        return Answer(200, self.write(conversation, sender=sender, **{**body, "message_type": kind}))

    def write(self, conversation: int, content: str, **fields: Json) -> dict[str, Json]:
        """Put a message into a conversation, as anybody."""
        incoming = fields.get("message_type") in {"incoming", 0}
        message = {
            "id": next(self._ids),
            "content": content,
            "message_type": 0 if incoming else 1,
            "private": bool(fields.get("private", False)),
            "source_id": fields.get("source_id"),
            "content_type": fields.get("content_type") or "text",
            "content_attributes": fields.get("content_attributes") or {},
            "sender": fields.get("sender"),
            "conversation_id": conversation,
            "created_at": fields.get("created_at"),
            "inbox_id": self.conversations[conversation]["inbox_id"],
        }
        self.messages[conversation].append(message)
        if incoming and self.conversations[conversation]["status"] == "resolved":
            self.conversations[conversation]["status"] = "open"
        return message

    def person_writes(self, conversation: int, content: str, agent: int | None = 5, **fields: Json) -> dict[str, Json]:
        """Have a person of the shop write to the customer; without an agent, from a telephone."""
        sender = {"id": agent, "name": "Sara", "type": "user"} if agent is not None else None
        return self.write(conversation, content, sender=sender, **fields)

    def assign(self, conversation: int, agent: int | None = 5) -> None:
        self.conversations[conversation]["meta"]["assignee"] = {"id": agent, "name": "Sara"} if agent else None

    def _toggle(self, call: Call, conversation: int) -> Answer:
        if conversation not in self.conversations:
            return Answer(404, {"error": "Resource could not be found"})
        status = call.body.get("status")
        if status not in STATUSES:
            return Answer(422, {"error": f"'{status}' is not a valid status"})
        self.conversations[conversation]["status"] = status
        state = {"success": True, "conversation_id": conversation, "current_status": status}
        return Answer(200, {"meta": {}, "payload": state})

    def texts(self, conversation: int) -> list[tuple[str, bool, str]]:
        """Return who spoke (incoming, outgoing), whether privately, and what."""
        kinds = {0: "incoming", 1: "outgoing"}
        return [(kinds[each["message_type"]], each["private"], each["content"]) for each in self.messages[conversation]]

    def message_event(self, conversation: int, message: Mapping[str, Json]) -> dict[str, Json]:
        """Return what a webhook says of a message: the type is a word there."""
        kinds = {0: "incoming", 1: "outgoing"}
        return {
            "event": "message_created",
            **{name: message[name] for name in ("id", "content", "private", "content_type", "sender")},
            "message_type": kinds[message["message_type"]],
            "conversation": self.conversations[conversation],
            "inbox": {"id": message["inbox_id"]},
            "account": {"id": ACCOUNT},
        }

    def status_event(self, conversation: int) -> dict[str, Json]:
        return {"event": "conversation_status_changed", **self.conversations[conversation], "account": {"id": ACCOUNT}}


def signed(secret: str, event: Json, at: float, delivery: str | None = None) -> tuple[bytes, dict[str, str]]:
    """Return a webhook's body and headers."""
    body = json.dumps(event, ensure_ascii=False).encode()
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/json",
        "X-Chatwoot-Timestamp": stamp,
        "X-Chatwoot-Signature": f"sha256={digest}",
        "X-Chatwoot-Delivery": delivery or str(uuid.uuid4()),
    }
