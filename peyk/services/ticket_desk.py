"""Tickets for operators: the work in its order, and everything that is done with one.

What cannot be done is a TicketRefused with its reason; of two operators at once one is refused. Who may lead (assign,
move, force) is decided by who calls. Every method may raise Unavailable("store").
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from peyk.domain import ticket_steps as steps
from peyk.domain.queues import Priority, Queue
from peyk.domain.sla import Colour
from peyk.domain.ticket_steps import Decide, Refusal, TicketRefused
from peyk.domain.tickets import (
    Attachment,
    EventKind,
    NewEvent,
    StateReason,
    Ticket,
    TicketEvent,
    TicketState,
)
from peyk.ports.clock import Clock
from peyk.ports.records import AuditLog
from peyk.ports.tickets import Tickets, Wanted
from peyk.services.sla import Sla
from peyk.services.ticket_words import TicketWords
from peyk.text.digits import to_ascii_digits

LIST_MAX = 200
EVERY_STATE = frozenset(TicketState)
KEY_BYTES = 16

# Number, key, text: what is said of a ticket is told once a key.
Mirror = Callable[[str, str, str], object]


@dataclass(frozen=True, slots=True)
class Listed:
    """A ticket and how its clocks stand."""

    ticket: Ticket
    colour: Colour


class TicketDesk:
    """What operators do with tickets. `agent` and `by` are operators' ids."""

    def __init__(
        self,
        *,
        tickets: Tickets,
        words: TicketWords,
        sla: Sla,
        audit: AuditLog,
        clock: Clock,
        mirror: Mirror = lambda _number, _key, _text: None,
    ) -> None:
        """Take the store and the way to customers; `mirror` tells an outside desk of all that is written."""
        self._mirror = mirror
        self._tickets = tickets
        self._words = words
        self._sla = sla
        self._audit = audit
        self._clock = clock

    def worklist(self, wanted: Wanted | None = None, *, limit: int = LIST_MAX) -> list[Listed]:
        """Return tickets in the order of work, those that are not resolved unless told otherwise."""
        found = self._tickets.find(wanted or Wanted(), limit=limit)
        return [Listed(ticket, colour) for ticket, colour in zip(found, self._sla.colours(found), strict=True)]

    def search(self, words: str, *, limit: int = LIST_MAX) -> list[Listed]:
        """Return tickets of any state by number, order, mobile or anything written about them."""
        sought = to_ascii_digits(words).strip()
        return self.worklist(Wanted(states=EVERY_STATE, words=sought), limit=limit) if sought else []

    def get(self, number: str) -> Listed:
        """Return one ticket."""
        ticket = self._tickets.by_number(number)
        if ticket is None:
            raise TicketRefused(Refusal.UNKNOWN)
        return Listed(ticket, self._sla.colours([ticket])[0])

    def history(self, number: str) -> list[TicketEvent]:
        """Return what happened to a ticket and to those that were merged into it, oldest first."""
        return self._tickets.history(number)

    def take(self, number: str, agent: str) -> Ticket:
        """Take a ticket nobody has."""
        return self._step(number, steps.take(agent), "taken", agent)

    def assign(self, number: str, agent: str | None, by: str) -> Ticket:
        """Give a ticket to an operator whoever has it, or with None back to its queue."""
        return self._step(number, steps.assign(agent, by), "assigned", by)

    def begin(self, number: str, by: str) -> Ticket:
        """Mark a ticket as worked on."""
        return self._step(number, steps.begin(by, self._sla.hours(), self._clock.now()), "begun", by)

    def move(
        self, number: str, queue: Queue, by: str, *, priority: Priority | None = None, force: bool = False
    ) -> Ticket:
        """Put a ticket into another queue, or give it another priority. Its clocks go on.

        `force` lets who leads move what another has.
        """
        known = self.get(number).ticket.priority if priority is None else priority
        return self._step(number, steps.move(queue, known, by, force=force), "moved", by)

    def escalate(self, number: str, by: str, text: str = "") -> Ticket:
        """Raise a ticket by hand: one step up in priority, from the first line to the second."""
        return self._step(number, steps.raise_up(by, text, self._clock.now()), "escalated", by)

    def note(self, number: str, by: str, text: str, *, key: str | None = None) -> Ticket:
        """Write something down that no customer sees; with a `key` once."""
        ticket = self.get(number).ticket
        self._tickets.record(number, NewEvent(EventKind.NOTE, by, text, key=key), self._clock.now())
        self._mirror(ticket.number, key or secrets.token_hex(KEY_BYTES), text)
        return ticket

    def answer(self, number: str, agent: str, text: str, *, message_id: str | None = None) -> Ticket:
        """Say something to the customer; with a `message_id` once. Nobody's ticket becomes the agent's."""
        ticket = self._said_before(number, message_id)
        if ticket is None:
            ticket = self._step(number, steps.answer(agent, text, self._clock.now(), message_id), "answered", agent)
        self._words.tell(ticket.number)
        self._mirror(ticket.number, message_id or secrets.token_hex(KEY_BYTES), text)
        return ticket

    def relay(self, number: str, by: str, text: str, *, key: str) -> None:
        """Say to the customer what was written at an outside desk, once a key.

        A person has written it already: it is said also where an operator could not answer (any more).
        """
        if self._said_before(number, key) is not None:
            return
        try:
            self._step(number, steps.answer(by, text, self._clock.now(), key), "answered", by)
        except TicketRefused:
            self._tickets.record(number, NewEvent(EventKind.MESSAGE, by, text, key=key, tell=True), self._clock.now())
        self._words.tell(number)

    def wait(self, number: str, agent: str, text: str = "", *, message_id: str | None = None) -> Ticket:
        """Wait for the customer, who is asked something if there is a text; the clock of the solution stands."""
        ticket = self._said_before(number, message_id)
        if ticket is None:
            ticket = self._step(number, steps.wait(agent, text, self._clock.now(), message_id), "waiting", agent)
        self._words.tell(ticket.number)
        if text:
            self._mirror(ticket.number, message_id or secrets.token_hex(KEY_BYTES), text)
        return ticket

    def resolve(
        self, number: str, agent: str, reason: StateReason, summary: str = "", *, tell: bool = True, force: bool = False
    ) -> Ticket:
        """Bring a ticket to its end; a summary is said to the customer unless `tell` is off.

        `force` lets who leads resolve what another has. Raises ValueError for a reason that is no resolution.
        """
        zone = self._sla.hours().timezone
        now = self._clock.now()
        step = steps.resolve(agent, reason, summary, now, zone, force=force, tell=tell)
        ticket = self._step(number, step, "resolved", agent)
        self._words.tell(ticket.number)
        if summary:
            self._mirror(ticket.number, secrets.token_hex(KEY_BYTES), summary)
        return ticket

    def reopen(self, number: str, by: str, text: str = "") -> Ticket:
        """Open a resolved ticket again; if a newer one of the same matter is open it goes into that one.

        Returns the ticket that is open now.
        """
        known = self.get(number).ticket
        step = steps.reopen(by, StateReason.REOPENED, self._sla.clocks(known.queue), self._clock.now(), text)
        ticket = self._step(number, step, "reopened", by)
        if ticket.unresolved:
            return ticket
        twin = self._tickets.twin(number)
        if twin is None:
            # It was resolved at this moment.
            raise TicketRefused(Refusal.STATE, ticket)
        # The same matter of the same order: whose they are was settled when they were opened.
        return self.merge(number, twin.number, by, force=True)

    def merge(self, number: str, into: str, by: str, *, force: bool = False) -> Ticket:
        """Merge a ticket into another, which is returned; history and files of both are found with it.

        `force` lets who leads merge tickets that agree neither in conversation nor in mobile.
        """
        merged = self._tickets.merge(number, into, by, self._clock.now(), force=force)
        if merged is None:
            raise TicketRefused(Refusal.UNKNOWN)
        self._note_down("merged", merged, by)
        return merged

    def attachments(self, number: str) -> list[Attachment]:
        """Return the files of a ticket and of those that were merged into it, oldest first."""
        return self._tickets.attachments(number)

    def _said_before(self, number: str, message_id: str | None) -> Ticket | None:
        """Return the ticket if the message is in its history, also when by now it would be refused."""
        if message_id is None or all(event.key != message_id for event in self._tickets.history(number)):
            return None
        return self._tickets.by_number(number)

    def _step(self, number: str, decide: Decide, done: str, by: str) -> Ticket:
        changed = self._tickets.change(number, decide, self._clock.now())
        if changed is None:
            raise TicketRefused(Refusal.UNKNOWN)
        if changed.taken:
            self._note_down(done, changed.ticket, by)
        return changed.ticket

    def _note_down(self, done: str, ticket: Ticket, by: str) -> None:
        self._audit.append(
            at=self._clock.now(),
            conversation_id=ticket.conversation_id,
            event=f"ticket.{done}",
            subject=ticket.number,
            detail={"by": by, "state": ticket.state.value, "queue": ticket.queue.value},
        )
