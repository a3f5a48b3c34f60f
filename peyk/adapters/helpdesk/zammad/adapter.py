"""Tickets of Zammad (the port `OutsideHelpdesk`)."""

from __future__ import annotations

from peyk.adapters._http import Rejected
from peyk.adapters.helpdesk.zammad import mapping
from peyk.adapters.helpdesk.zammad.client import SYSTEM, ZammadApi
from peyk.domain.outside import OutsideNote, OutsideTicket, PersonSays, StateNames, TicketDraft
from peyk.errors import NotFound


class ZammadHelpdesk:
    """Mirrors a ticket as one of Zammad's; it is found again by a custom attribute, or by its title."""

    system = SYSTEM
    # Where the attribute is missing, it is found by Zammad's search, whose index follows some time after.
    settle_s = 60.0

    def __init__(self, api: ZammadApi, states: StateNames = mapping.STATES) -> None:
        self.states = states
        self._api = api

    def find(self, draft: TicketDraft) -> OutsideTicket | None:
        """Return the ticket with the draft's key."""
        attribute = self._api.key_attribute
        try:
            found = self._api.tickets_where(attribute, draft.key)
        except Rejected:
            # The attribute has not been made there: the title holds the key too.
            found = self._api.search_tickets(draft.key)
        return mapping.ticket_with(found, draft.key, attribute)

    def create(self, draft: TicketDraft) -> OutsideTicket:
        """Make a ticket, with all it says: it is there whole or not at all."""
        return mapping.ticket_of(self._api.create_ticket(mapping.ticket_body(draft, self._api.key_attribute)))

    def complete(self, external_id: str, draft: TicketDraft) -> None:
        """Do nothing: `create` has written it all."""

    def add_note(self, external_id: str, note: OutsideNote) -> None:
        """Write an article, unless one with its key is there."""
        ticket_id = _id(external_id)
        if note.key not in mapping.subjects_of(self._api.articles_of(ticket_id)):
            self._api.add_article(mapping.note_body(ticket_id, note))

    def read(self, external_id: str) -> OutsideTicket:
        """Return how the ticket stands."""
        return mapping.ticket_of(self._api.ticket(_id(external_id)))

    def said(self, external_id: str) -> tuple[PersonSays, ...]:
        """Return what agents wrote into the ticket for everybody's eyes."""
        return tuple(mapping.said_by_people(self._api.articles_of(_id(external_id))))

    def set_state(self, external_id: str, state: str) -> OutsideTicket:
        """Set the state; return how the ticket stands then."""
        return mapping.ticket_of(self._api.update_ticket(_id(external_id), {"state": state}))


def _id(external_id: str) -> int:
    """Return the number an id stands for. Raises NotFound for what is none of Zammad's."""
    if not (external_id.isascii() and external_id.isdecimal()):
        raise NotFound(SYSTEM, "no such ticket")
    return int(external_id)
