"""The ledger's tables. The migrations build them; a test keeps the two equal.

Times are UTC text of one width (``entry.utc_text``), so that every engine orders and compares them
alike and the bytes a verifier reads are the bytes that were written.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")

ENTRIES = Table(
    "entries",
    METADATA,
    Column("idx", _ROW_ID, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("key", Text),
    Column("recorded_at", Text, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Index("ix_entries_type", "type", "idx"),
    Index("ix_entries_tenant", "tenant_id", "idx"),
)

LOOKUPS = Table(
    "lookups",
    METADATA,
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

PRIVATE_PAYLOADS = Table(
    "private_payloads",
    METADATA,
    Column("idx", _ROW_ID, primary_key=True, autoincrement=False),
    Column("ciphertext", LargeBinary, nullable=False),
)

TREE_NODES = Table(
    "tree_nodes",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

RESERVATIONS = Table(
    "reservations",
    METADATA,
    Column("receivable_id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("fingerprint_exact", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("limits", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("entry_index", BigInteger, nullable=False),
    UniqueConstraint("tenant_id", "fingerprint_exact", name="uq_reservations_fingerprint"),
    Index("ix_reservations_entry", "entry_index", unique=True),
)

RESERVATION_NEAR = Table(
    "reservation_near",
    METADATA,
    Column("tenant_id", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("receivable_id", Text, primary_key=True),
    Index("ix_reservation_near_receivable", "receivable_id"),
    sqlite_with_rowid=False,
)

EXPOSURES = Table(
    "exposures",
    METADATA,
    Column("tenant_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("party_id", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

QUEUE = Table(
    "queue",
    METADATA,
    Column("id", _ROW_ID, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("lease_token", Text),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    UniqueConstraint("idempotency_key", name="uq_queue_idempotency_key"),
    Index("ix_queue_due", "state", "kind", "due_at"),
)

SUBJECT_KEYS = Table(
    "subject_keys",
    METADATA,
    Column("tenant_id", Text, primary_key=True),
    Column("subject_key_id", Text, primary_key=True),
    Column("wrapped_key", LargeBinary),
    Column("created_at", Text, nullable=False),
    Column("erased_at", Text),
    Column("erasure_case", Text),
)

CONNECTIONS = Table(
    "connections",
    METADATA,
    Column("tenant_id", Text, primary_key=True),
    Column("connection_id", Text, primary_key=True),
    Column("system", Text, nullable=False),
    Column("seller_name", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("token_url", Text, nullable=False),
    Column("credentials", LargeBinary, nullable=False),
    Column("options", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

HEARTBEATS = Table(
    "heartbeats",
    METADATA,
    Column("process", Text, primary_key=True),
    Column("instance", Text, primary_key=True),
    Column("started_at", Text, nullable=False),
    Column("beat_at", Text, nullable=False),
    Column("doing", Text, nullable=False),
    Column("doing_since", Text, nullable=False),
    Column("counters", Text, nullable=False),
    sqlite_with_rowid=False,
)


def _projection(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("first_index", _ROW_ID, primary_key=True, autoincrement=False),
        Column("key", Text, nullable=False),
        Column("tenant_id", Text, nullable=False),
        Column("entry_count", BigInteger, nullable=False),
    )


PROJECTIONS: dict[str, Table] = {
    name: _projection(name)
    for name in (
        "commands",
        "decisions",
        "submissions",
        "payments",
        "messages",
        "publications",
        "grants",
    )
}
"""One row per thing: which entries tell its story. Its current state is read from them.

Keyed by the first entry, so that rows are added at the end; see ``lookups`` for finding by key.
"""
