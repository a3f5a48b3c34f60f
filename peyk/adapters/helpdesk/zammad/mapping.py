"""What Zammad's JSON means, and what ours looks like there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from peyk.adapters.helpdesk._reading import Reader
from peyk.adapters.helpdesk.zammad.words import plain
from peyk.domain.outside import OutsideNote, OutsideTicket, PersonSays, StateNames, TicketDraft
from peyk.domain.tickets import TicketState

SYSTEM = "zammad"
STATES = StateNames(
    theirs={
        "new": TicketState.OPEN,
        "open": TicketState.IN_PROGRESS,
        "pending reminder": TicketState.IN_PROGRESS,
        "pending close": TicketState.IN_PROGRESS,
        "closed": TicketState.RESOLVED,
        "merged": TicketState.RESOLVED,
    },
    ours={
        TicketState.OPEN: "open",
        TicketState.IN_PROGRESS: "open",
        TicketState.WAITING_CUSTOMER: "open",
        TicketState.RESOLVED: "closed",
        TicketState.MERGED: "closed",
    },
)
NEW = "new"
# 1 low, 2 normal, 3 high: Zammad's own, in every installation.
NORMAL, HIGH = "2 normal", "3 high"
# Zammad's customers have an e-mail address, ours a mobile. Nothing sent to this domain can arrive (RFC 2606).
MAIL_DOMAIN = "peyk.invalid"
# Who wrote an article, and the kinds of articles that are words to the customer.
AGENT = "Agent"
ANSWERS = {"note", "web", "email", "sms"}

read = Reader(SYSTEM)
Json = Any


def ticket_body(draft: TicketDraft, key_attribute: str) -> dict[str, Json]:
    """Return a ticket to be made; its first article is internal, so that no trigger shows it to anybody."""
    return {
        "title": f"{draft.title} [{draft.key}]",
        "customer_id": f"guess:{draft.customer_key}@{MAIL_DOMAIN}",
        "state": NEW,
        "priority": HIGH if draft.priority > 0 else NORMAL,
        key_attribute: draft.key,
        "article": article(f"{draft.key}/facts", _whole(draft)),
    }


def note_body(ticket_id: int, note: OutsideNote) -> dict[str, Json]:
    """Return an article to be written."""
    return {"ticket_id": ticket_id, **article(note.key, note.text, internal=note.internal)}


def article(key: str, body: str, *, internal: bool = True) -> dict[str, Json]:
    """Return an article; the subject keeps our key, so that it can be found again."""
    return {"subject": key, "body": body, "type": "note", "internal": internal, "content_type": "text/plain"}


def ticket_of(answer: Json) -> OutsideTicket:
    """Return how a ticket stands."""
    return OutsideTicket(str(read.number(answer, "id")), read.word(answer, "state"))


def ticket_with(found: Json, key: str, key_attribute: str) -> OutsideTicket | None:
    """Return the ticket with exactly our key, in its attribute or its title; the first that was made, of several."""
    ours = [each for each in read.objects(found) if _has(each, key, key_attribute)]
    tickets = sorted((ticket_of(each) for each in ours), key=lambda ticket: int(ticket.id))
    return tickets[0] if tickets else None


def subjects_of(found: Json) -> set[str]:
    """Return the subjects of articles."""
    # A person's article may have none; where the field itself is not as it should be, ours could not be told.
    return {read.word(each, "subject") for each in read.objects(found) if each.get("subject", 0) not in (None, "")}


def said_by_people(found: Json) -> list[PersonSays]:
    """Return what agents wrote to the customer, oldest first: public articles, and no account of a telephone call."""
    said = [_person(each) for each in read.objects(found)]
    return sorted((each for each in said if each is not None), key=lambda each: each.id)


def _person(each: Mapping[str, Json]) -> PersonSays | None:
    if each.get("internal") is not False or each.get("sender") != AGENT or each.get("type") not in ANSWERS:
        return None
    body = each.get("body")
    if not isinstance(body, str):
        return None
    text = plain(body) if "html" in str(each.get("content_type", "")) else body.strip()
    agent = each.get("created_by_id")
    return PersonSays(read.number(each, "id"), str(agent), text, at=_moment(each.get("created_at"))) if text else None


def _moment(value: Json) -> datetime | None:
    try:
        written = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return written if written.tzinfo else written.replace(tzinfo=UTC)


def _has(ticket: Json, key: str, key_attribute: str) -> bool:
    return ticket.get(key_attribute) == key or f"[{key}]" in str(ticket.get("title", ""))


def _whole(draft: TicketDraft) -> str:
    return f"{draft.facts}\n\n{draft.words}".strip()
