"""Scopes and last use of API keys, senders, idempotency keys, and webhooks with their outbox."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OPEN: dict[str, Any] = {"sqlite_where": sa.text("done_at IS NULL"), "postgresql_where": sa.text("done_at IS NULL")}
OWNED: dict[str, Any] = {
    "sqlite_where": sa.text("owned_since IS NOT NULL"),
    "postgresql_where": sa.text("owned_since IS NOT NULL"),
}


def upgrade() -> None:
    """Apply the revision."""
    with op.batch_alter_table("api_keys") as keys:
        keys.add_column(sa.Column("scopes", sa.String(), nullable=False, server_default=sa.text("'messages:write'")))
        keys.add_column(sa.Column("last_used_at", sa.DateTime(timezone=True)))
    op.create_index("ix_conversations_owned_since", "conversations", ["owned_since"], **OWNED)
    op.create_table(
        "rest_senders",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_since", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_rest_senders"),
    )
    op.create_index("ix_rest_senders_noted_at", "rest_senders", ["noted_at"])
    op.create_table(
        "idempotency_keys",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key_hash", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_used_at", "idempotency_keys", ["used_at"])
    _webhooks()


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("old_salt", sa.String()),
        sa.Column("old_salt_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("last_success_at", sa.DateTime(timezone=True)),
        sa.Column("off_at", sa.DateTime(timezone=True)),
        sa.Column("off_reason", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_owner", "webhooks", ["owner"])
    op.create_table(
        "webhook_outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subscription_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.Integer()),
        sa.Column("owner", sa.String()),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("last_error", sa.String()),
        sa.Column("claim", sa.String()),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_outbox"),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["webhooks.id"],
            ondelete="CASCADE",
            name="fk_webhook_outbox_subscription_id_webhooks",
        ),
        sa.UniqueConstraint(
            "subscription_id", "conversation_id", "key", name="uq_webhook_outbox_subscription_id_conversation_id_key"
        ),
    )
    op.create_index("ix_webhook_outbox_put_at", "webhook_outbox", ["put_at"])
    op.create_index("ix_webhook_outbox_due", "webhook_outbox", ["next_at"], **OPEN)
    op.create_index("ix_webhook_outbox_order", "webhook_outbox", ["subscription_id", "conversation_id", "id"], **OPEN)


def downgrade() -> None:
    """Take the revision back."""
    for table in ("webhook_outbox", "webhooks", "idempotency_keys", "rest_senders"):
        op.drop_table(table)
    op.drop_index("ix_conversations_owned_since", "conversations")
    with op.batch_alter_table("api_keys") as keys:
        keys.drop_column("last_used_at")
        keys.drop_column("scopes")
