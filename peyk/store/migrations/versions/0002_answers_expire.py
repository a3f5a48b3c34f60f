"""Every kept answer has a time of its own at which it is forgotten.

The table is made anew: it only holds answers of the last day, for messages that are sent twice.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    _make_anew("expires_at")


def downgrade() -> None:
    """Take the revision back."""
    _make_anew("at")


def _make_anew(time: str) -> None:
    op.drop_table("messages")
    op.create_table(
        "messages",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("retry_after_s", sa.Integer(), nullable=False),
        sa.Column(time, sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation_id", "message_id", name="pk_messages"),
    )
    op.create_index(f"ix_messages_{time}", "messages", [time])
