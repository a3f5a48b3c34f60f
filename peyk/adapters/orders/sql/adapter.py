"""A home-made shop's database as a source of orders and payments, or as a feed for the index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    String,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.types import NullType

from peyk.adapters.orders._reading import Unreadable, email_of, mobile_of, text_of
from peyk.adapters.orders._rows import Row, RowRules, is_jalali, key_of, to_order
from peyk.adapters.orders.sql.client import SYSTEM, Database
from peyk.adapters.orders.sql.mapping import ORDER, Relation, SqlMapping
from peyk.domain.orders import Order
from peyk.domain.payments import Payment
from peyk.errors import BadAnswer, NotFound
from peyk.ports.shops import OrdersPage, ShopOrder

TOO_MANY_UNREADABLE = 5
# Of one mobile and one address; whoever has more has several addresses.
MOST_SPELLINGS = 50
# An order's row, its items' and its parcels'.
Parts = tuple[Row, list[Row], list[Row]]


class SqlShop:
    """Finds orders and reads them whole; what the ports below share."""

    def __init__(self, database: Database, mapping: SqlMapping, rules: RowRules) -> None:
        self._database = database
        self._rules = rules
        self._times = mapping.times
        self._orders = _Table(mapping.orders, "o")
        self._items = _Table(mapping.items, "i") if mapping.items else None
        self._parcels = _Table(mapping.shipments, "s") if mapping.shipments else None

    @property
    def order_id(self) -> ColumnElement[Any]:
        """The column orders are told apart by."""
        return self._orders.column("id") if self._orders.has("id") else self._orders.column("number")

    def column(self, name: str) -> ColumnElement[Any]:
        """Return a column of the orders."""
        return self._orders.column(name)

    def find(self, condition: ColumnElement[bool], limit: int) -> list[ShopOrder]:
        """Return the newest orders of which something is true. Raises BadAnswer for one that cannot be read."""
        newest_first = (self.column("placed_at").desc(), self.order_id.desc())
        rows = self._database.rows(self._select().where(condition).order_by(*newest_first).limit(limit), asked=True)
        try:
            return [self.whole(row) for row in self.with_parts(rows)]
        except Unreadable as exc:
            raise BadAnswer(SYSTEM, str(exc)) from None

    def by_code(self, code: str) -> ColumnElement[bool]:
        """Return the condition of orders with a tracking code."""
        found: list[ColumnElement[bool]] = []
        if self._parcels is not None:
            its = select(self._parcels.column(ORDER)).where(self._parcels.column("tracking_code") == value(code))
            found.append(self.order_id.in_(its))
        if self._orders.has("tracking_code"):
            found.append(self.column("tracking_code") == value(code))
        if not found:
            raise NotFound(SYSTEM, "the mapping names no tracking codes")
        return found[0] if len(found) == 1 else found[0] | found[1]

    def email_of(self, mobile: str) -> str | None:
        """Return the mail address that stands in every order of a mobile; None where one has none, or another."""
        columns = [self.column(name).label(name) for name in ("mobile", "email")]
        theirs = self.column("mobile").in_([value(each) for each in written_ways(mobile)])
        rows = self._database.rows(select(*columns).where(theirs).distinct().limit(MOST_SPELLINGS), asked=True)
        found = {_address(row["email"]) for row in rows if mobile_of(row["mobile"]) == mobile}
        return found.pop() if len(found) == 1 else None

    def page(self, since: datetime | None, last: object, size: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return rows of what changed since a moment, the highest id first, below `last`; and how many, at first."""
        query, total = self._select(), None
        changed = self.column("changed_at") >= self._moment(since) if since is not None else None
        if changed is not None:
            query = query.where(changed)
        if last is not None:
            query = query.where(self.order_id < value(last))
        else:
            count = select(func.count().label("n")).select_from(self._orders.clause)
            total = int(self._database.rows(count if changed is None else count.where(changed))[0]["n"])
            if not total:
                self._is_comparable()
        return self._database.rows(query.order_by(self.order_id.desc()).limit(size)), total

    def with_parts(self, rows: Sequence[Row]) -> list[Parts]:
        """Return each row with its items and its parcels."""
        ids = [row["id"] for row in rows]
        items, parcels = self._parts(self._items, ids), self._parts(self._parcels, ids)
        keys = [key_of(each) for each in ids]
        return [(row, items.get(key, []), parcels.get(key, [])) for row, key in zip(rows, keys, strict=True)]

    def whole(self, parts: Parts) -> ShopOrder:
        """Return the order. Raises Unreadable."""
        return to_order(*parts, self._rules)

    def _select(self) -> Select[Any]:
        return self._orders.select().add_columns(self.order_id.label("id"))

    def _parts(self, table: _Table | None, ids: Sequence[Any]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        if table is not None and ids:
            its = table.column(ORDER).in_([value(each) for each in ids])
            for row in self._database.rows(table.select().where(its)):
                found.setdefault(key_of(row[ORDER]), []).append(row)
        return found

    def _moment(self, at: datetime) -> BindParameter[Any]:
        if self._times == "unix":
            return value(int(at.timestamp()))
        # As text every database takes it for the column's own kind of time.
        return value(at.astimezone(self._rules.zone).strftime("%Y-%m-%d %H:%M:%S"))

    def _is_comparable(self) -> None:
        """Look whether nothing has changed, or times are kept in a way they cannot be compared in."""
        for row in self._database.rows(self._select().order_by(self.order_id.desc()).limit(1)):
            seen = row["changed_at"]
            if is_jalali(seen) or (isinstance(seen, int) and self._times != "unix"):
                raise BadAnswer(SYSTEM, "changed_at must be a time, or seconds since 1970 with `times: unix`")


class SqlOrders:
    """Asks the shop's database (the port `OrderSource`); what customers ask for should be indexed there."""

    def __init__(self, shop: SqlShop) -> None:
        self._shop = shop

    def by_number(self, number: str) -> Order:
        """Return the order called `number` exactly. Raises NotFound."""
        return self.whole(number).order

    def by_suffix(self, digits: str, limit: int = 2) -> list[Order]:
        """Return at most `limit` orders whose number ends in `digits`."""
        if not (digits.isascii() and digits.isdecimal()):
            return []
        written = cast(self._shop.column("number"), String(64))
        return [each.order for each in self._shop.find(written.like(f"%{digits}"), limit)]

    def by_mobile(self, mobile: str, limit: int = 3) -> list[Order]:
        """Return the newest orders of a normalised mobile, newest first; empty when there are none."""
        ways = [value(each) for each in written_ways(mobile)]
        found = self._shop.find(self._shop.column("mobile").in_(ways), limit)
        return [each.order for each in found if each.order.mobile == mobile]

    def by_tracking_code(self, code: str) -> Order:
        """Return the order a tracking code belongs to. Raises NotFound."""
        found = self._shop.find(self._shop.by_code(code), 1)
        return _only(found, lambda each: any(ref.tracking_code == code for ref in each.order.shipments)).order

    def email_of(self, mobile: str) -> str | None:
        """Return the mail address that stands in every order of a mobile; None where one has none, or another."""
        return self._shop.email_of(mobile)

    def whole(self, number: str) -> ShopOrder:
        """Return the order called `number`, with its payment. Raises NotFound."""
        found = self._shop.find(self._shop.column("number") == value(number), 1)
        # Some databases take letters of either case, and spaces at the end, for the same.
        return _only(found, lambda each: each.order.number == number)


def written_otherwise(shop: SqlShop, samples: Iterable[Parts]) -> list[str]:
    """Return the fields by which some of these orders are not found: they are looked for in our own way of writing."""
    orders, doubtful = SqlOrders(shop), dict[str, Callable[[], object]]()
    for row, items, parcels in samples:
        try:
            order = shop.whole((row, items, parcels)).order
        except Unreadable:
            continue
        codes = {key_of(each.get("tracking_code")) for each in (row, *parcels)}
        if key_of(row["number"]) != order.number:
            doubtful.setdefault("number", partial(orders.by_number, order.number))
        if order.mobile and key_of(row["mobile"]) not in written_ways(order.mobile):
            doubtful.setdefault("mobile", partial(orders.by_mobile, order.mobile))
        for ref in order.shipments:
            if ref.tracking_code not in codes:
                doubtful.setdefault("tracking_code", partial(orders.by_tracking_code, ref.tracking_code))
    return [name for name, ask in doubtful.items() if not _finds(ask)]


def _finds(ask: Callable[[], object]) -> bool:
    # Some databases find what is written in small letters, or with spaces behind it.
    try:
        return bool(ask())
    except NotFound:
        return False


class SqlPayments:
    """What the shop's own payment columns say (the port `PaymentGateway`)."""

    def __init__(self, orders: SqlOrders) -> None:
        self._orders = orders

    def inquire(self, order_number: str) -> Payment:
        """Return the payment of an order. Raises NotFound."""
        payment = self._orders.whole(order_number).payment
        if payment is None:
            raise NotFound(SYSTEM, "no payment")
        return payment


class SqlFeed:
    """Reads the shop's database page by page (the port `OrderFeed`), the highest id first."""

    system = SYSTEM

    def __init__(self, shop: SqlShop, page_size: int) -> None:
        self._shop = shop
        self._size = page_size

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        """Return a page of what changed at or after a moment."""
        last = json.loads(cursor) if cursor is not None else None
        rows, total = self._shop.page(changed_since, last, self._size)
        orders, unreadable = [], []
        for parts in self._shop.with_parts(rows):
            try:
                orders.append(self._shop.whole(parts))
            except Unreadable:
                unreadable.append(text_of(str(parts[0]["id"]), "id"))
        if len(unreadable) >= TOO_MANY_UNREADABLE and not orders:
            raise BadAnswer(SYSTEM, f"{len(unreadable)} orders, and none can be read: does the mapping fit?")
        more = json.dumps(_plain(rows[-1]["id"])) if len(rows) == self._size else None
        return OrdersPage(tuple(orders), more, total, tuple(unreadable))

    def one(self, source_id: str) -> ShopOrder:
        """Return an order as it is now. Raises NotFound."""
        found = self._shop.find(self._shop.order_id == value(source_id), 1)
        return _only(found, lambda each: each.source_id == source_id)


class _Table:
    """A table or query of the shop, and our names of its columns."""

    def __init__(self, relation: Relation, name: str) -> None:
        self.clause: FromClause = relation.clause(name)
        self._columns = relation.columns

    def has(self, name: str) -> bool:
        return name in self._columns

    def column(self, name: str) -> ColumnElement[Any]:
        return self.clause.c[self._columns[name]]

    def select(self) -> Select[Any]:
        return select(*(self.column(name).label(name) for name in self._columns if name != "id"))


def value(given: object) -> BindParameter[Any]:
    """Return a parameter without a type: the database takes it for one of the column's."""
    return bindparam(None, given, type_=NullType(), unique=True)


def written_ways(mobile: str) -> list[str]:
    """Return how shops write a normalised mobile: with and without the zero, and the country in three ways."""
    if mobile.startswith("09"):
        plain = mobile[1:]
        return [mobile, plain, f"98{plain}", f"+98{plain}", f"0098{plain}"]
    plain = mobile.removeprefix("+")
    return list(dict.fromkeys((mobile, plain, f"+{plain}", f"00{plain}")))


def _address(written: object) -> str | None:
    try:
        return email_of(written)
    except Unreadable:
        return None


def _only(found: list[ShopOrder], is_it: Callable[[ShopOrder], bool]) -> ShopOrder:
    for each in found:
        if is_it(each):
            return each
    raise NotFound(SYSTEM)


def _plain(key: object) -> object:
    return key if isinstance(key, int) else str(key)
