"""Codes of vendors that no table knows are counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from peyk.store.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "unknown_codes",
        sa.Column("system", sa.String(), primary_key=True),
        sa.Column("code", sa.String(), primary_key=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_unknown_codes_last_at", "unknown_codes", ["last_at"])


def downgrade() -> None:
    """Take the revision back."""
    op.drop_table("unknown_codes")
