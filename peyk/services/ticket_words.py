"""What people and Peyk say to customers about their tickets, through the journal, once each."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial

from peyk import i18n
from peyk.domain.conversations import Button, Owner, Utterance
from peyk.domain.tickets import SYSTEM, EventKind, NewEvent, Ticket, TicketEvent
from peyk.ports.clock import Clock
from peyk.ports.journal import About, Journal, Offer
from peyk.ports.tickets import Tickets

TOKEN_BYTES = 12
# Whoever wrote it says it at once; after this time they did not come to it.
PATIENCE = timedelta(seconds=30)
AT_A_TIME = 100


class TicketWords:
    """Says what stands in tickets' histories to the customers it is for."""

    def __init__(self, *, journal: Journal, tickets: Tickets, clock: Clock, default_language: str) -> None:
        self._journal = journal
        self._tickets = tickets
        self._clock = clock
        self._default_language = default_language

    def tell(self, number: str) -> None:
        """Say what a ticket's history still has to tell its customer."""
        for event in self._tickets.history(number):
            if event.tell and event.number == number:
                self._tell(event)

    def tell_the_rest(self) -> None:
        """Say what somebody wrote and then, having died, did not say."""
        for event in self._tickets.untold(before=self._clock.now() - PATIENCE, limit=AT_A_TIME):
            self._tell(event)

    def ask_whether_it_helped(self, ticket: Ticket) -> bool | None:
        """Ask a resolved ticket's customer; False while a person has the conversation, None when it is gone."""
        about = self._journal.about(ticket.conversation_id)
        if about is None:
            return None
        if about.ownership.owner is not Owner.BOT:
            return False
        language = about.language or self._default_language
        offers = tuple(
            Offer(
                token="b:" + secrets.token_urlsafe(TOKEN_BYTES),
                payload=f"peyk:helped:{ticket.number}:{word}",
                title=i18n.text(f"ticket.helped_{word}", language),
            )
            for word in ("yes", "no")
        )
        question = Utterance(
            i18n.text("ticket.did_it_help", language, ticket=ticket.number),
            tuple(Button(offer.title, offer.token) for offer in offers),
            {"ticket": {"number": ticket.number, "event": "follow_up"}},
        )
        # Once a solution, whichever process asks.
        key = f"ticket-helped:{ticket.number}:{ticket.resolved_at:%Y%m%dT%H%M%S}"
        now = self._clock.now()
        said = self._journal.say(ticket.conversation_id, question, agent=None, now=now, message_id=key, offers=offers)
        return None if said is None else True

    def _tell(self, event: TicketEvent) -> None:
        ticket = self._tickets.by_number(event.number)
        about = self._journal.about(ticket.conversation_id) if ticket else None
        if ticket is not None and (about is None or self._say(ticket, event, about) is None):
            lost = NewEvent(EventKind.UNTOLD, SYSTEM, key=f"untold:{event.id}")
            self._tickets.record(event.number, lost, self._clock.now())
        self._tickets.told(event.id)

    def _say(self, ticket: Ticket, event: TicketEvent, about: About) -> int | None:
        language = about.language or self._default_language
        key = "ticket.resolved" if event.kind is EventKind.STATE else "ticket.answer"
        facts = {"ticket": {"number": ticket.number, "event": event.kind.value}}
        words = Utterance(i18n.text(key, language, ticket=ticket.number, text=event.text), custom=facts)
        say = partial(self._journal.say, now=self._clock.now(), message_id=f"ticket-event:{event.id}")
        if about.ownership.agent == event.by:
            # In a conversation of theirs they speak for themselves.
            own = words if event.kind is EventKind.STATE else Utterance(event.text, custom=facts)
            said = say(ticket.conversation_id, own, agent=event.by)
            if said is not None:
                return said
        return say(ticket.conversation_id, words, agent=None)
