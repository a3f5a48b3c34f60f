"""The mapping file of a home-made shop: which tables or queries hold its orders, items and parcels.

money: toman
orders:
  table: orders             # or `query: SELECT …`, whose columns are named below
  columns: {number: code, mobile: phone, status: state, placed_at: created_at, total: amount}
items:
  table: order_items
  columns: {order: order_id, title: name, quantity: qty, price: unit_price}
statuses: {0: awaiting_payment, 1: preparing, 2: shipped}
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from sqlalchemy import ColumnClause, FromClause, column, table, text

from peyk.adapters.orders._rows import ITEM_FIELDS, NEEDED, ORDER_FIELDS, RowsMapping, checked_columns

PARCEL_FIELDS = ("tracking_code", "carrier", "shipped_at")
# The column of items and parcels that holds the order's `id`.
ORDER = "order"
_READS = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_PARAMETER = re.compile(r"(?<![:\w\\]):(?=[A-Za-z_])")


class Relation(BaseModel):
    """A table, or a query that is read like one; `columns` are our fields and the names they have in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str = ""
    query: str = ""
    columns: dict[str, str]

    @model_validator(mode="after")
    def _is_one(self) -> Relation:
        if bool(self.table) == bool(self.query):
            raise ValueError("either `table` or `query` must be set")
        if self.query and (not _READS.match(self.query) or ";" in self.query.rstrip("; \n\r\t")):
            raise ValueError("`query` must be one SELECT")
        return self

    def clause(self, name: str) -> FromClause:
        """Return it as something to select from, with its own columns."""
        columns: list[ColumnClause[Any]] = [column(each) for each in dict.fromkeys(self.columns.values())]
        if self.query:
            # A colon in the query is the database's, never a parameter of ours.
            written = _PARAMETER.sub(r"\\:", self.query.rstrip("; \n\r\t"))
            return text(written).columns(*columns).subquery(name)
        schema, _, plain = self.table.rpartition(".")
        return table(plain, *columns, schema=schema or None).alias(name)


class SqlMapping(RowsMapping):
    """The whole file."""

    orders: Relation
    items: Relation | None = None
    shipments: Relation | None = None
    # How the times are kept that `changed_at` is compared with: as times, or as seconds since 1970.
    times: Literal["time", "unix"] = "time"

    @field_validator("orders")
    @classmethod
    def _orders(cls, value: Relation) -> Relation:
        checked_columns(value.columns, ORDER_FIELDS, NEEDED)
        return value

    @field_validator("items")
    @classmethod
    def _items(cls, value: Relation | None) -> Relation | None:
        if value is not None:
            checked_columns(value.columns, (ORDER, *ITEM_FIELDS), (ORDER, "title"))
        return value

    @field_validator("shipments")
    @classmethod
    def _shipments(cls, value: Relation | None) -> Relation | None:
        if value is not None:
            checked_columns(value.columns, (ORDER, *PARCEL_FIELDS), (ORDER, "tracking_code"))
        return value
