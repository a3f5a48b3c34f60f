"""What an operator sees of personal data before opening it."""

from __future__ import annotations

from dataclasses import replace

from peyk.logging import HIDDEN, mask
from peyk.services.customers import Customer
from peyk.text.digits import to_ascii_digits
from peyk.text.mobiles import find_mobiles, parse_mobile

_KEEP_FIRST, _KEEP_LAST = 4, 2


def hide_mobiles(text: str) -> str:
    """Return a customer's words with the middle of mobiles hidden."""
    # Digits become ASCII one by one, so what is found stands at the same place in the text itself.
    for found in sorted(find_mobiles(to_ascii_digits(text), parse_mobile), key=lambda each: each.start, reverse=True):
        run = text[found.start : found.end]
        text = f"{text[: found.start]}{run[:_KEEP_FIRST]}{HIDDEN}{run[-_KEEP_LAST:]}{text[found.end :]}"
    return text


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
        replace(each, mobile=each.mobile and mask(each.mobile), note=hide_mobiles(each.note))
        for each in customer.tickets
    )
    return replace(customer, mobile=customer.mobile and mask(customer.mobile), name="", orders=orders, tickets=tickets)
