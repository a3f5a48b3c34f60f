"""The customer's card; opening personal data is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from peyk.services.customers import Customer
from peyk.web.console.gate import Gate, redirect
from peyk.web.console.masking import hide_customer
from peyk.web.console.parts import Parts
from peyk.web.console.sight import seen

OPEN_FOR = timedelta(minutes=30)


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add what opens a card."""

    @router.post("/conversations/{here}/open")
    async def open_personal(request: Request, here: str) -> Response:
        """Show personal data to this operator for a while, and write that down first."""
        visit = await gate.form(request)
        case = await seen(parts, gate, visit, here)

        def write_down() -> None:
            parts.note("console.personal_opened", here, visit.operator.id, login=visit.operator.login)
            parts.openings.open(visit.operator.id, here, parts.clock.now() + OPEN_FOR)

        await parts.run(write_down)
        return redirect(request, f"/console/conversations/{case.id}")


async def card(parts: Parts, here: str, *, opened: bool) -> dict[str, Any]:
    """Return a customer's card; what is not opened never reaches the page."""
    customer: Customer = await parts.run(lambda: parts.customers.of(here))
    return {"customer": customer if opened else hide_customer(customer), "opened": opened}
