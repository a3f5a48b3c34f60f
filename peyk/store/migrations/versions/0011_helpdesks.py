"""Tickets and conversations have mirrors at an outside desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "helpdesk_links",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("external_id", sa.String()),
        sa.Column("our_state", sa.String()),
        sa.Column("their_state", sa.String()),
        sa.Column("asked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True)),
        sa.Column("look_at", sa.DateTime(timezone=True)),
        sa.Column("synced_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("ticket_id", "system", name="pk_helpdesk_links"),
        sa.UniqueConstraint("system", "external_id", name="uq_helpdesk_links_system_external_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_helpdesk_links_ticket_id", ondelete="CASCADE"),
    )
    op.create_index("ix_helpdesk_links_look_at", "helpdesk_links", ["look_at"])
    op.create_table(
        "helpdesk_notes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_helpdesk_notes"),
        sa.UniqueConstraint("key", name="uq_helpdesk_notes_key"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_helpdesk_notes_ticket_id", ondelete="CASCADE"),
    )
    op.create_index(
        "ix_helpdesk_notes_waiting",
        "helpdesk_notes",
        ["ticket_id", "id"],
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    _threads()


def _threads() -> None:
    op.create_table(
        "desk_threads",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("external_id", sa.String()),
        sa.Column("next_seq", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True)),
        sa.Column("look_at", sa.DateTime(timezone=True)),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_desk_threads"),
        sa.UniqueConstraint("key", name="uq_desk_threads_key"),
        sa.UniqueConstraint("system", "external_id", name="uq_desk_threads_system_external_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_desk_threads_conversation_id", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "uq_desk_threads_open",
        "desk_threads",
        ["conversation_id", "system"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    """Take the revision back."""
    op.drop_table("desk_threads")
    op.drop_table("helpdesk_notes")
    op.drop_table("helpdesk_links")
