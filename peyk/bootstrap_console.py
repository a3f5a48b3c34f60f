"""Puts the operators' console together; apart from `peyk.bootstrap`, for only the edge shows pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter

from peyk.bootstrap import App
from peyk.ports import OrderSource
from peyk.ports.helpdesk import Helpdesk
from peyk.services.customers import ShowCustomer
from peyk.services.operators import KeepOperators
from peyk.services.passwords import Passwords
from peyk.services.sign_in import SignIn
from peyk.store.canned_answers import StoredCannedAnswers
from peyk.store.contacts import StoredContacts
from peyk.store.operator_sessions import StoredOpenings, StoredSessions
from peyk.store.search import StoredSearch
from peyk.store.staff import StoredStaff
from peyk.store.tickets import BuiltinHelpdesk
from peyk.web.addresses import ClientAddresses
from peyk.web.app import Console
from peyk.web.console import Parts, routes
from peyk.web.console.desk import Attachments, HandOffDesk, HoursBook, Signs, TicketDesk
from peyk.web.live import Live


def console_of(
    app: App,
    *,
    desk: HandOffDesk,
    tickets: TicketDesk,
    hours: HoursBook,
    orders: OrderSource,
    helpdesk: Helpdesk,
    files: Attachments | None = None,
) -> Console:
    """Return how the edge gets the console's routes, once it has its news."""
    settings, clock, engine = app.settings, app.clock, app.engine
    staff, sessions, audit, passwords = StoredStaff(engine), StoredSessions(engine), app.records.audit, Passwords()
    customers = ShowCustomer(
        verifications=app.records.verifications,
        orders=orders,
        helpdesk=helpdesk,
        contacts=StoredContacts(engine),
        clock=clock,
    )

    def with_news(live: Live, signs: Signs, told_to_leave: Callable[[], Coroutine[Any, Any, object]]) -> APIRouter:
        parts = Parts(
            settings=settings,
            clock=clock,
            audit=audit,
            staff=staff,
            sign_in=SignIn(staff, sessions, app.records.limiter, audit, clock, settings, passwords),
            operators=KeepOperators(staff, sessions, audit, clock, passwords),
            openings=StoredOpenings(engine),
            canned=StoredCannedAnswers(engine),
            search=StoredSearch(engine, settings.secret_key.get_secret_value()),
            words=app.journal,
            desk=desk,
            tickets=tickets,
            hours=hours,
            customers=customers,
            live=live,
            addresses=ClientAddresses(settings.trusted_proxies, settings.secret_key),
            signs=signs,
            files=files,
            told_to_leave=told_to_leave,
        )
        return routes(parts)

    return with_news


def whole_console(app: App) -> Console:
    """Return the console of a process's Peyk, with everything it asks for."""
    return console_of(
        app,
        desk=app.handoff,
        tickets=app.desk,
        hours=app.office_hours,
        orders=app.orders,
        helpdesk=BuiltinHelpdesk(app.engine, app.clock),
        files=app.files,
    )
