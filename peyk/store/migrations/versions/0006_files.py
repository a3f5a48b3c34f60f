"""Files as evidence, and where a channel that pushes finds its customers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "files",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("upload_sha256", sa.String(), nullable=False),
        sa.Column("blob", sa.String(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("blob", name="uq_files_blob"),
        sa.UniqueConstraint("conversation_id", "upload_sha256", name="uq_files_conversation_id_upload_sha256"),
    )
    op.create_index("ix_files_at", "files", ["at"])
    op.create_table(
        "channel_addresses",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.Column("asked_for", sa.String()),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("pushed_by", sa.String()),
        sa.Column("pushing_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_channel_addresses"),
    )
    op.create_index("ix_channel_addresses_seen_at", "channel_addresses", ["seen_at"])


def downgrade() -> None:
    """Take the revision back."""
    op.drop_table("channel_addresses")
    op.drop_table("files")
