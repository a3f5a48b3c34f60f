"""Tickets at an outside help desk: made there once, notes added once, states kept alike on both sides.

What people answer there is said to the customer, once.

Our ticket is the truth and the customer's number comes from it, so nothing here is waited for. What is to be done is
found by comparing, one mirror is worked on by one process at a time, and every step looks before it makes: it may be
broken off anywhere and done again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta

import structlog
from pydantic import SecretStr

from peyk import i18n
from peyk.domain.outside import OutsideTicket, TicketDraft, settle
from peyk.domain.tickets import UNRESOLVED, Ticket, TicketState
from peyk.errors import ExternalError, NotFound
from peyk.ports.clock import Clock
from peyk.ports.helpdesk import OutsideHelpdesk
from peyk.ports.mirror import Claim, Link, Links, TicketStates
from peyk.services.desk_rounds import pause, work_through

log = structlog.get_logger(__name__)

# Longer than all the calls for one mirror take at their slowest.
LEASE = timedelta(minutes=5)
BATCH = 20
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
CODE_CHARS = 32
SHORT_CHARS = 6
# What was answered longer ago is not said any more: it may be of before answers were brought at all.
SAID_FOR = timedelta(days=3)


class MirrorTickets:
    """Keeps the mirrors; `tick` does what is due."""

    def __init__(
        self,
        *,
        desk: OutsideHelpdesk,
        links: Links,
        tickets: TicketStates,
        clock: Clock,
        secret_key: SecretStr,
        language: str,
        look_every: timedelta,
    ) -> None:
        self._desk = desk
        self._links = links
        self._tickets = tickets
        self._clock = clock
        self._secret = secret_key.get_secret_value().encode()
        self._language = language
        self._look_every = look_every

    @property
    def system(self) -> str:
        """The desk's name."""
        return self._desk.system

    def tick(self) -> int:
        """Work on the mirrors that are due; return how many. Raises Unavailable("store")."""
        claims = self._links.claim(self.system, self._clock.now(), lease=LEASE, limit=BATCH)
        return work_through(claims, self._sync, self._later)

    def nudge(self, external_id: str) -> bool:
        """Have a ticket looked at that the desk says has changed; False when it is none of ours."""
        return self._links.nudge(self.system, external_id, self._clock.now())

    def _sync(self, claim: Claim) -> None:
        link = claim.link
        ticket = self._tickets.by_number(link.ticket_number)
        if ticket is None:
            return
        draft = self._draft(ticket, link.key)
        external_id = link.external_id or self._placed(link, draft)
        if link.our_state is None:
            # The first time, or the last first time was broken off.
            self._desk.complete(external_id, draft)
        for note in claim.notes:
            self._desk.add_note(external_id, note)
            self._links.note_added(link, note.key, self._clock.now())
        self._agree(link, external_id, ticket)

    def _placed(self, link: Link, draft: TicketDraft) -> str:
        """Return the id of the ticket outside, found or made."""
        found = self._desk.find(draft)
        if found is None:
            if not link.asked:
                self._links.asking(link)
            found = self._desk.create(draft)
            log.info("helpdesk.created", system=self.system, ticket=link.ticket_number, external_id=found.id)
        self._links.linked(link, found.id)
        return found.id

    def _agree(self, link: Link, external_id: str, ticket: Ticket) -> None:
        """Make both sides alike again: see `settle`."""
        try:
            outside = self._desk.read(external_id)
        except NotFound:
            # Deleted there: nothing to keep alike any more, and ours stays as it is.
            log.warning("helpdesk.gone", system=self.system, ticket=ticket.number)
            self._links.agreed(link, ticket.state, link.their_state or "", self._clock.now(), None)
            return
        # After the state: what was written before "resolved" is never missed, and is said before it.
        ours, told = self._hear(link, external_id, ticket), self._desk.states.read(outside.state)
        before = None if link.our_state is None else (link.our_state, link.their_state)
        state = settle(before, (ours, outside.state), told)
        if state is not ours:
            ours = self._move(ticket, state)
        elif state is not told and (link.our_state is not ours):
            outside = self._push(ticket, external_id, ours, outside)
        look_at = None if ours not in UNRESOLVED else self._clock.now() + self._look_every
        self._links.agreed(link, ours, outside.state, self._clock.now(), look_at)

    def _hear(self, link: Link, external_id: str, ticket: Ticket) -> TicketState:
        """Have said what people outside have answered, once each; return how our ticket stands then."""
        oldest = self._clock.now() - SAID_FOR
        for said in self._desk.said(external_id):
            if said.at is None or said.at > oldest:
                self._tickets.answer(link.ticket_number, said.text, key=f"{self.system}:{external_id}:{said.id}")
        now = self._tickets.by_number(link.ticket_number)
        return (now or ticket).state

    def _push(self, ticket: Ticket, external_id: str, state: TicketState, outside: OutsideTicket) -> OutsideTicket:
        word = self._desk.states.ours.get(state)
        if word is None or word == outside.state:
            return outside
        log.info("helpdesk.state_set", system=self.system, ticket=ticket.number, state=word)
        return self._desk.set_state(external_id, word)

    def _move(self, ticket: Ticket, state: TicketState) -> TicketState:
        moved = self._tickets.set_state(ticket.number, state)
        log.info("helpdesk.state_read", system=self.system, ticket=ticket.number, state=state.value)
        return moved.state if moved else ticket.state

    def _later(self, claim: Claim, exc: ExternalError) -> None:
        """Put a mirror off."""
        link = claim.link
        wait = pause(link.attempts, exc, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        if link.external_id is None:
            # It may be there already, and cannot be found yet.
            wait = max(wait, timedelta(seconds=self._desk.settle_s))
        self._links.failed(link, f"{type(exc).__name__}: {exc}", self._clock.now() + wait)
        log.warning("helpdesk.failed", system=self.system, ticket=link.ticket_number, error=str(exc))

    def _draft(self, ticket: Ticket, key: str) -> TicketDraft:
        text = self._text()
        reason = text(f"ticket_reason.{ticket.reason.value}")
        code = customer_key(self._secret, ticket.mobile or ticket.conversation_id)
        opened = i18n.format_datetime(ticket.created_at, self._language)
        facts = {
            "ticket": ticket.number,
            "reason": reason,
            "order": ticket.order_number,
            "mobile": ticket.mobile,
            "opened": opened,
        }
        return TicketDraft(
            key=key,
            title=text("helpdesk.title", number=ticket.number, reason=reason),
            facts="\n".join(text(f"helpdesk.{name}", value=value) for name, value in facts.items() if value),
            words=ticket.note,
            customer_key=code,
            customer_name=text("helpdesk.customer", code=code[-SHORT_CHARS:]),
            mobile=ticket.mobile,
            priority=ticket.priority,
        )

    def _text(self) -> Callable[..., str]:
        return lambda key, **values: i18n.text(key, self._language, **values)


def customer_key(secret: bytes, who: str) -> str:
    """Return what a customer is called outside: always the same, and nobody can tell who or which chat it is."""
    return "peyk-" + hmac.new(secret, b"helpdesk\0" + who.encode(), hashlib.sha256).hexdigest()[:CODE_CHARS]
