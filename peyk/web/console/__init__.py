"""The operators' console at `/console`: server-rendered pages, kept up to date by htmx and an event stream."""

from __future__ import annotations

from fastapi import APIRouter

from peyk.web.console import (
    account,
    conversation,
    customers,
    events,
    files,
    hours,
    login,
    macros,
    moves,
    queue,
    search,
    tickets,
    users,
)
from peyk.web.console.gate import Gate, route_class
from peyk.web.console.pages import Pages
from peyk.web.console.parts import Parts

__all__ = ["Parts", "routes"]

TOPICS = (login, queue, conversation, moves, customers, tickets, search, macros, hours, users, account, events)


def routes(parts: Parts) -> APIRouter:
    """Return the console's routes."""
    pages = Pages(parts.clock)
    gate = Gate(parts, pages)
    router = APIRouter(
        prefix="/console", include_in_schema=False, route_class=route_class(pages, parts.settings.default_language)
    )
    for topic in TOPICS:
        topic.add_to(router, parts, gate)
    files.add_to(router)
    return router
