"""The rest of the console's surroundings in memory: tickets, office hours, customers, files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from peyk.domain import ticket_steps as steps
from peyk.domain.files import BY_CUSTOMER, PNG, StoredFile
from peyk.domain.office_hours import OfficeHours
from peyk.domain.office_plan import OfficePlan
from peyk.domain.orders import Order
from peyk.domain.queues import Queue
from peyk.domain.sla import colour
from peyk.domain.ticket_steps import Decide, Refusal, TicketRefused, answer, assign, joined, reopen, resolve, take
from peyk.domain.tickets import Clocks, EventKind, NewEvent, StateReason, Ticket, TicketEvent, TicketReason, TicketState
from peyk.errors import NotFound
from peyk.ports.clock import Clock
from peyk.ports.files import FileRefused
from peyk.ports.tickets import Sight, Wanted
from peyk.services.customers import Customer
from peyk.services.ticket_desk import LIST_MAX, Listed

TEHRAN = ZoneInfo("Asia/Tehran")


class FakeTickets:
    """Tickets in a list; the steps are the real ones."""

    def __init__(self, clock: Clock) -> None:
        self.tickets: dict[str, Ticket] = {}
        self.events: list[TicketEvent] = []
        self._clock = clock

    def open(self, reason: TicketReason, conversation_id: str, **more: object) -> Ticket:
        now = self._clock.now()
        plain = Ticket(f"PK-{1001 + len(self.tickets)}", reason, TicketState.OPEN, conversation_id, now, now)
        ticket = replace(plain, due_solution_at=now + timedelta(hours=8), **more)  # type: ignore[arg-type]
        self.tickets[ticket.number] = ticket
        self._add(ticket.number, NewEvent(EventKind.OPENED, "customer"))
        return ticket

    def worklist(self, wanted: Wanted | None = None) -> list[Listed]:
        wanted = wanted or Wanted()
        return [
            self.get(each.number)
            for each in self.tickets.values()
            if each.state in wanted.states
            and wanted.queue in {None, each.queue}
            and wanted.assignee in {None, each.assignee}
            and wanted.conversation_id in {None, each.conversation_id}
            and (wanted.sight is None or self._seen(wanted.sight, each))
        ][:LIST_MAX]

    @staticmethod
    def _seen(sight: Sight, ticket: Ticket) -> bool:
        free = ticket.assignee is None and (not sight.queues or ticket.queue.value in sight.queues)
        return free or ticket.assignee == sight.agent

    def get(self, number: str) -> Listed:
        if number not in self.tickets:
            raise TicketRefused(Refusal.UNKNOWN)
        ticket = self.tickets[number]
        return Listed(ticket, colour(ticket, OfficePlan().hours(frozenset()), self._clock.now()))

    def history(self, number: str) -> list[TicketEvent]:
        family = {number, *(each.number for each in self.tickets.values() if each.merged_into == number)}
        return [event for event in self.events if event.number in family]

    def take(self, number: str, agent: str) -> Ticket:
        return self._step(number, take(agent))

    def assign(self, number: str, agent: str | None, by: str) -> Ticket:
        return self._step(number, assign(agent, by))

    def note(self, number: str, by: str, text: str) -> Ticket:
        self._add(number, NewEvent(EventKind.NOTE, by, text))
        return self.tickets[number]

    def answer(self, number: str, agent: str, text: str, *, message_id: str | None = None) -> Ticket:
        if any(event.key == message_id for event in self.events):
            return self.tickets[number]
        return self._step(number, answer(agent, text, self._clock.now(), message_id))

    def wait(self, number: str, agent: str, text: str = "", *, message_id: str | None = None) -> Ticket:
        if any(event.key == message_id for event in self.events):
            return self.tickets[number]
        return self._step(number, steps.wait(agent, text, self._clock.now(), message_id))

    def move(self, number: str, queue: Queue, by: str, *, force: bool = False) -> Ticket:
        return self._step(number, steps.move(queue, self.tickets[number].priority, by, force=force))

    def escalate(self, number: str, by: str, text: str = "") -> Ticket:
        return self._step(number, steps.raise_up(by, text, self._clock.now()))

    def resolve(
        self, number: str, agent: str, reason: StateReason, summary: str = "", *, force: bool = False
    ) -> Ticket:
        now = self._clock.now()
        return self._step(number, resolve(agent, reason, summary, now, TEHRAN, force=force, tell=True))

    def reopen(self, number: str, by: str) -> Ticket:
        return self._step(number, reopen(by, StateReason.REOPENED, Clocks(), self._clock.now()))

    def merge(self, number: str, into: str, by: str, *, force: bool = False) -> Ticket:
        if into not in self.tickets:
            raise TicketRefused(Refusal.UNKNOWN)
        for step in joined(self.tickets[number], self.tickets[into], by, self._clock.now(), force=force):
            self.tickets[step.ticket.number] = step.ticket
            for event in step.events:
                self._add(step.ticket.number, event)
        return self.tickets[into]

    def _step(self, number: str, decide: Decide) -> Ticket:
        step = decide(self.tickets[number])
        if step is not None:
            self.tickets[number] = step.ticket
            for event in step.events:
                self._add(number, event)
        return self.tickets[number]

    def _add(self, number: str, event: NewEvent) -> None:
        self.events.append(
            TicketEvent(
                event.kind,
                event.by,
                event.text,
                event.detail,
                event.key,
                event.tell,
                id=len(self.events) + 1,
                number=number,
                at=self._clock.now(),
            )
        )


class FakeHours:
    """Office hours in memory."""

    def __init__(self) -> None:
        self.kept = OfficePlan()

    def current(self) -> OfficeHours:
        return self.kept.hours(frozenset())

    def plan(self) -> OfficePlan:
        return self.kept

    def change(self, plan: OfficePlan, by: str) -> bool:
        plan.hours(frozenset())
        if plan.version != self.kept.version:
            return False
        self.kept = replace(plan, version=plan.version + 1)
        return True

    @property
    def holidays(self) -> Mapping[date, str]:
        return self.kept.holidays


class FakeCustomers:
    """Customers by conversation."""

    def __init__(self) -> None:
        self.known: dict[str, Customer] = {}

    def of(self, conversation_id: str) -> Customer:
        return self.known.get(conversation_id, Customer())

    def add(self, conversation_id: str, *orders: Order, vip: bool = False) -> None:
        self.known[conversation_id] = Customer(orders[0].mobile, orders[0].customer_name, vip, orders)


class FakeSigns:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.typing: set[str] = set()
        self.written: list[str] = []
        self.read: list[tuple[str, int]] = []

    def customer_writes(self, here: str) -> bool:
        return here in self.typing

    def agent_writes(self, here: str) -> None:
        self.written.append(here)

    def agent_read(self, here: str, seq: int) -> None:
        self.read.append((here, seq))


class FakeFiles:
    """Takes everything but `.exe`."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str, bytes, str]] = []
        self.known: set[tuple[str, str]] = set()
        self.evidence: dict[str, list[StoredFile]] = {}

    def receive(self, conversation_id: str, name: str, raw: bytes, by: str = BY_CUSTOMER) -> StoredFile:
        if name.endswith(".exe"):
            raise FileRefused("type")
        self.received.append((conversation_id, name, raw, by))
        file_id = f"f{len(self.received)}"
        return StoredFile(file_id, conversation_id, name, PNG, len(raw), "", datetime.now(UTC), by)

    def link(self, file_id: str, ttl: timedelta | None = None) -> str:
        return f"/files/{file_id}.token"

    def link_in(self, conversation_id: str, file_id: str) -> str:
        if (conversation_id, file_id) not in self.known:
            raise NotFound("files")
        return self.link(file_id)

    def of_ticket(self, ticket_number: str) -> list[StoredFile]:
        return self.evidence.get(ticket_number, [])
