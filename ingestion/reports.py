"""What a sync did, entity by entity, and its control totals, kept in ``raw_sync``.

The reports of a sync travel in the pipeline's state, which commits with the rows themselves, and
are copied to ``raw_sync`` afterwards; a process killed in between leaves them to the next sync.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ingestion import quarantine
from ingestion.landing import Scope
from ingestion.tables import Warehouse
from ingestion.totals import Counts, Sum, combined

Status = Literal["ok", "partial", "failed"]

_INSERT_ENTITY = """
    insert into raw_sync.entities (
        sync_id, tenant_id, connection_id, system, entity, is_full, "read", landed, unchanged,
        duplicate, quarantined, vanished, pages, started_at, finished_at, fetched_at, status,
        cause, "cursor"
    ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_TOTAL = """
    insert into raw_sync.control_totals (
        tenant_id, connection_id, system, entity, sync_id, currency, record_count, amount_text,
        quarantined_count, quarantined_amount_text, duplicate_count, duplicate_amount_text,
        computed_at
    ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """A sign of life.

    Attributes:
        step: ``reading``, ``read``, then for the whole system ``extracted``, ``normalised``,
            ``quarantined``, ``loaded``, ``reported``: each is a point after which a killed
            process can simply be started again.
    """

    step: str
    system: str
    connection_id: str = ""
    entity: str = ""
    read: int = 0
    pages: int = 0


@dataclass(frozen=True, slots=True)
class EntityReport:
    """One sync of one entity of one connection.

    Attributes:
        is_full: The whole listing was read, not only what changed.
        vanished: Deletions appended because a complete listing lacked the record.
        status: ``partial`` when some of it is in quarantine for its shape or a listing had a
            hole: the cursor stays where it was. ``failed`` when reading stopped early.
        cause: What went wrong and what to do next.
        cursor: Newest stamp of the source this entity is read up to.
    """

    tenant_id: str
    connection_id: str
    system: str
    entity: str
    read: int
    landed: int
    unchanged: int
    duplicate: int
    quarantined: int
    pages: int
    started_at: datetime
    finished_at: datetime
    status: Status
    cause: str | None
    cursor: str | None
    vanished: int
    is_full: bool
    fetched_at: datetime

    @property
    def scope(self) -> Scope:
        """The entity reported on."""
        return Scope(self.tenant_id, self.connection_id, self.system, self.entity)

    @property
    def reconciles(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.landed + self.unchanged + self.duplicate + self.quarantined


@dataclass(frozen=True, slots=True)
class SyncReport:
    """All entities of one call to ``pipeline.sync``."""

    sync_id: str
    entities: tuple[EntityReport, ...]

    @property
    def is_ok(self) -> bool:
        """Whether nothing failed and nothing is partial."""
        return all(one.status == "ok" for one in self.entities)

    def total(self, count: str) -> int:
        """Add up one of the counts (``read``, ``landed`` …) over all entities."""
        return sum(int(getattr(one, count)) for one in self.entities)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report with what has to be written beside it.

    Attributes:
        totals: Over every record of the entity that is held and not deleted, by currency.
        duplicates: Over records repeated within this sync.
        landed_ids: Records met sound while an open quarantine row names them; those rows are
            closed.
        is_replay: The records came from people, not from the source.
    """

    report: EntityReport
    totals: Mapping[str, Sum]
    duplicates: Mapping[str, Sum] = field(default_factory=dict)
    landed_ids: Sequence[str] = ()
    is_replay: bool = False

    def to_state(self) -> dict[str, Any]:
        """Return plain JSON for the pipeline's state."""
        report = {
            key: value.isoformat() if isinstance(value, datetime) else value
            for key, value in asdict(self.report).items()
        }
        return {
            "report": report,
            "totals": sums_to_state(self.totals),
            "duplicates": sums_to_state(self.duplicates),
            "landed_ids": list(self.landed_ids),
            "is_replay": self.is_replay,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Outcome":
        """Read what ``to_state`` wrote."""
        raw = dict(state["report"])
        for key in ("started_at", "finished_at", "fetched_at"):
            raw[key] = datetime.fromisoformat(raw[key])
        return cls(
            EntityReport(**raw),
            sums_from_state(state["totals"]),
            sums_from_state(state["duplicates"]),
            state["landed_ids"],
            state["is_replay"],
        )


def report_of(
    scope: Scope,
    counts: Counts,
    *,
    started_at: datetime,
    fetched_at: datetime,
    is_full: bool,
) -> EntityReport:
    """Start a report from what landing counted; status and times are completed later."""
    return EntityReport(
        **{key: getattr(scope, key) for key in ("tenant_id", "connection_id", "system", "entity")},
        **{key: getattr(counts, key) for key in Counts.__slots__},
        started_at=started_at,
        finished_at=started_at,
        status="ok",
        cause=None,
        cursor=None,
        is_full=is_full,
        fetched_at=fetched_at,
    )


def finished(
    report: EntityReport, at: datetime, status: Status, cause: str | None, cursor: str | None
) -> EntityReport:
    """Complete a report."""
    return replace(report, finished_at=at, status=status, cause=cause, cursor=cursor)


def store(warehouse: Warehouse, sync_id: str, outcomes: Sequence[Outcome]) -> None:
    """Write reports and control totals once: entities already written are left alone."""
    written = {
        Scope(*row)
        for row in warehouse.execute(
            "select tenant_id, connection_id, system, entity from raw_sync.entities"
            " where sync_id = ?",
            [sync_id],
        )
    }
    new = [one for one in outcomes if one.report.scope not in written]
    for outcome in new:
        report = outcome.report
        quarantine.settle(
            warehouse,
            report.scope,
            outcome.landed_ids,
            pages=report.status == "ok" and not outcome.is_replay,
            resolution="replayed" if outcome.is_replay else "superseded",
            at=report.finished_at,
        )
    warehouse.execute_many(_INSERT_ENTITY, [_entity_row(sync_id, one.report) for one in new])
    rows = [row for one in new for row in _total_rows(warehouse, sync_id, one)]
    warehouse.execute_many(_INSERT_TOTAL, rows)


def state_key(scope: Scope) -> str:
    """Name a scope in the pipeline's state."""
    return f"{scope.tenant_id}/{scope.connection_id}/{scope.entity}"


def sums_to_state(sums: Mapping[str, Sum]) -> dict[str, list[int | str]]:
    """Return sums as plain JSON."""
    return {currency: [one.count, f"{one.amount:f}"] for currency, one in sums.items()}


def sums_from_state(state: Mapping[str, Any]) -> dict[str, Sum]:
    """Read what ``sums_to_state`` wrote."""
    return {currency: Sum(count, Decimal(text)) for currency, (count, text) in state.items()}


def _entity_row(sync_id: str, report: EntityReport) -> tuple[Any, ...]:
    return (
        sync_id,
        report.tenant_id,
        report.connection_id,
        report.system,
        report.entity,
        report.is_full,
        report.read,
        report.landed,
        report.unchanged,
        report.duplicate,
        report.quarantined,
        report.vanished,
        report.pages,
        report.started_at,
        report.finished_at,
        report.fetched_at,
        report.status,
        report.cause,
        report.cursor,
    )


def _total_rows(warehouse: Warehouse, sync_id: str, outcome: Outcome) -> list[tuple[Any, ...]]:
    report = outcome.report
    refused: dict[str, Sum] = {}
    for currency, amount in quarantine.open_amounts(warehouse, report.scope):
        refused.setdefault(currency, Sum()).add(amount)
    all_sums = combined([(outcome.totals, 1), (refused, 1)])
    nothing = Sum()
    rows = []
    for currency in sorted({*all_sums, *outcome.duplicates}):
        total = all_sums.get(currency, nothing)
        quarantined = refused.get(currency, nothing)
        repeated = outcome.duplicates.get(currency, nothing)
        rows.append(
            (
                report.tenant_id,
                report.connection_id,
                report.system,
                report.entity,
                sync_id,
                currency,
                total.count,
                f"{total.amount:f}",
                quarantined.count,
                f"{quarantined.amount:f}",
                repeated.count,
                f"{repeated.amount:f}",
                report.finished_at,
            )
        )
    return rows
