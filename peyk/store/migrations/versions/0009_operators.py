"""People who answer customers: operators, their sessions, what they opened, their canned answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPERATOR = ("operators.id",)


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "operators",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("queues", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("totp_salt", sa.String()),
        sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operators"),
        sa.UniqueConstraint("login", name="uq_operators_login"),
    )
    op.create_table(
        "operator_sessions",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("operator_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], OPERATOR, name="fk_operator_sessions_operator_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_operator_sessions"),
    )
    op.create_index("ix_operator_sessions_operator_id", "operator_sessions", ["operator_id"])
    op.create_index("ix_operator_sessions_created_at", "operator_sessions", ["created_at"])
    op.create_table(
        "personal_openings",
        sa.Column("operator_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], OPERATOR, name="fk_personal_openings_operator_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("operator_id", "conversation_id", name="pk_personal_openings"),
    )
    op.create_index("ix_personal_openings_until", "personal_openings", ["until"])
    op.create_table(
        "canned_answers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("fa", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_answers"),
    )


def downgrade() -> None:
    """Take the revision back."""
    for table in ("canned_answers", "personal_openings", "operator_sessions", "operators"):
        op.drop_table(table)
