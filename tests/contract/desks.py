"""A help desk over a store, with its customer: what the suites of tickets begin with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from peyk.domain.conversations import Entry
from peyk.domain.queues import Priority
from peyk.domain.tickets import Ticket, TicketReason
from peyk.ports.journal import CustomerMessage
from peyk.services.helped import DidItHelp
from peyk.services.office_hours import OfficeHoursService
from peyk.services.sla import Sla
from peyk.services.ticket_desk import TicketDesk
from peyk.services.ticket_timers import TicketTimers
from peyk.services.ticket_words import TicketWords
from peyk.settings import Settings
from peyk.store.journal import StoredJournal
from peyk.store.office_hours import StoredOfficePlans
from peyk.store.ticket_desk import StoredTickets
from peyk.store.tickets import BuiltinHelpdesk
from tests.unit.services.fakes import FakeAudit, FakeClock


class Shop:
    """Everything that works on tickets, on one database, as one process has it."""

    def __init__(self, engine: Engine, clock: FakeClock, **settings: Any) -> None:
        self.clock = clock
        self.audit = FakeAudit()
        plain: dict[str, Any] = {"_env_file": None}
        self.settings = Settings(**(plain | settings))
        self.tickets = StoredTickets(engine)
        self.journal = StoredJournal(engine)
        self.helpdesk = BuiltinHelpdesk(engine, clock)
        self.office = OfficeHoursService(
            plans=StoredOfficePlans(engine), audit=self.audit, clock=clock, settings=self.settings
        )
        self.sla = Sla(self.settings, clock, self.office.current)
        words = TicketWords(journal=self.journal, tickets=self.tickets, clock=clock, default_language="fa")
        self.words = words
        self.desk = TicketDesk(tickets=self.tickets, words=words, sla=self.sla, audit=self.audit, clock=clock)
        self.timers = TicketTimers(tickets=self.tickets, words=words, sla=self.sla, audit=self.audit, follow_ups=True)
        self.did_it_help = DidItHelp(tickets=self.tickets, sla=self.sla, audit=self.audit, clock=clock)

    def open(self, reason: TicketReason = TicketReason.LATE, **changes: Any) -> Ticket:
        """Open a ticket of the conversation c1 about no order, in the first line with its clocks."""
        plain: dict[str, Any] = {
            "conversation_id": "c1",
            "order_number": None,
            "mobile": None,
            "note": "",
            "priority": Priority.NORMAL,
        }
        plain |= changes
        queue = plain.get("queue", "l1")
        return self.helpdesk.open(reason=reason, clocks=self.sla.clocks(queue), **plain)

    def write(self, text: str = "سلام", here: str = "c1", language: str = "fa") -> None:
        """Let the customer write something."""
        message_id = f"m{self.journal.last_seqs([here]).get(here, 0)}"
        message = CustomerMessage(message_id, text)
        self.journal.accept(here, "rest", message, language=language, now=self.clock.now())

    def said(self, here: str = "c1") -> list[Entry]:
        """What agents and the system have said."""
        entries = self.journal.entries(here, after_seq=0, now=self.clock.now(), limit=100)
        return [entry for entry in entries if entry.author in {"agent", "system"}]

    def tick(self) -> None:
        """Let the timers do what is due now."""
        self.timers.tick(self.clock.now())

    def ticket(self, number: str) -> Ticket:
        """The ticket as it stands."""
        return self.desk.get(number).ticket

    def kinds(self, number: str) -> list[str]:
        """What has happened to a ticket."""
        return [event.kind.value for event in self.desk.history(number)]
