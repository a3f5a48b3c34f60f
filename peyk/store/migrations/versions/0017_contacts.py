"""Contacts are tagged for what went wrong with an order, and webhooks tell it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from peyk.store.types import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "contact_tags",
        sa.Column("mobile", sa.String(), primary_key=True),
        sa.Column("order_number", sa.String(), primary_key=True),
        sa.Column("reason", sa.String(), primary_key=True),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_contact_tags_at", "contact_tags", ["at"])
    op.add_column("webhook_outbox", sa.Column("facts", sa.Text()))


def downgrade() -> None:
    """Take the revision back."""
    op.drop_column("webhook_outbox", "facts")
    op.drop_table("contact_tags")
