"""Shops whose API cannot find orders by mobile or tracking code: they are read page by page into Peyk's own index."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from peyk.domain.orders import Order
from peyk.domain.payments import Payment


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order as the shop's system has it.

    `source_id` is the system's own id of it, `changed_at` (UTC, by the system's clock) when it changed last there;
    `email` is in lower case.
    """

    source_id: str
    order: Order
    changed_at: datetime
    email: str | None = None
    payment: Payment | None = None


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """Some orders; `cursor` leads to the next page, None at the end.

    `total` is how many there are in all, where the system says so. `unreadable` are ids of orders left out because
    they could not be read, `gone` those of orders that are no more. `at` is the system's own time when it answered,
    None where it does not tell it.
    """

    orders: tuple[ShopOrder, ...]
    cursor: str | None = None
    total: int | None = None
    unreadable: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    at: datetime | None = None


class OrderFeed(Protocol):
    """The orders of one shop. Every method may raise any ExternalError."""

    system: str

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        """Return a page of what changed at or after a moment (None: everything).

        Whoever follows the cursors to the end has met every order that was there all the time and did not change
        meanwhile; some may come twice.
        """
        ...

    def one(self, source_id: str) -> ShopOrder:
        """Return an order as it is now. Raises NotFound."""
        ...


class NewsKind(StrEnum):
    """What a shop's webhook says of an order; a ping says nothing, CLOSED that nothing of the shop may be kept."""

    CHANGED = "changed"
    DELETED = "deleted"
    PING = "ping"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ShopNews:
    """One webhook delivery that is genuine; the same `delivery_id` again is the same delivery.

    `further` are the ids of more orders it deletes.
    """

    delivery_id: str
    kind: NewsKind
    source_id: str = ""
    order: ShopOrder | None = None
    further: tuple[str, ...] = ()


class Forged(Exception):
    """A webhook whose signature is missing or wrong."""


class ShopWebhooks(Protocol):
    """Reads the webhooks a shop sends."""

    def read(self, headers: Mapping[str, str], body: bytes) -> ShopNews:
        """Return what a delivery says. Raises Forged, or BadAnswer for a genuine one that cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Indexed:
    """An order as the index has it; `seen_at` is when the shop last said so.

    `unreadable`: it was shown since, and could not be read. A look that finds no news of it finds nothing out.
    `looked_at` is the index's own (see SyncState): it is told with the order, so that nobody asks for both.
    """

    shop_order: ShopOrder
    seen_at: datetime
    unreadable: bool = False
    looked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SyncState:
    """How far the index has been filled.

    A pass reads everything that changed since `since`, page by page; `cursor` is where it stands (None: at its
    beginning), `began_at` when it began (None: no pass is under way), `done` and `total` how many of how many.
    `filled_at` is None before the first whole pass. Everything that changed before `mark` (by the shop's clock) is in
    the index; `looked_at` is when (by ours) the last whole pass began.
    """

    cursor: str | None = None
    since: datetime | None = None
    began_at: datetime | None = None
    done: int = 0
    total: int | None = None
    unreadable: int = 0
    filled_at: datetime | None = None
    mark: datetime | None = None
    looked_at: datetime | None = None
    error: str | None = None
    error_at: datetime | None = None
    next_at: datetime | None = None


class ShopIndex(Protocol):
    """The orders of one shop, found by what customers know. Every method may raise Unavailable("store")."""

    def by_number(self, number: str) -> Indexed | None:
        """Return the order called `number` exactly; of several the newest."""
        ...

    def by_suffix(self, digits: str, limit: int) -> list[Indexed]:
        """Return at most `limit` orders whose number ends in `digits`."""
        ...

    def by_mobile(self, mobile: str, limit: int) -> list[Indexed]:
        """Return the newest orders of a normalised mobile, newest first."""
        ...

    def by_email(self, email: str, limit: int) -> list[Indexed]:
        """Return the newest orders of an e-mail address (in any case of its letters), newest first."""
        ...

    def by_code(self, code: str) -> Indexed | None:
        """Return the newest order with a tracking code."""
        ...

    def email_of(self, mobile: str) -> str | None:
        """Return the mail address that stands in every order of a mobile; None where one has none, or another."""
        ...

    def read(
        self, orders: Sequence[ShopOrder], gone: Collection[str], at: datetime, unreadable: Collection[str] = ()
    ) -> None:
        """Keep what was read from the shop from `at` on; what is older than what is kept changes nothing.

        `unreadable` are ids of orders that could not be read: they stay as they are, and are marked so.
        """
        ...

    def hear(self, news: ShopNews, now: datetime) -> bool:
        """Keep what a webhook said; False for a delivery that was heard before."""
        ...

    def state(self) -> SyncState:
        """Return how far it has been filled."""
        ...

    def hold(self, holder: str, now: datetime, until: datetime) -> SyncState | None:
        """Let `holder` alone move the state until a moment; None while somebody else does."""
        ...

    def advance(self, holder: str, page: OrdersPage | None, at: datetime, state: SyncState) -> bool:
        """Keep a page that was read from `at` on and the new state, both or neither; False when it is not held."""
        ...

    def release(self, holder: str) -> None:
        """Let others move the state."""
        ...

    def count(self) -> int:
        """Return how many orders it has."""
        ...


class ShopKeys(Protocol):
    """How a shop gives its keys by one click of its owner's instead of by hand."""

    def address(self, callback: str, back: str) -> str:
        """Return where the owner agrees: the keys are sent to `callback`, and the owner's browser goes `back`."""
        ...

    def take(self, body: bytes) -> None:
        """Keep the keys the shop has sent. Raises BadAnswer for what are none, OSError where they cannot be kept."""
        ...
