"""What people and the system say waits to be pushed on its channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.add_column("journal", sa.Column("push_channel", sa.String()))
    waiting = sa.text("push_channel IS NOT NULL")
    op.create_index(
        "ix_journal_push_channel",
        "journal",
        ["push_channel", "at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def downgrade() -> None:
    """Take the revision back."""
    op.drop_index("ix_journal_push_channel", "journal")
    op.drop_column("journal", "push_channel")
