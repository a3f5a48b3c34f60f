"""The `custom.order` of an answer (docs/rest.md) as a card of formatted text. Pure.

At level 1 there is no more in it than number and stage, so there is no more on the card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

from peyk.domain.situations import Situation
from peyk.i18n import carrier_name, format_datetime, format_day, format_number, text
from peyk.text.isolate import LEFT_TO_RIGHT, POP, isolate

STAGES = 5
MAX_ITEMS = 8
MAX_PARCELS = 5
MAX_VALUE_CHARS = 120
MAX_URL_CHARS = 500
_DONE, _AHEAD = "●", "○"
# How many stages are behind an order: registered, prepared, handed over, at the door, delivered. What may happen at any
# stage (late, several parcels), and what is no way to the door (lost, returned, cancelled), has no bar.
_STAGES_DONE = {
    Situation.AWAITING_PAYMENT: 0,
    Situation.PAYMENT_FAILED: 0,
    Situation.PAYMENT_UNVERIFIED: 0,
    Situation.REGISTERED: 1,
    Situation.PREPARING: 2,
    Situation.ADDRESS_INCOMPLETE: 2,
    Situation.IN_TRANSIT: 3,
    Situation.STALLED: 3,
    Situation.CUSTOMS: 3,
    Situation.HELD: 3,
    Situation.OUT_FOR_DELIVERY: 4,
    Situation.READY_FOR_PICKUP: 4,
    Situation.DELIVERY_FAILED: 4,
    Situation.DELIVERED: 5,
}
# Where a date of delivery is still to come.
_EXPECTED = (Situation.REGISTERED, Situation.PREPARING, Situation.IN_TRANSIT, Situation.OUT_FOR_DELIVERY)


def order_card(order: Mapping[str, Any], language: str) -> list[str]:
    """Return the card's lines as HTML of the Bot API; none for an order without a number.

    What cannot be read is left out; every value is cut, so that no line is too long for a message of its own.
    """
    number = order.get("orderId")
    if not isinstance(number, str) or not number:
        return []
    lines = [f"<b>{_shown(text('card.title', language, order_id=_cut(number)))}</b>"]
    return [*lines, *(line for line in (stage_line(order, language), *_details(order, language)) if line)]


def stage_line(order: Mapping[str, Any], language: str) -> str:
    """Return bar and name of an order's stage as HTML: «●●●○○ در راه»; a stage unknown here has its Persian name."""
    try:
        situation = Situation(str(order.get("status")))
    except ValueError:
        name = order.get("statusFa")
        return _shown(_cut(name)) if isinstance(name, str) and language == "fa" else ""
    name = _shown(text(f"situation.{situation.value}", language))
    done = _STAGES_DONE.get(situation)
    return name if done is None else f"{_DONE * done}{_AHEAD * (STAGES - done)} {name}"


def _details(order: Mapping[str, Any], language: str) -> Iterator[str]:
    yield _dated("card.placed_on", order.get("createdAt"), format_day, language)
    if order.get("status") in _EXPECTED:
        yield _dated("card.eta", order.get("eta"), format_day, language)
    yield from _items(_objects(order.get("items")), language)
    parcels = _objects(order.get("parcels")) or _objects([order.get("tracking")])
    for parcel in parcels[:MAX_PARCELS]:
        yield from _parcel(parcel, language)


def _items(items: list[Mapping[str, Any]], language: str) -> Iterator[str]:
    named = [item for item in items if isinstance(item.get("title"), str)]
    if named:
        yield f"{escape(text('card.items', language))}:"
    for item in named[:MAX_ITEMS]:
        words, quantity, price = _cut(item["title"]), item.get("quantity"), item.get("price")
        if isinstance(quantity, int) and quantity > 1:
            words = text("item.line", language, title=words, count=format_number(quantity, language))
        if isinstance(price, str):
            words = text("card.item_price", language, item=words, price=_cut(price))
        yield f"• {_shown(words)}"
    if len(named) > MAX_ITEMS:
        more = format_number(len(named) - MAX_ITEMS, language)
        yield escape(text("card.more_items", language, count=more))


def _parcel(parcel: Mapping[str, Any], language: str) -> Iterator[str]:
    carrier, code, event, url = (parcel.get(name) for name in ("carrier", "code", "lastEvent", "url"))
    if isinstance(carrier, str) and carrier:
        yield _line("card.carrier", _shown(_cut(carrier_name(carrier, language))), language)
    if isinstance(code, str) and code:
        # The marks stay outside, so that a tap copies the code alone.
        shown = f"<code>{escape(_cut(code), quote=False)}</code>"
        yield _line("card.code", f"{LEFT_TO_RIGHT}{shown}{POP}" if language == "fa" else shown, language)
    if isinstance(event, str) and event:
        yield _line("card.last_event", _shown(_cut(event)), language)
    yield _dated("card.as_of", parcel.get("asOf"), format_datetime, language)
    if isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) <= MAX_URL_CHARS:
        yield f'<a href="{escape(url)}">{escape(text("card.link", language))}</a>'


def _dated(key: str, value: object, words: Callable[[datetime, str], str], language: str) -> str:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return ""
    if moment is None or moment.tzinfo is None:
        return ""
    return _line(key, _shown(words(moment, language)), language)


def _line(key: str, value: str, language: str) -> str:
    return f"{escape(text(key, language))}: {value}"


def _shown(words: str) -> str:
    return escape(isolate(words), quote=False)


def _cut(words: str) -> str:
    return words if len(words) <= MAX_VALUE_CHARS else f"{words[: MAX_VALUE_CHARS - 1]}…"


def _objects(values: object) -> list[Mapping[str, Any]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
