"""Help desks outside, each on its local server: the subjects of their contract suite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from peyk.adapters.helpdesk.chatwoot import ChatwootApi, ChatwootHelpdesk, ChatwootPlace
from peyk.adapters.helpdesk.zammad import ZammadApi, ZammadHelpdesk, ZammadPlace
from peyk.domain.outside import TicketDraft
from peyk.domain.tickets import TicketState
from peyk.ports.helpdesk import OutsideHelpdesk
from tests.fakes import chatwoot, zammad
from tests.fakes.chatwoot import FakeChatwoot
from tests.fakes.vendor_http import FakeDesk
from tests.fakes.zammad import FakeZammad

SYSTEMS = ["chatwoot", "zammad"]
# Longer than an answer takes here, shorter than anybody waits.
DEADLINE_S = 0.5
DRAFT = TicketDraft(
    key="PK-1001-0a1b2c3d4e5f",
    title="PK-1001 · دیرکرد سفارش",
    facts="سفارش: TS-104180",
    words="چرا نرسیده؟",
    customer_key="peyk-77aa",
    customer_name="مشتری 77aa",
    mobile="09351112233",
)


def draft(**changes: Any) -> TicketDraft:
    return replace(DRAFT, **changes)


def chatwoot_place(url: str, **changes: Any) -> ChatwootPlace:
    place = ChatwootPlace(url, SecretStr(chatwoot.TOKEN), chatwoot.ACCOUNT, chatwoot.INBOX, deadline_s=DEADLINE_S)
    return replace(place, **changes)


def zammad_place(url: str, **changes: Any) -> ZammadPlace:
    return replace(ZammadPlace(url, SecretStr(zammad.TOKEN), deadline_s=DEADLINE_S), **changes)


@dataclass
class Subject:
    """A desk and its server, asked and changed in the same words."""

    desk: OutsideHelpdesk
    server: FakeDesk

    @property
    def making(self) -> tuple[str, str]:
        """Method and end of the path of the call that makes a ticket."""
        return ("POST", "/conversations" if self._chatwoot else "/api/v1/tickets")

    @property
    def tickets(self) -> list[str]:
        """The ids of all tickets outside."""
        return [str(number) for number in (self._chatwoot or self._zammad).__dict__[self._table]]

    def texts(self, external_id: str) -> list[str]:
        if self._chatwoot:
            return [content for _, _, content in self._chatwoot.texts(int(external_id))]
        return [article["body"] for article in self._zammad.articles[int(external_id)]]

    def move(self, external_id: str, state: TicketState) -> None:
        """Have a person move the ticket outside."""
        if self._chatwoot:
            number = int(external_id)
            self._chatwoot.conversations[number]["status"] = "resolved" if state is TicketState.RESOLVED else "open"
            self._chatwoot.assign(number, 5 if state is TicketState.IN_PROGRESS else None)
        else:
            words = {TicketState.OPEN: "new", TicketState.IN_PROGRESS: "open", TicketState.RESOLVED: "closed"}
            self._zammad.tickets[int(external_id)]["state"] = words[state]

    def says(self, external_id: str, words: str, *, internal: bool = False, at: datetime | None = None) -> None:
        """Have a person outside write into the ticket."""
        number = int(external_id)
        if self._chatwoot:
            stamp = int(at.timestamp()) if at else None
            self._chatwoot.person_writes(number, words, private=internal, created_at=stamp)
        else:
            self._zammad.person_writes(number, words, internal=internal, created_at=at.isoformat() if at else None)

    def call_it(self, external_id: str, state: str) -> None:
        """Give the ticket a state of the shop's own making."""
        if self._chatwoot:
            self._chatwoot.conversations[int(external_id)]["status"] = state
        else:
            self._zammad.tickets[int(external_id)]["state"] = state

    def state(self, external_id: str) -> TicketState | None:
        return self.desk.states.read(self.desk.read(external_id).state)

    def delete(self, external_id: str) -> None:
        del self.server.__dict__[self._table][int(external_id)]

    @property
    def _table(self) -> str:
        return "conversations" if self._chatwoot else "tickets"

    @property
    def _chatwoot(self) -> Any:
        return self.server if isinstance(self.server, FakeChatwoot) else None

    @property
    def _zammad(self) -> Any:
        return self.server


@contextmanager
def subject_of(system: str) -> Iterator[Subject]:
    if system == "chatwoot":
        with FakeChatwoot() as server:
            chatwoot_api = ChatwootApi(chatwoot_place(server.url))
            yield Subject(ChatwootHelpdesk(chatwoot_api), server)
            chatwoot_api.close()
    else:
        with FakeZammad() as server:
            zammad_api = ZammadApi(zammad_place(server.url))
            yield Subject(ZammadHelpdesk(zammad_api), server)
            zammad_api.close()
