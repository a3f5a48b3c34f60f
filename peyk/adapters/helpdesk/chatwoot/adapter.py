"""Tickets as conversations of an API inbox of Chatwoot (the port `OutsideHelpdesk`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peyk.adapters._http import Rejected
from peyk.adapters.helpdesk.chatwoot import mapping
from peyk.adapters.helpdesk.chatwoot.client import SYSTEM, ChatwootApi
from peyk.domain.outside import OutsideNote, OutsideTicket, PersonSays, StateNames, TicketDraft
from peyk.errors import NotFound

# Whatever is looked for was written lately, if at all.
MAX_PAGES = 10
Keyed = tuple[str, dict[str, Any]]


class ChatwootHelpdesk:
    """Mirrors a ticket as one conversation with its customer's contact; it is found again by a custom attribute."""

    system = SYSTEM
    settle_s = 5.0

    def __init__(self, api: ChatwootApi, states: StateNames = mapping.STATES) -> None:
        self.states = states
        self._api = api
        self._contacts = Contacts(api)

    def find(self, draft: TicketDraft) -> OutsideTicket | None:
        """Return the conversation with the draft's key among its customer's."""
        contact = self._contacts.find(draft.customer_key, draft.mobile)
        if contact is None:
            return None
        found = mapping.conversation_with(self._api.conversations_of(contact), draft.key)
        return mapping.ticket_of(found) if found else None

    def create(self, draft: TicketDraft) -> OutsideTicket:
        """Begin a conversation, with a contact if the customer has none."""
        contact = self._contacts.ensure(draft.customer_key, draft.customer_name, draft.mobile)
        made = self._api.create_conversation(mapping.conversation_body(contact, draft.key, draft.title))
        return mapping.ticket_of(made)

    def complete(self, external_id: str, draft: TicketDraft) -> None:
        """Write the facts and the customer's words, each once."""
        add_once(self._api, external_number(external_id), mapping.ticket_messages(draft))

    def add_note(self, external_id: str, note: OutsideNote) -> None:
        """Add a private note, once."""
        add_once(self._api, external_number(external_id), [mapping.note_message(note)])

    def read(self, external_id: str) -> OutsideTicket:
        """Return how the conversation stands."""
        return mapping.ticket_of(self._api.conversation(external_number(external_id)))

    def said(self, external_id: str) -> tuple[PersonSays, ...]:
        """Return what people wrote to the customer in the conversation."""
        return tuple(said_by_people(self._api, external_number(external_id), 0)[0])

    def set_state(self, external_id: str, state: str) -> OutsideTicket:
        """Set the status; return how the conversation stands then."""
        self._api.toggle_status(external_number(external_id), state)
        return self.read(external_id)


class Contacts:
    """Our customers as Chatwoot's contacts, one each."""

    def __init__(self, api: ChatwootApi) -> None:
        self._api = api

    def find(self, key: str, mobile: str | None) -> int | None:
        """Return a customer's contact: by our key, else by the proven mobile."""
        contact = mapping.contact_with(self._api.search_contacts(key), key, None)
        if contact is None and mobile:
            contact = mapping.contact_with(self._api.search_contacts(mapping.international(mobile)), key, mobile)
        return contact

    def ensure(self, key: str, name: str, mobile: str | None) -> int:
        """Return a customer's contact, made if there is none."""
        contact = self.find(key, mobile)
        if contact is not None:
            return contact
        try:
            return mapping.made_contact(self._api.create_contact(mapping.contact_body(key, name, mobile)))
        except Rejected:
            # Another of our processes was faster (identifiers and numbers are unique there).
            contact = self.find(key, mobile)
            if contact is None:
                raise
            return contact


def add_once(api: ChatwootApi, conversation_id: int, messages: Iterable[Keyed]) -> None:
    """Add those messages whose keys are not in the conversation yet, in order."""
    wanted = list(messages)
    known = _known(api, conversation_id, {key for key, _ in wanted})
    for key, message in wanted:
        if key not in known:
            api.add_message(conversation_id, message)


def _known(api: ChatwootApi, conversation_id: int, wanted: set[str]) -> set[str]:
    """Return which keys are there: page after page back, until all are found or the conversation begins."""
    known: set[str] = set()
    before: int | None = None
    for _ in range(MAX_PAGES):
        page = api.messages(conversation_id, before=before)
        known |= mapping.keys_of(page) & wanted
        ids = mapping.ids_of(page)
        if not ids or known == wanted or ids[0] == before:
            break
        before = ids[0]
    return known


def said_by_people(api: ChatwootApi, conversation_id: int, after: int) -> tuple[list[PersonSays], int]:
    """Return what people wrote to the customer after message `after`, oldest first, and the newest message there is."""
    said: list[PersonSays] = []
    before: int | None = None
    newest = after
    for _ in range(MAX_PAGES):
        page = api.messages(conversation_id, before=before)
        ids = mapping.ids_of(page)
        said = mapping.said_by_people(page, after) + said
        if not ids or ids[0] <= after or ids[0] == before:
            break
        before, newest = ids[0], max(newest, ids[-1])
    return said, max([newest, *(each.id for each in said)])


def external_number(external_id: str) -> int:
    """Return the number an id stands for. Raises NotFound for what is none of Chatwoot's."""
    if not (external_id.isascii() and external_id.isdecimal()):
        raise NotFound(SYSTEM, "no such conversation")
    return int(external_id)
