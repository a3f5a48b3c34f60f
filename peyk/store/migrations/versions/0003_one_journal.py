"""Everything said is kept in one journal; conversations have an owner.

The answers of the last day, which were kept apart, are not carried over: a message that was sent before the revision
and is sent again after it is processed anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.drop_table("messages")
    # What there was before the revision came by REST, and the bot answered it.
    op.add_column("conversations", sa.Column("channel", sa.String(), nullable=False, server_default="rest"))
    op.add_column("conversations", sa.Column("owner", sa.String(), nullable=False, server_default="bot"))
    op.add_column("conversations", sa.Column("agent", sa.String()))
    op.add_column("conversations", sa.Column("owned_since", sa.DateTime(timezone=True)))
    op.add_column("conversations", sa.Column("last_seq", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("button_tokens", sa.Column("title", sa.Text()))
    op.add_column("button_tokens", sa.Column("private_until", sa.DateTime(timezone=True)))
    op.create_table(
        "journal",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("buttons", sa.Text()),
        sa.Column("custom", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("private_until", sa.DateTime(timezone=True)),
        sa.Column("message_id", sa.String()),
        sa.Column("token", sa.String()),
        sa.Column("awaits_bot", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("repeat_until", sa.DateTime(timezone=True)),
        sa.Column("answers", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_journal_conversation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name="pk_journal"),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_journal_conversation_id_message_id"),
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_index(
        "ix_journal_awaits_bot",
        "journal",
        ["at"],
        sqlite_where=sa.text("awaits_bot = 1"),
        postgresql_where=sa.text("awaits_bot"),
    )


def downgrade() -> None:
    """Take the revision back."""
    op.drop_table("journal")
    for column in ("title", "private_until"):
        op.drop_column("button_tokens", column)
    for column in ("channel", "owner", "agent", "owned_since", "last_seq"):
        op.drop_column("conversations", column)
    op.create_table(
        "messages",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("retry_after_s", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation_id", "message_id", name="pk_messages"),
    )
    op.create_index("ix_messages_expires_at", "messages", ["expires_at"])
