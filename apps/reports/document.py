"""What a report is made of, before it is a PDF or a workbook: sections of prose and typed tables.

Both renderings take the same value, so a figure cannot differ between them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Value = str | int | Decimal | date | datetime | None


class Kind(StrEnum):
    """What a column holds, and so how it is written.

    Money columns hold the exact decimal amount; their currency stands in a text column beside them.
    Shares are parts per million.
    """

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"
    BAR = "bar"
    DAY = "day"
    CODE = "code"


@dataclass(frozen=True)
class Column:
    """A column's header, with its unit, and what it holds."""

    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Table:
    """One table, which is also one sheet of the workbook.

    Attributes:
        name: the sheet's name, at most 31 characters.
        caption: what it holds, in one line.
        source: the tables or entries its figures were computed from.
        columns: in order.
        rows: values in the order of the columns; none is unknown.
    """

    name: str
    caption: str
    source: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Section:
    """A question, the sentence that answers it, and the tables behind the answer."""

    title: str
    answer: str
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Origin:
    """Where every figure of a report comes from.

    Attributes:
        tenant_id: whose figures.
        snapshot_id: the snapshot they were read from.
        snapshot_sha256: hash of that file's bytes, as the ledger announced it.
        as_of: knowledge time of the snapshot.
        is_stale: whether the snapshot is the tenant's last good version, not the newest.
        publication_index: the ledger entry that announced it.
        ledger_size: number of ledger entries when the report was made.
        ledger_root: Merkle root over them, in hex.
        checkpoint: the signed statement of size and root.
        policy_hashes: policies that decided, in hex.
    """

    tenant_id: str
    snapshot_id: str
    snapshot_sha256: str
    as_of: datetime
    is_stale: bool
    publication_index: int
    ledger_size: int
    ledger_root: str
    checkpoint: str
    policy_hashes: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """A whole report.

    Attributes:
        title: its question or name.
        period: first and last day it covers.
        summary: the answer in one paragraph, with the figures in it.
        origin: where the figures come from.
        sections: in order.
    """

    title: str
    period: tuple[date, date]
    summary: str
    origin: Origin
    sections: tuple[Section, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in order."""
        return tuple(table for section in self.sections for table in section.tables)

    @property
    def how_to_verify(self) -> tuple[str, ...]:
        """Say in steps how a reader checks the figures without trusting this report."""
        origin = self.origin
        return (
            f"Take the snapshot file {origin.snapshot_id}.duckdb; its SHA-256 is the one in ledger "
            f"entry {origin.publication_index}.",
            "Every table names the tables it was computed from; recompute any figure from them.",
            "Run “ifp audit verify --checkpoint FILE” with the checkpoint of this report: it shows "
            f"that the first {origin.ledger_size} entries are unchanged.",
            "Run “ifp audit show DECISION” for the chain from one decision to the vendor's bytes.",
        )
