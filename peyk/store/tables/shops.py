"""Peyk's own index of the orders of shops whose API cannot find them, and how far it has been filled."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text, false, text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

shop_orders = Table(
    "shop_orders",
    metadata,
    Column("source", String, primary_key=True),
    Column("source_id", String, primary_key=True),
    # Null in what is gone: there nothing but its id is left.
    Column("number", String),
    # The digits a number ends in, backwards: an index finds what begins alike, not what ends alike.
    Column("ending", String),
    # Keyed hashes: who reads this column alone learns nobody's number or address.
    Column("mobile_key", String),
    Column("email_key", String),
    Column("placed_at", UtcDateTime),
    # By the shop's clock: what is older than this never takes its place.
    Column("changed_at", UtcDateTime, nullable=False, index=True),
    # When the shop last said so, and when it said that there is no such order (any more).
    Column("seen_at", UtcDateTime, nullable=False),
    Column("gone_at", UtcDateTime),
    # It was shown again since, and nobody could read it: what stands here is as old as `seen_at`.
    Column("unreadable", Boolean, nullable=False, server_default=false()),
    Column("body", Text, nullable=False),
    Index("ix_shop_orders_number", "source", "number"),
    Index("ix_shop_orders_ending", "source", "ending"),
    Index("ix_shop_orders_mobile", "source", "mobile_key", "placed_at"),
    Index("ix_shop_orders_email", "source", "email_key", "placed_at"),
    Index(
        "ix_shop_orders_gone",
        "gone_at",
        sqlite_where=text("gone_at IS NOT NULL"),
        postgresql_where=text("gone_at IS NOT NULL"),
    ),
)

shop_codes = Table(
    "shop_codes",
    metadata,
    # First: SQLite would take a key that begins with the source for a look-up by id, too, and read all of it.
    Column("code", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("source_id", String, primary_key=True),
    ForeignKeyConstraint(["source", "source_id"], ["shop_orders.source", "shop_orders.source_id"], ondelete="CASCADE"),
    Index("ix_shop_codes_order", "source", "source_id"),
)

# One row a shop: the pass under way (`cursor`, `since`, `began_at`), the last whole one, and who works on it.
shop_syncs = Table(
    "shop_syncs",
    metadata,
    Column("source", String, primary_key=True),
    # Of the key the hashes are made with (with another one nothing would be found any more), of the rules orders are
    # read by, and of the shop's address.
    Column("fingerprint", String, nullable=False),
    Column("cursor", Text),
    Column("since", UtcDateTime),
    Column("began_at", UtcDateTime),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("unreadable", Integer, nullable=False),
    Column("filled_at", UtcDateTime),
    # Everything that changed before this (by the shop's clock) is in the index; and when we looked, by ours.
    Column("mark", UtcDateTime),
    Column("looked_at", UtcDateTime),
    Column("error", Text),
    Column("error_at", UtcDateTime),
    Column("next_at", UtcDateTime),
    Column("holder", String),
    Column("held_until", UtcDateTime),
)

# What a shop's webhooks have brought: the same delivery again changes nothing.
shop_deliveries = Table(
    "shop_deliveries",
    metadata,
    Column("source", String, primary_key=True),
    Column("delivery_id", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)
