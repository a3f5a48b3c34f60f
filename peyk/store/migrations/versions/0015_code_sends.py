"""What was sent to phones is kept, without the code and without the mobile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from peyk.store.types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "code_sends",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("cost_rial", sa.Integer(), nullable=False),
    )
    op.create_index("ix_code_sends_sent_at", "code_sends", ["sent_at"])


def downgrade() -> None:
    """Take the revision back."""
    op.drop_table("code_sends")
