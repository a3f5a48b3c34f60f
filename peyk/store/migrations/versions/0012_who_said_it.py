"""An agent's entry says which agent said it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.add_column("journal", sa.Column("agent", sa.String()))


def downgrade() -> None:
    """Take the revision back."""
    op.drop_column("journal", "agent")
