"""Lay out heartbeats: what runs now, for whoever has to tell that something does not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.Text, primary_key=True),
        sa.Column("instance", sa.Text, primary_key=True),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("beat_at", sa.Text, nullable=False),
        sa.Column("doing", sa.Text, nullable=False),
        sa.Column("doing_since", sa.Text, nullable=False),
        sa.Column("counters", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Refuse: history is not taken away from a ledger."""
    raise RuntimeError("a ledger is never migrated down")
