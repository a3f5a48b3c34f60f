"""An index of the orders of shops whose API cannot find them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from peyk.store.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "shop_orders",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("number", sa.String()),
        sa.Column("ending", sa.String()),
        sa.Column("mobile_key", sa.String()),
        sa.Column("email_key", sa.String()),
        sa.Column("placed_at", UtcDateTime()),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "source_id", name="pk_shop_orders"),
    )
    op.create_index("ix_shop_orders_changed_at", "shop_orders", ["changed_at"])
    op.create_index("ix_shop_orders_number", "shop_orders", ["source", "number"])
    op.create_index("ix_shop_orders_ending", "shop_orders", ["source", "ending"])
    op.create_index("ix_shop_orders_mobile", "shop_orders", ["source", "mobile_key", "placed_at"])
    op.create_index("ix_shop_orders_email", "shop_orders", ["source", "email_key", "placed_at"])
    gone = sa.text("gone_at IS NOT NULL")
    op.create_index("ix_shop_orders_gone", "shop_orders", ["gone_at"], sqlite_where=gone, postgresql_where=gone)
    op.create_table(
        "shop_codes",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", "source", "source_id", name="pk_shop_codes"),
        sa.ForeignKeyConstraint(
            ["source", "source_id"],
            ["shop_orders.source", "shop_orders.source_id"],
            name="fk_shop_codes_source_shop_orders",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_shop_codes_order", "shop_codes", ["source", "source_id"])
    op.create_table(
        "shop_syncs",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("since", UtcDateTime()),
        sa.Column("began_at", UtcDateTime()),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.Column("filled_at", UtcDateTime()),
        sa.Column("mark", UtcDateTime()),
        sa.Column("looked_at", UtcDateTime()),
        sa.Column("error", sa.Text()),
        sa.Column("error_at", UtcDateTime()),
        sa.Column("next_at", UtcDateTime()),
        sa.Column("holder", sa.String()),
        sa.Column("held_until", UtcDateTime()),
    )
    op.create_table(
        "shop_deliveries",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "delivery_id", name="pk_shop_deliveries"),
    )
    op.create_index("ix_shop_deliveries_at", "shop_deliveries", ["at"])


def downgrade() -> None:
    """Take the revision back."""
    for table in ("shop_deliveries", "shop_syncs", "shop_codes", "shop_orders"):
        op.drop_table(table)
