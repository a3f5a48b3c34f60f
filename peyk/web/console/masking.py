"""What an operator sees of personal data before opening it."""

from __future__ import annotations

import re
from dataclasses import replace

from peyk.logging import HIDDEN, mask
from peyk.services.customers import Customer
from peyk.text.digits import to_ascii_digits
from peyk.text.mobiles import find_mobiles, parse_mobile

_KEEP_FIRST, _KEEP_LAST = 4, 2
# Letters and digits in one word are a parcel's code, unless they are as short as the number of an order or ticket.
_MIXED = re.compile(r"(?<![A-Za-z0-9-])(?=(?:[A-Za-z-]*\d){5})(?=[\d-]*[A-Za-z])[A-Za-z0-9-]{9,}", re.ASCII)
_NUMBER = re.compile(r"[A-Za-z]{1,5}-?\d{1,6}", re.ASCII)
# Also where Persian words stand right before them, which `mask` takes for a part of the word.
_LONG_RUN = re.compile(r"\d(?:[ \u200c-]?\d){8,}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CODE = re.compile(r"(?<![\dA-Za-z./#_\u066c-])\d{5,6}(?![\dA-Za-z]|[.,:\u066c]\d)")


def hide_mobiles(text: str) -> str:
    """Return a customer's words with the middle of mobiles hidden."""
    # Digits become ASCII one by one, so what is found stands at the same place in the text itself.
    for found in sorted(find_mobiles(to_ascii_digits(text), parse_mobile), key=lambda each: each.start, reverse=True):
        run = text[found.start : found.end]
        text = f"{text[: found.start]}{run[:_KEEP_FIRST]}{HIDDEN}{run[-_KEEP_LAST:]}{text[found.end :]}"
    return text


def hide(text: str) -> str:
    """Return words without mobiles, codes of parcels and log-ins, e-mail and postal codes; TS-104233 stays.

    A name or an address in somebody's own words looks like any other words, and stays too.
    """
    text = hide_mobiles(text.replace("\x00", ""))
    text = _MIXED.sub(lambda found: found.group() if _NUMBER.fullmatch(found.group()) else _short(found), text)
    text = _LONG_RUN.sub(lambda found: found.group() if _DATE.match(found.group()) else _short(found), mask(text))
    return _CODE.sub(HIDDEN, text)


def _short(found: re.Match[str]) -> str:
    return f"{found.group()[:_KEEP_FIRST]}{HIDDEN}{found.group()[-_KEEP_LAST:]}"


def hide_customer(customer: Customer) -> Customer:
    """Return a customer without name, addresses, telephone and codes."""
    orders = tuple(
        replace(
            order,
            mobile=mask(order.mobile),
            customer_name="",
            address="",
            shipments=tuple(replace(each, tracking_code=mask(each.tracking_code)) for each in order.shipments),
        )
        for order in customer.orders
    )
    tickets = tuple(
        replace(each, mobile=each.mobile and mask(each.mobile), note=hide(each.note)) for each in customer.tickets
    )
    return replace(customer, mobile=customer.mobile and mask(customer.mobile), name="", orders=orders, tickets=tickets)
