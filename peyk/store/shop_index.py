"""Peyk's own index of a shop's orders.

One row an order, never moved back in time: what a shop says arrives by pages, by webhooks in any order, and by single
look-ups, side by side. Mobile and e-mail stand in the columns as keyed hashes only.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import SecretStr, TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from peyk.ports.shops import Indexed, NewsKind, OrdersPage, ShopNews, ShopOrder, SyncState
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import shop_codes, shop_deliveries, shop_orders, shop_syncs

# What stands before the name of a shop that is asked directly: no index, but its last good answers.
LAST_GOOD = "last_good:"
# More digits than any number has; a range of strings of digits needs an end.
ENDING_DIGITS = 32
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING = "{}"
# A statement has so many parameters at most.
DROPPED_AT_ONCE = 500
ERROR_CHARS = 300
STATE = tuple(each.name for each in fields(SyncState))
NEW = {"done": 0, "unreadable": 0} | dict.fromkeys(set(STATE) - {"done", "unreadable"})

# An order at a time: while PostgreSQL has no statistics of a table that is being filled, it takes a list of ids for
# half of all there are, and reads all of them.
_FORGETTING = delete(shop_codes).where(
    shop_codes.c.source == bindparam("here"), shop_codes.c.source_id == bindparam("which")
)
_BODY = TypeAdapter(ShopOrder)


def _finding(condition: ColumnElement[bool]) -> Select[Any]:
    """Return the question for orders by what customers know, and for when the shop was looked at last.

    One question in one round trip, put together once: that takes longer than the database takes to answer it.
    """
    sync = (shop_syncs.c.source == bindparam("here"), shop_syncs.c.fingerprint == bindparam("fingerprint"))
    looked_at = select(shop_syncs.c.looked_at).where(*sync).scalar_subquery().label("looked_at")
    shown = (shop_orders.c.body, shop_orders.c.seen_at, shop_orders.c.unreadable, looked_at)
    alive = (shop_orders.c.source == bindparam("here"), shop_orders.c.gone_at.is_(None))
    newest_first = (shop_orders.c.placed_at.desc(), shop_orders.c.source_id.desc())
    query = select(*shown).where(*alive, condition).order_by(*newest_first)
    return query.limit(bindparam("limit", type_=Integer))


_ITS_CODE = (shop_codes.c.source == bindparam("here"), shop_codes.c.code == bindparam("wanted"))
_BY_NUMBER = _finding(shop_orders.c.number == bindparam("wanted"))
_BY_ENDING = _finding(shop_orders.c.ending.between(bindparam("wanted"), bindparam("until")))
_BY_MOBILE = _finding(shop_orders.c.mobile_key == bindparam("wanted"))
_BY_EMAIL = _finding(shop_orders.c.email_key == bindparam("wanted"))
_BY_CODE = _finding(shop_orders.c.source_id.in_(select(shop_codes.c.source_id).where(*_ITS_CODE)))
_DIGITS_AT_END = re.compile(r"[0-9]+\Z")


@dataclass(frozen=True, slots=True)
class Origin:
    """Which shop an index is of, and by which rules it is read (`peyk.adapters.plugin.Shop`)."""

    address: str = ""
    rules: str = field(default="", repr=False)


class StoredShopIndex:
    """The index of one shop (the port `ShopIndex`); `source` names it.

    Read by other rules, or with another key, it is filled anew, and answers meanwhile with what it has; of another
    shop it begins empty.
    """

    def __init__(self, engine: Engine, source: str, secret_key: SecretStr, origin: Origin | None = None) -> None:
        self._engine = engine
        self._source = source
        self._key = secret_key.get_secret_value().encode()
        self._made_by = self._fingerprint(origin or Origin())

    def by_number(self, number: str) -> Indexed | None:
        """Return the order called `number` exactly; of several the newest."""
        return next(iter(self._found(_BY_NUMBER, 1, wanted=number)), None)

    def by_suffix(self, digits: str, limit: int) -> list[Indexed]:
        """Return at most `limit` orders whose number ends in `digits`."""
        if not _DIGITS_AT_END.fullmatch(digits) or len(digits) > ENDING_DIGITS:
            return []
        start = digits[::-1]
        # Strings of digits alone come in the same order in every collation.
        return self._found(_BY_ENDING, limit, wanted=start, until=start + "9" * ENDING_DIGITS)

    def by_mobile(self, mobile: str, limit: int) -> list[Indexed]:
        """Return the newest orders of a normalised mobile, newest first."""
        return self._found(_BY_MOBILE, limit, wanted=self._hash("mobile", mobile))

    def by_email(self, email: str, limit: int) -> list[Indexed]:
        """Return the newest orders of an e-mail address, newest first."""
        return self._found(_BY_EMAIL, limit, wanted=self._hash("email", email.strip().lower()))

    def by_code(self, code: str) -> Indexed | None:
        """Return the newest order with a tracking code."""
        return next(iter(self._found(_BY_CODE, 1, wanted=code)), None)

    def email_of(self, mobile: str) -> str | None:
        """Return the mail address that stands in every order of a mobile; None where one has none, or another."""
        its = (*self._alive(), shop_orders.c.mobile_key == self._hash("mobile", mobile))
        query = select(shop_orders.c.email_key, func.max(shop_orders.c.body)).where(*its)
        with reading(self._engine) as connection:
            # One statement, and two rows at most, whoever is asked for.
            rows = connection.execute(query.group_by(shop_orders.c.email_key).limit(2)).all()
        if len(rows) != 1 or rows[0][0] is None:
            return None
        return _BODY.validate_json(rows[0][1]).email

    def has_emails(self) -> bool:
        """Tell whether any of its orders has a mail address."""
        its = select(shop_orders.c.source_id).where(*self._alive(), shop_orders.c.email_key.is_not(None))
        with reading(self._engine) as connection:
            return connection.execute(its.limit(1)).first() is not None

    def count(self) -> int:
        """Return how many orders it has."""
        query = select(func.count()).select_from(shop_orders)
        with reading(self._engine) as connection:
            return int(connection.execute(query.where(*self._alive())).scalar_one())

    def read(
        self, orders: Sequence[ShopOrder], gone: Collection[str], at: datetime, unreadable: Collection[str] = ()
    ) -> None:
        """Keep what was read from the shop from `at` on; what is older than what is kept changes nothing.

        `unreadable` are ids of orders that could not be read: they stay as they are, and are marked so.
        """
        with writing(self._engine) as connection:
            self._read(connection, orders, gone, at, unreadable)

    def hear(self, news: ShopNews, now: datetime) -> bool:
        """Keep what a webhook said; False for a delivery that was heard before."""
        delivery = {"source": self._source, "delivery_id": news.delivery_id, "at": now}
        with writing(self._engine) as connection:
            if connection.execute(_noting(connection.dialect.name), delivery).first() is None:
                return False
            if news.kind is NewsKind.DELETED:
                self._drop(connection, [news.source_id, *news.further], now)
            elif news.kind is NewsKind.CLOSED:
                self._drop_all(connection, now)
            elif news.order is not None:
                # It may have been long on its way: certain is only how the order stood when it changed.
                self._put(connection, [news.order], min(now, news.order.changed_at))
        return True

    def state(self) -> SyncState:
        """Return how far it has been filled."""
        with reading(self._engine) as connection:
            row = connection.execute(select(shop_syncs).filter_by(source=self._source)).first()
        return _state(row) if row is not None and row.fingerprint == self._made_by else SyncState()

    def hold(self, holder: str, now: datetime, until: datetime) -> SyncState | None:
        """Let `holder` alone move the state until a moment; None while somebody else does."""
        mine = {"holder": holder, "held_until": until}
        free = or_(shop_syncs.c.holder.is_(None), shop_syncs.c.holder == holder, shop_syncs.c.held_until <= now)
        first = {**NEW, **mine, "source": self._source, "fingerprint": self._made_by}
        with writing(self._engine) as connection:
            taken = insert_into(connection, shop_syncs).values(first)
            taken = taken.on_conflict_do_update(index_elements=["source"], set_=mine, where=free)
            row = connection.execute(taken.returning(shop_syncs)).first()
            if row is None:
                return None
            if row.fingerprint != self._made_by:
                # Made with another key, nobody is found any more: from the beginning.
                connection.execute(update(shop_syncs).where(self._mine(holder)).values(first))
                if _shop_in(row.fingerprint) not in {None, _shop_in(self._made_by)}:
                    self._empty(connection)
                return SyncState()
        return _state(row)

    def advance(self, holder: str, page: OrdersPage | None, at: datetime, state: SyncState) -> bool:
        """Keep a page that was read from `at` on and the new state, both or neither; False when it is not held."""
        values = {name: getattr(state, name) for name in STATE}
        values["error"] = state.error[:ERROR_CHARS] if state.error else None
        with writing(self._engine) as connection:
            moved = update(shop_syncs).where(self._mine(holder)).values(values)
            if connection.execute(moved).rowcount != 1:
                return False
            if page is not None:
                self._read(connection, page.orders, page.gone, at, page.unreadable)
        return True

    def release(self, holder: str) -> None:
        """Let others move the state."""
        with writing(self._engine) as connection:
            connection.execute(update(shop_syncs).where(self._mine(holder)).values(holder=None, held_until=None))

    def _found(self, query: Select[Any], limit: int, **wanted: str) -> list[Indexed]:
        given = {"here": self._source, "fingerprint": self._made_by, "limit": limit, **wanted}
        with reading(self._engine) as connection:
            rows = connection.execute(query, given).all()
        return [Indexed(_BODY.validate_json(row.body), row.seen_at, row.unreadable, row.looked_at) for row in rows]

    def _alive(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return shop_orders.c.source == self._source, shop_orders.c.gone_at.is_(None)

    def _mine(self, holder: str) -> ColumnElement[bool]:
        return and_(shop_syncs.c.source == self._source, shop_syncs.c.holder == holder)

    def _read(
        self,
        connection: Connection,
        orders: Sequence[ShopOrder],
        gone: Collection[str],
        at: datetime,
        unreadable: Collection[str],
    ) -> None:
        self._put(connection, orders, at)
        if gone:
            self._drop(connection, gone, at)
        if unreadable:
            its = (*self._alive(), shop_orders.c.source_id.in_(unreadable), shop_orders.c.seen_at <= at)
            connection.execute(update(shop_orders).where(*its).values(unreadable=True))

    def _put(self, connection: Connection, orders: Sequence[ShopOrder], seen_at: datetime) -> None:
        newest: dict[str, ShopOrder] = {}
        for each in sorted(orders, key=lambda each: each.changed_at):
            newest[each.source_id] = each
        if not newest:
            return
        # In one order, so that two processes never wait for each other.
        rows = [self._row(newest[source_id], seen_at) for source_id in sorted(newest)]
        kept = [row.source_id for row in connection.execute(_keeping(connection.dialect.name), rows)]
        self._forget_codes(connection, kept)
        codes = [
            {"source": self._source, "source_id": source_id, "code": code}
            for source_id in kept
            for code in sorted({ref.tracking_code for ref in newest[source_id].order.shipments})
        ]
        if codes:
            connection.execute(insert(shop_codes), codes)

    def _drop(self, connection: Connection, source_ids: Iterable[str], at: datetime) -> None:
        """Forget all of an order but its id: what comes late must not bring it back."""
        empty = {"number": None, "ending": None, "mobile_key": None, "email_key": None, "placed_at": None}
        gone = {**empty, "seen_at": at, "gone_at": at, "body": NOTHING}
        ids = sorted(set(source_ids))
        rows = [{"source": self._source, "source_id": each, "changed_at": LONG_AGO, **gone} for each in ids]
        statement = insert_into(connection, shop_orders)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["source", "source_id"], set_=gone, where=shop_orders.c.seen_at <= at
            ),
            rows,
        )
        dropped = select(shop_orders.c.source_id).where(
            shop_orders.c.source == self._source, shop_orders.c.source_id.in_(ids), shop_orders.c.gone_at.is_not(None)
        )
        self._forget_codes(connection, list(connection.execute(dropped).scalars()))

    def _drop_all(self, connection: Connection, at: datetime) -> None:
        ids = list(connection.execute(select(shop_orders.c.source_id).where(*self._alive())).scalars())
        for start in range(0, len(ids), DROPPED_AT_ONCE):
            self._drop(connection, ids[start : start + DROPPED_AT_ONCE], at)

    def _forget_codes(self, connection: Connection, source_ids: Collection[str]) -> None:
        if source_ids:
            connection.execute(_FORGETTING, [{"here": self._source, "which": each} for each in source_ids])

    def _row(self, each: ShopOrder, seen_at: datetime) -> dict[str, Any]:
        order, digits = each.order, _DIGITS_AT_END.search(each.order.number)
        return {
            "source": self._source,
            "source_id": each.source_id,
            "number": order.number,
            "ending": digits.group()[-ENDING_DIGITS:][::-1] if digits else None,
            "mobile_key": self._hash("mobile", order.mobile) if order.mobile else None,
            "email_key": self._hash("email", each.email) if each.email else None,
            "placed_at": order.placed_at,
            "changed_at": each.changed_at,
            "seen_at": seen_at,
            "gone_at": None,
            "unreadable": False,
            # How old it is says the row.
            "body": _BODY.dump_json(replace(each, order=replace(order, as_of=None))).decode(),
        }

    def _hash(self, what: str, value: str) -> str:
        return hmac.new(self._key, f"shop {what}:{value}".encode(), hashlib.sha256).hexdigest()

    def _empty(self, connection: Connection) -> None:
        """Forget another shop's orders: their ids mean nothing here, and what has them is not known either."""
        for table in (shop_codes, shop_orders, shop_deliveries):
            connection.execute(delete(table).where(table.c.source == self._source))

    def _fingerprint(self, origin: Origin) -> str:
        read = self._hash("index", f"{self._source} {origin.rules}")[:16]
        # Without the key: who changes only that is still in the same shop.
        return f"{read}:{hashlib.sha256(origin.address.encode()).hexdigest()[:16]}"


@cache
def _noting(dialect: str) -> Any:
    """Return the statement that notes a delivery; it returns nothing for one that was there."""
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(shop_deliveries)
    return statement.on_conflict_do_nothing().returning(shop_deliveries.c.delivery_id)


@cache
def _keeping(dialect: str) -> Any:
    """Return the statement that keeps orders where they are not older than what is kept; it returns their ids.

    Putting it together takes longer than the database takes to do it.
    """
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(shop_orders)
    theirs = statement.excluded
    names = [column.name for column in shop_orders.columns if not column.primary_key]
    changed: dict[str, Any] = {name: theirs[name] for name in names}
    changed["seen_at"] = case((shop_orders.c.seen_at > theirs.seen_at, shop_orders.c.seen_at), else_=theirs.seen_at)
    # What was deleted comes back by what was seen after its end.
    back = or_(shop_orders.c.gone_at.is_(None), shop_orders.c.gone_at < theirs.seen_at)
    newer = shop_orders.c.changed_at <= theirs.changed_at
    kept = statement.on_conflict_do_update(index_elements=["source", "source_id"], set_=changed, where=newer & back)
    return kept.returning(shop_orders.c.source_id)


def _shop_in(fingerprint: str) -> str | None:
    """Return what tells a shop from another one; None where it was not kept yet."""
    return fingerprint.partition(":")[2] or None


def _state(row: Row[Any]) -> SyncState:
    return SyncState(**{name: getattr(row, name) for name in STATE})
