"""What is known of one submitted invoice: its bytes, its rows of the marts, and the entry of both.

::

    envelope rows ─► marts' SQL in memory ─► rows, settled in the book ─► entry `live_facts`
         └──────────────── private part, under the debtor's key ──────────────┘

The clear part of the entry holds the hashes, so a decision's inputs can be proven at any time; the
private part holds bytes and rows, so it can be read again until the debtor is erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from ingestion.tables import ENVELOPE
from ledger.entry import Actor, Entry
from ledger.errors import SubjectErased
from ledger.merkle import content_root
from orchestration import lineage
from orchestration.live.book import SAME

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl
    import pyarrow as pa

    from ledger.entry import StoredEntry
    from ledger.reader import LedgerReader
    from orchestration.live.bench import Bench
    from orchestration.live.book import TenantBook

ENTRY = "live_facts"
WORKER = Actor("system", "worker")
RECEIVABLE, DEBTOR = "marts/risk/fct_receivables", "marts/risk/dim_debtors"
_KEPT = ("recorded_at", "is_backfilled")
_ORDER = ("purchase_order_number", "has_purchase_order", "purchase_order_minor")
_BUREAU = (
    "registered_on", "duns", "paydex", "failure_class", "failure_percentile",
    "delinquency_percentile", "bureau_limit_minor", "bureau_currency",
    "has_severe_negative_events", "operating_status", "bureau_pulled_at", "is_insolvent",
    "insolvent_recorded_at",
)  # fmt: skip


@dataclass(frozen=True)
class LiveFacts:
    """One invoice as it is now.

    Attributes:
        receivable: Its row of ``fct_receivables``, in the columns of the book.
        debtor: Its debtor's row of ``dim_debtors`` when it is new or asked about anew.
        party: Name and tax id of the debtor and the invoice's number, for what is sent.
        raw: Envelope rows by ``system.entity``.
        remarks: What was left out, in words.
    """

    receivable: pl.DataFrame
    debtor: pl.DataFrame | None
    party: Mapping[str, str]
    raw: Mapping[str, pa.Table]
    remarks: tuple[str, ...] = ()

    @property
    def receivable_id(self) -> str:
        """Give the receivable's id."""
        return str(self.receivable["receivable_id"][0])

    @property
    def debtor_id(self) -> str:
        """Give the debtor's id."""
        return str(self.receivable["debtor_id"][0])

    @property
    def seller_id(self) -> str:
        """Give the seller's id."""
        return str(self.receivable["seller_id"][0])


def settled_in(found: pl.DataFrame, book: TenantBook) -> pl.DataFrame:
    """Bring a row of ``fct_receivables`` in line with what the book knows beyond one record.

    The seller of a connection is the book's. What was first known stays first known. An order
    matched by its number stays matched while the invoice's bytes are the same. One receivable told
    by another source of the seller too counts both.
    """
    import polars as pl

    row = found.to_dicts()[0]
    if row["connection_id"] in book.sellers:
        row["seller_id"], row["seller_tax_id"] = book.sellers[row["connection_id"]]
    known = book.row(row["receivable_id"])
    if known is not None:
        same = known["payload_sha256"] == row["payload_sha256"]
        row |= {name: known[name] for name in (*_KEPT, *(_ORDER if same else ()))}
    if known is not None and all(known[name] == row[name] for name in SAME):
        row["source_count"] = known["source_count"]
    else:
        row["source_count"] += book.told_elsewhere(row)
    frame = pl.DataFrame([row], schema_overrides=_overrides(row, book.found.receivables))
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None).alias(name)).cast(kind)
        for name, kind in book.found.receivables.schema.items()
    )


def told_anew(found: pl.DataFrame, book: TenantBook, *, has_report: bool) -> pl.DataFrame | None:
    """Give a debtor's row where it is new to the book or its report is, else nothing."""
    import polars as pl

    if found.is_empty():
        return None
    known = book.debtor(str(found["debtor_id"][0]))
    if known.is_empty():
        return found.select(
            (pl.col(name) if name in found.columns else pl.lit(None).alias(name)).cast(kind)
            for name, kind in known.schema.items()
        )
    if not has_report:
        return None
    told = [name for name in _BUREAU if name in known.columns and name in found.columns]
    values = [found[name].cast(known.schema[name]) for name in told]
    return known.with_columns(values)


def entry_of(
    live: LiveFacts,
    book: TenantBook,
    bench: Bench,
    *,
    command_id: str,
    occurred_at: datetime,
    proofs: Path,
) -> tuple[Entry, list[dict[str, Any]]]:
    """Make the entry of an invoice's facts, and the inputs by which a decision refers to it.

    The inputs lack ``entry_index``: the entry gets its index when it is appended.
    """
    records = [*_records(live, bench), *_rows(live, bench)]
    hashes = [bytes.fromhex(record["record_sha256"]) for record in records]
    root = content_root(hashes).hex()
    lineage.keep_proof(proofs, root, hashes)
    body = {
        "command_id": command_id,
        "snapshot_id": book.snapshot_id,
        "snapshot_entry": book.entry_index,
        "code_version": bench.chain.version,
        "as_of": occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "rows": len(records),
        "content_root": root,
        "records": records,
        "remarks": list(live.remarks),
    }
    private = {
        "raw": {name: rows.to_pylist() for name, rows in live.raw.items()},
        "receivable": live.receivable.to_dicts(),
        "debtor": [] if live.debtor is None else live.debtor.to_dicts(),
        "party": dict(live.party),
    }
    subjects = (command_id, live.receivable_id, live.seller_id, live.debtor_id)
    tenant_id = book.found.tenant_id
    content = msgspec.json.encode(private)
    entry = Entry(ENTRY, tenant_id, occurred_at, WORKER, subjects, body, content, live.debtor_id)
    inputs = [
        {
            "asset_key": record["asset_key"],
            "record_sha256": record["record_sha256"],
            "content_root": root,
        }
        for record in records
    ]
    return entry, inputs


def private_part(ledger: LedgerReader, stored: StoredEntry) -> dict[str, Any]:
    """Read the private part of an entry of live facts.

    Raises:
        SubjectErased: The debtor was erased.
    """
    content = ledger.read_private(stored.index)
    found: dict[str, Any] = msgspec.json.decode(content or b"{}")
    return found


def envelope(rows: list[dict[str, Any]]) -> pa.Table:
    """Read envelope rows back from JSON."""
    import pyarrow as pa

    moments = ("modified_at", "fetched_at")
    read = [
        {**row, **{name: row[name] and datetime.fromisoformat(row[name]) for name in moments}}
        for row in rows
    ]
    return pa.Table.from_pylist(read, schema=ENVELOPE)


def typed(rows: list[dict[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    """Read rows of a mart back from JSON in the types of a frame."""
    import polars as pl

    read = [{name: _read(row.get(name), kind) for name, kind in schema.items()} for row in rows]
    return pl.DataFrame(read, schema=schema)


def latest(
    ledger: LedgerReader, tenant_id: str | None, subject: str
) -> tuple[StoredEntry, dict[str, Any]] | None:
    """Read the newest live facts about a party or receivable, unless it was erased."""
    for stored in ledger.entries(ENTRY, tenant_id, subject=subject, limit=1, newest_first=True):
        try:
            return stored, private_part(ledger, stored)
        except SubjectErased:
            return None
    return None


def _read(value: Any, kind: pl.DataType) -> Any:  # noqa: ANN401 - a cell of any type
    if not isinstance(value, str) or not kind.is_temporal():
        return value
    moment = datetime.fromisoformat(value)
    return moment if isinstance(kind, _datetime()) else moment.date()


def _datetime() -> type:
    import polars as pl

    return pl.Datetime


def _overrides(row: Mapping[str, Any], like: pl.DataFrame) -> dict[str, pl.DataType]:
    return {name: kind for name, kind in like.schema.items() if name in row}


def _records(live: LiveFacts, bench: Bench) -> list[dict[str, Any]]:
    """Hash the raw rows as the bench holds them: the hash a batch would give the same rows."""
    found = []
    for name in live.raw:
        schema, table = f"raw_{name.partition('.')[0]}", name.partition(".")[2]
        expression = bench.hash_sql(schema, table)
        rows = bench.connection.execute(
            "select record_id, payload_sha256, page_sha256, endpoint, position,"  # noqa: S608
            f" fetched_at::varchar, {expression} from {schema}.{table} order by position"
        ).fetchall()
        names = ("record_id", "payload_sha256", "page_sha256", "endpoint", "position")
        for *told, fetched_at, record in rows:
            found.append(
                {
                    "asset_key": f"raw/{name.replace('.', '/')}",
                    "record_sha256": record,
                    **dict(zip(names, told, strict=True)),
                    "fetched_at": fetched_at,
                }
            )
    return found


def _rows(live: LiveFacts, bench: Bench) -> list[dict[str, Any]]:
    made = [(RECEIVABLE, live.receivable)]
    if live.debtor is not None:
        made.append((DEBTOR, live.debtor))
    return [
        {"asset_key": key, "record_sha256": text}
        for key, frame in made
        for text in lineage.frame_hashes(bench.desk, frame)
    ]
