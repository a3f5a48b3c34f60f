"""What Chatwoot's JSON means, and what ours looks like there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from peyk.adapters.helpdesk._reading import Reader, is_id
from peyk.domain.conversations import Utterance
from peyk.domain.outside import (
    HandOffBrief,
    Line,
    OutsideNote,
    OutsideTicket,
    PersonSays,
    StateNames,
    ThreadStatus,
    TicketDraft,
)
from peyk.domain.tickets import TicketState

SYSTEM = "chatwoot"
# Custom attributes of a conversation. They need no definition to be kept; with one, agents see them too.
KEY = "peyk_key"
TITLE = "peyk_title"
# As Peyk says it; `open` with somebody assigned is read as `assigned`.
ASSIGNED = "assigned"
STATES = StateNames(
    theirs={
        "open": TicketState.OPEN,
        "pending": TicketState.OPEN,
        ASSIGNED: TicketState.IN_PROGRESS,
        "snoozed": TicketState.IN_PROGRESS,
        "resolved": TicketState.RESOLVED,
    },
    # That somebody works on it is said by the assignment, which is theirs.
    ours={
        TicketState.OPEN: "open",
        TicketState.IN_PROGRESS: "open",
        TicketState.WAITING_CUSTOMER: "open",
        TicketState.RESOLVED: "resolved",
        TicketState.MERGED: "resolved",
    },
)
STATUSES = {
    "open": ThreadStatus.PEOPLE,
    "snoozed": ThreadStatus.PEOPLE,
    "pending": ThreadStatus.BOT,
    "resolved": ThreadStatus.OVER,
}
# `message_type` is a number in the API and a word in webhooks.
INCOMING, OUTGOING = {0, "incoming"}, {1, "outgoing"}
NOT_PEOPLE = {"agent_bot", "agentbot", "captain_assistant", "captain::assistant"}
NOBODY = "0"
# Seconds since 1970, as messages are dated there; the year 2100.
LAST_MOMENT = 4_102_444_800
IRAN = "+98"

read = Reader(SYSTEM)
Json = Any


def contact_body(key: str, name: str, mobile: str | None) -> dict[str, Json]:
    """Return a contact to be made."""
    body: dict[str, Json] = {"identifier": key, "name": name}
    return {**body, "phone_number": international(mobile)} if mobile else body


def international(mobile: str) -> str:
    """Return a mobile as Chatwoot keeps it, with the country first."""
    return IRAN + mobile.removeprefix("0")


def contact_with(found: Json, key: str, mobile: str | None) -> int | None:
    """Return the contact with our key exactly, else the one with the mobile; the search finds parts of words too."""
    contacts = read.objects(found, "payload")
    for name, value in (("identifier", key), ("phone_number", international(mobile) if mobile else None)):
        for contact in contacts:
            if value is not None and contact.get(name) == value:
                return read.number(contact, "id")
    return None


def made_contact(made: Json) -> int:
    """Return the id of a contact that was made."""
    return read.number(made, "payload", "contact", "id")


def conversation_with(found: Json, key: str) -> Mapping[str, Json] | None:
    """Return the conversation that carries our key."""
    for each in read.objects(found, "payload"):
        attributes = each.get("custom_attributes")
        if isinstance(attributes, dict) and attributes.get(KEY) == key:
            return each
    return None


def ticket_of(conversation: Json) -> OutsideTicket:
    """Return how a conversation stands, as a ticket."""
    status = read.word(conversation, "status")
    meta = conversation.get("meta")
    assigned = isinstance(meta, dict) and bool(meta.get("assignee"))
    return OutsideTicket(str(read.number(conversation, "id")), ASSIGNED if status == "open" and assigned else status)


def conversation_body(contact_id: int, key: str, title: str) -> dict[str, Json]:
    """Return a conversation to be begun; open: it is for people."""
    return {
        "contact_id": contact_id,
        "source_id": key,
        "status": "open",
        "custom_attributes": {KEY: key, TITLE: title},
    }


def ticket_messages(draft: TicketDraft) -> list[tuple[str, dict[str, Json]]]:
    """Return what a ticket says, each message with its key: the facts for people, the words as the customer's own."""
    said = [note_message(OutsideNote(f"{draft.key}/facts", f"{draft.title}\n\n{draft.facts}"))]
    if draft.words:
        said.append((f"{draft.key}/words", message(f"{draft.key}/words", draft.words, "incoming")))
    return said


def note_message(note: OutsideNote) -> tuple[str, dict[str, Json]]:
    """Return a note as a message, with its key."""
    # One that is not internal would go to the customer by our webhook, who has read it already.
    return note.key, message(note.key, note.text, "outgoing", private=True)


def brief_message(key: str, brief: HandOffBrief) -> tuple[str, dict[str, Json]]:
    """Return what people are told when they get a chat."""
    return note_message(OutsideNote(f"{key}/brief", brief.facts))


def line_message(line: Line) -> tuple[str, dict[str, Json]]:
    """Return something that was said: the customer's words as such, the bot's as a private note."""
    if line.by_customer:
        return line.key, message(line.key, line.text, "incoming")
    return line.key, message(line.key, line.text, "outgoing", private=True)


def message(key: str, content: str, kind: str, *, private: bool = False) -> dict[str, Json]:
    """Return a message; `source_id` keeps our key, so that it can be found again."""
    return {"content": content, "message_type": kind, "private": private, "source_id": key}


def keys_of(found: Json) -> set[str]:
    """Return our keys among messages."""
    return {each["source_id"] for each in read.objects(found, "payload") if isinstance(each.get("source_id"), str)}


def ids_of(found: Json) -> list[int]:
    """Return the ids of messages, lowest first."""
    return sorted(read.number(each, "id") for each in read.objects(found, "payload"))


def status_of(conversation: Json) -> ThreadStatus:
    """Return who has a conversation; one of a state that is new to us is people's, who see it."""
    return STATUSES.get(read.word(conversation, "status"), ThreadStatus.PEOPLE)


def assignee_of(conversation: Json) -> int | None:
    """Return the person a conversation is assigned to."""
    meta = conversation.get("meta")
    assignee = meta.get("assignee") if isinstance(meta, dict) else None
    return read.number(assignee, "id") if assignee else None


def said_by_people(found: Json, after: int) -> list[PersonSays]:
    """Return what people wrote to the customer after message `after`, oldest first."""
    said = [_person(each) for each in read.objects(found, "payload") if read.number(each, "id") > after]
    return sorted((each for each in said if each is not None), key=lambda each: each.id)


def _person(each: Mapping[str, Json]) -> PersonSays | None:
    content, sender = each.get("content"), each.get("sender")
    if each.get("message_type") not in OUTGOING or each.get("private") is not False:
        return None
    if not isinstance(content, str) or not content.strip():
        return None
    # Answers from a telephone come without a sender; a person wrote them all the same.
    sender = sender if isinstance(sender, dict) else {}
    kind = str(sender.get("type") or each.get("sender_type") or "user").lower()
    if kind in NOT_PEOPLE:
        return None
    agent = str(sender["id"]) if is_id(sender.get("id")) else NOBODY
    name = sender.get("available_name") or sender.get("name")
    at = each.get("created_at")
    written = datetime.fromtimestamp(at, UTC) if isinstance(at, int) and 0 < at < LAST_MOMENT else None
    return PersonSays(read.number(each, "id"), agent, content, name if isinstance(name, str) else "", written)


def bot_message(utterance: Utterance) -> dict[str, Json]:
    """Return what the bot says; buttons are an `input_select`, whose values come back when one is chosen."""
    body: dict[str, Json] = {"content": utterance.text or "", "message_type": "outgoing", "private": False}
    if not utterance.buttons:
        return body
    items = [{"title": button.title, "value": button.token} for button in utterance.buttons]
    return {**body, "content_type": "input_select", "content_attributes": {"items": items}}
