"""What wording needs of an answer about an order; `peyk.services.tracking.TrackResult` has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from peyk.domain.identity import Level
from peyk.domain.orders import Order
from peyk.domain.payments import Payment
from peyk.domain.shipments import Tracking
from peyk.domain.situations import Situation


class ParcelInAnswer(Protocol):
    """A parcel, and what its carrier says of it."""

    @property
    def carrier(self) -> str:
        """The taxonomy carrier id."""
        ...

    @property
    def code(self) -> str:
        """The tracking code."""
        ...

    @property
    def shipped_at(self) -> datetime | None:
        """When the shop handed it over, if that may be told."""
        ...

    @property
    def tracking(self) -> Tracking | None:
        """What the carrier says, or said last."""
        ...

    @property
    def page(self) -> str:
        """Where people see the parcel for themselves; empty for nowhere."""
        ...


class OrderAnswer(Protocol):
    """An answer about one order, with no more in it than the customer's level allows."""

    @property
    def level(self) -> Level:
        """What the customer has proven."""
        ...

    @property
    def method(self) -> str | None:
        """How it was proven."""
        ...

    @property
    def order_number(self) -> str | None:
        """The order's number, when one is known."""
        ...

    @property
    def situation(self) -> Situation | None:
        """What is going on, when something was found."""
        ...

    @property
    def order(self) -> Order | None:
        """The order, for its proven customer."""
        ...

    @property
    def payment(self) -> Payment | None:
        """Its newest payment attempt, for its proven customer."""
        ...

    @property
    def parcels(self) -> Sequence[ParcelInAnswer]:
        """Its parcels, oldest first."""
        ...

    @property
    def as_of(self) -> datetime | None:
        """How old the oldest news in it is."""
        ...

    @property
    def shop_as_of(self) -> datetime | None:
        """When the shop last said so of the order, None where it has just said it."""
        ...

    @property
    def asked_at(self) -> datetime | None:
        """When the answer was made."""
        ...
