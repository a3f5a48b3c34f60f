"""What the console is put together from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from peyk.ports import Clock
from peyk.ports.records import AuditLog
from peyk.ports.staff import CannedAnswers, Openings, Search, Staff
from peyk.services.operators import KeepOperators
from peyk.services.sign_in import SignIn
from peyk.settings import Settings
from peyk.web.addresses import ClientAddresses
from peyk.web.console.desk import Attachments, Customers, HandOffDesk, HoursBook, Signs, TicketDesk, Words
from peyk.web.live import Live

# Its own: to check a password takes as long as ten messages, and no customer waits for that.
THREADS = 4

T = TypeVar("T")


async def nobody_leaves() -> object:
    """Wait for ever, where nothing tells of the edge's end."""
    return await asyncio.Event().wait()


@dataclass(frozen=True)
class Parts:
    """Everything the console needs; `files` is None where none are taken.

    `told_to_leave` waits until the edge stops.
    """

    settings: Settings
    clock: Clock
    audit: AuditLog
    staff: Staff
    sign_in: SignIn
    operators: KeepOperators
    openings: Openings
    canned: CannedAnswers
    search: Search
    words: Words
    desk: HandOffDesk
    tickets: TicketDesk
    hours: HoursBook
    customers: Customers
    live: Live
    addresses: ClientAddresses
    signs: Signs
    files: Attachments | None = None
    told_to_leave: Callable[[], Coroutine[Any, Any, object]] = nobody_leaves
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "console"))

    async def run(self, call: Callable[[], T]) -> T:
        """Run a short call off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, call)

    def note(self, event: str, conversation_id: str, operator_id: str, **detail: str) -> None:
        """Write down who saw or changed what."""
        self.audit.append(
            at=self.clock.now(), conversation_id=conversation_id, event=event, subject=operator_id, detail=detail
        )
