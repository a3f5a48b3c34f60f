"""A console whose staff stands in a real store, and whose surroundings are in memory."""

from __future__ import annotations

from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.domain.staff import Operator, Role
from peyk.ports.clock import Clock
from peyk.services.operators import KeepOperators
from peyk.services.passwords import Passwords
from peyk.services.sign_in import SignIn
from peyk.settings import Settings
from peyk.store.canned_answers import StoredCannedAnswers
from peyk.store.operator_sessions import StoredOpenings, StoredSessions
from peyk.store.records import make_records
from peyk.store.search import StoredSearch
from peyk.store.staff import StoredStaff
from peyk.web.addresses import ClientAddresses
from peyk.web.console import Parts, routes
from peyk.web.guard import Guard
from peyk.web.live import Live
from tests.fakes.desk_parts import FakeCustomers, FakeFiles, FakeHours, FakeSigns, FakeTickets
from tests.fakes.handoff_desk import FakeDesk

SECRET = "s" * 40
PASSWORD = "a long enough one"
# A hash that takes no time: how long the real one takes is argon2's business.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def nothing_new(_: object) -> dict[str, int]:
    """The journal of other processes."""
    return {}


class Surroundings:
    """The console and everything round it."""

    def __init__(self, engine: Engine, clock: Clock, **settings: object) -> None:
        self.engine = engine
        self.clock = clock
        self.settings = Settings(secret_key=SecretStr(SECRET), run_secret=SecretStr("r" * 40), **settings)  # type: ignore[arg-type]
        records = make_records(engine, clock, SECRET)
        self.staff, self.sessions = StoredStaff(engine), StoredSessions(engine)
        self.passwords = Passwords(CHEAP)
        self.operators = KeepOperators(self.staff, self.sessions, records.audit, clock, self.passwords)
        self.sign_in = SignIn(
            self.staff, self.sessions, records.limiter, records.audit, clock, self.settings, self.passwords
        )
        self.desk, self.tickets = FakeDesk(clock), FakeTickets(clock)
        self.hours, self.customers, self.files = FakeHours(), FakeCustomers(), FakeFiles()
        self.canned = StoredCannedAnswers(engine)
        self.live = Live(nothing_new)
        self.signs = FakeSigns()
        self.parts = Parts(
            settings=self.settings,
            clock=clock,
            audit=records.audit,
            staff=self.staff,
            sign_in=self.sign_in,
            operators=self.operators,
            openings=StoredOpenings(engine),
            canned=self.canned,
            search=StoredSearch(engine, "k" * 32),
            words=self.desk,
            desk=self.desk,
            tickets=self.tickets,
            hours=self.hours,
            customers=self.customers,
            live=self.live,
            addresses=ClientAddresses("", self.settings.secret_key),
            files=self.files,
            signs=self.signs,
        )

    def operator(self, login: str, role: Role = Role.AGENT, **more: Any) -> Operator:
        """Add somebody who can log in with PASSWORD."""
        name = str(more.pop("name", login.title()))
        made, _ = self.operators.add(login, name, role, password=PASSWORD, **more)
        return made

    def app(self) -> FastAPI:
        """Return the console as the edge serves it."""
        app = FastAPI()
        app.add_middleware(Guard, language="fa")
        app.include_router(routes(self.parts))
        return app
