"""Tickets get a queue, clocks, an assignee, a history and files; office hours are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENTS = (
    "due_first_answer_at",
    "due_solution_at",
    "first_answered_at",
    "waiting_since",
    "resolved_at",
    "reopened_at",
    "escalated_at",
    "follow_up_at",
    "followed_up_at",
)
TEXTS = ("state_reason", "assignee", "summary", "escalated_for")


def upgrade() -> None:
    """Apply the revision."""
    op.drop_index("uq_tickets_unresolved", "tickets")
    with op.batch_alter_table("tickets") as table:
        table.add_column(sa.Column("queue", sa.String(), nullable=False, server_default="l1"))
        for name in TEXTS:
            table.add_column(sa.Column(name, sa.Text() if name == "summary" else sa.String()))
        for name in MOMENTS:
            table.add_column(sa.Column(name, sa.DateTime(timezone=True)))
        table.add_column(sa.Column("helped", sa.Boolean()))
        table.add_column(sa.Column("merged_into", sa.Integer()))
        table.create_foreign_key("fk_tickets_merged_into", "tickets", ["merged_into"], ["id"])
    _unresolved("state NOT IN ('resolved', 'merged')")
    op.create_index("ix_tickets_state_queue", "tickets", ["state", "queue"])
    for name in ("merged_into", "follow_up_at"):
        op.create_index(f"ix_tickets_{name}", "tickets", [name])
    # Until now there was one priority beside the plain one: the VIPs'.
    op.execute(sa.text("UPDATE tickets SET priority = 2, queue = 'vip' WHERE priority = 1"))
    op.execute(sa.text("UPDATE tickets SET resolved_at = updated_at WHERE state = 'resolved'"))
    _events()
    op.create_table(
        "ticket_files",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_files_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "file_id", name="pk_ticket_files"),
    )
    op.create_table(
        "office_hours",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_office_hours"),
    )


def _events() -> None:
    op.create_table(
        "ticket_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("key", sa.String()),
        sa.Column("tell", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_events_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_events"),
        sa.UniqueConstraint("ticket_id", "key", name="uq_ticket_events_ticket_id_key"),
    )
    op.create_index(
        "ix_ticket_events_tell",
        "ticket_events",
        ["at"],
        sqlite_where=sa.text("tell = 1"),
        postgresql_where=sa.text("tell"),
    )


def _unresolved(where: str) -> None:
    op.create_index(
        "uq_tickets_unresolved",
        "tickets",
        ["dedupe_key"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def downgrade() -> None:
    """Take the revision back."""
    for table_name in ("office_hours", "ticket_files", "ticket_events"):
        op.drop_table(table_name)
    for name in (
        "uq_tickets_unresolved",
        "ix_tickets_state_queue",
        "ix_tickets_merged_into",
        "ix_tickets_follow_up_at",
    ):
        op.drop_index(name, "tickets")
    op.execute(sa.text("UPDATE tickets SET state = 'resolved' WHERE state = 'merged'"))
    op.execute(sa.text("UPDATE tickets SET state = 'in_progress' WHERE state = 'waiting_customer'"))
    op.execute(sa.text("UPDATE tickets SET priority = CASE WHEN priority >= 2 THEN 1 ELSE 0 END"))
    with op.batch_alter_table("tickets") as table:
        table.drop_constraint("fk_tickets_merged_into", type_="foreignkey")
        for name in ("merged_into", "helped", *MOMENTS, *TEXTS, "queue"):
            table.drop_column(name)
    _unresolved("state <> 'resolved'")
