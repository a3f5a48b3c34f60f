"""From what a customer calls an order to the order."""

from __future__ import annotations

from dataclasses import dataclass

from peyk.domain.orders import Order
from peyk.errors import NotFound, PeykError
from peyk.ports.orders import OrderSource
from peyk.text.digits import to_ascii_digits
from peyk.text.order_numbers import OrderFormat

MIN_SUFFIX = 6
# Enough to find a customer's own order among those that end alike.
SUFFIX_CANDIDATES = 10


class Ambiguous(PeykError):
    """Several orders end in the digits that were given."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to look a number up: exactly, by its last digits, or (both None) not at all."""

    exact: str | None = None
    suffix: str | None = None


def read_number(text: str, orders: OrderFormat) -> Wanted:
    """Read an order number as people write it: any case, prefix, suffix and hyphen or not, Persian digits."""
    digits = orders.digits_of("".join(to_ascii_digits(text).upper().split()))
    if not (digits.isascii() and digits.isdigit()):
        return Wanted()
    if orders.is_whole(digits):
        return Wanted(exact=orders.number(digits))
    # Shops find orders by the end of their number, and where it has a suffix that is no digit.
    if MIN_SUFFIX <= len(digits) < orders.fewest and not orders.suffix:
        return Wanted(suffix=digits)
    return Wanted()


class OrderFinder:
    """Finds the order a customer means."""

    def __init__(self, orders: OrderSource, numbers: OrderFormat) -> None:
        self._orders = orders
        self._numbers = numbers

    def find(self, number: str, own_mobile: str | None) -> Order:
        """Return the order; among several that end alike the customer's own.

        Raises NotFound, Ambiguous, or what the shop's system raises.
        """
        wanted = read_number(number, self._numbers)
        if wanted.exact is not None:
            return self._orders.by_number(wanted.exact)
        if wanted.suffix is None:
            raise NotFound("shop", "not an order number")
        matches = self._orders.by_suffix(wanted.suffix, limit=SUFFIX_CANDIDATES)
        own = [order for order in matches if order.mobile == own_mobile]
        if len(own) == 1:
            return own[0]
        if len(matches) > 1:
            raise Ambiguous(f"{len(matches)} orders end alike")
        if not matches:
            raise NotFound("shop")
        return matches[0]
