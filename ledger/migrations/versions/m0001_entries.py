"""Lay out entries, tree, reservations, queue, keys, connections and projections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    _create_log()
    _create_reservations()
    _create_queue()
    _create_secrets()
    for name in (
        "commands",
        "decisions",
        "submissions",
        "payments",
        "messages",
        "publications",
        "grants",
    ):
        op.create_table(
            name,
            sa.Column("first_index", _ROW_ID, primary_key=True, autoincrement=False),
            sa.Column("key", sa.Text, nullable=False),
            sa.Column("tenant_id", sa.Text, nullable=False),
            sa.Column("entry_count", sa.BigInteger, nullable=False),
        )


def downgrade() -> None:
    """Refuse: history is not taken away from a ledger."""
    raise RuntimeError("a ledger is never migrated down")


def _create_log() -> None:
    op.create_table(
        "entries",
        sa.Column("idx", _ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("canonical", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_entries_type", "entries", ["type", "idx"])
    op.create_index("ix_entries_tenant", "entries", ["tenant_id", "idx"])
    op.create_table(
        "lookups",
        sa.Column("bucket", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "private_payloads",
        sa.Column("idx", _ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("ciphertext", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tree_nodes",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("receivable_id", sa.Text, primary_key=True),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("fingerprint_exact", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("limits", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("entry_index", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("tenant_id", "fingerprint_exact", name="uq_reservations_fingerprint"),
    )
    op.create_index("ix_reservations_entry", "reservations", ["entry_index"], unique=True)
    op.create_table(
        "reservation_near",
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("receivable_id", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reservation_near_receivable", "reservation_near", ["receivable_id"])
    op.create_table(
        "exposures",
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("party_id", sa.Text, primary_key=True),
        sa.Column("currency", sa.Text, primary_key=True),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_queue() -> None:
    op.create_table(
        "queue",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False),
        sa.Column("lease_token", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.UniqueConstraint("idempotency_key", name="uq_queue_idempotency_key"),
    )
    op.create_index("ix_queue_due", "queue", ["state", "kind", "due_at"])


def _create_secrets() -> None:
    op.create_table(
        "subject_keys",
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column("subject_key_id", sa.Text, primary_key=True),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("erased_at", sa.Text),
        sa.Column("erasure_case", sa.Text),
    )
    op.create_table(
        "connections",
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column("connection_id", sa.Text, primary_key=True),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("seller_name", sa.Text, nullable=False),
        sa.Column("base_url", sa.Text, nullable=False),
        sa.Column("token_url", sa.Text, nullable=False),
        sa.Column("credentials", sa.LargeBinary, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
    )
