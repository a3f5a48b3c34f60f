"""What the variables of canned answers stand for in one conversation."""

from __future__ import annotations

from datetime import datetime

from peyk.domain.staff import Operator
from peyk.i18n import format_date, text
from peyk.i18n.catalogue import catalogue
from peyk.web.console.parts import Parts
from peyk.web.console.sight import Case


def values_for(parts: Parts, case: Case, operator: Operator, language: str) -> dict[str, str]:
    """Return the values that are known; the customer's name only once personal data is opened."""
    handoff = case.handoff
    order = dict((handoff.packet.order if handoff else None) or {})
    settings = parts.settings
    values = {
        "name": parts.customers.of(case.id).name if case.opened else "",
        "order": str(order.get("orderId", "")),
        "status": _status(str(order.get("status", "")), language),
        "eta": _date(order.get("eta"), language),
        "shop": settings.shop_name_en if language == "en" else settings.shop_name_fa,
        "agent": operator.name,
        "ticket": (handoff.ticket_number if handoff else None) or "",
    }
    return {name: value for name, value in values.items() if value}


def _status(status: str, language: str) -> str:
    key = f"situation.{status}"
    return text(key, language) if key in catalogue() else ""


def _date(eta: object, language: str) -> str:
    try:
        return format_date(datetime.fromisoformat(str(eta)), language) if eta else ""
    except ValueError:
        return ""
