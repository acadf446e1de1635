"""One file in a warehouse of its own: landed, built up to its marts, and read back as facts.

::

    var/assessments/<id>/   file ─► raw_files.receivables ─► (as of its latest event) marts ─► facts

The code is that of every other source; only the selection of marts is narrower, and no other
system, ledger or counterpart is opened.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from orchestration import dbt
from orchestration.places import Places
from orchestration.platform import end_of_day
from orchestration.resources.warehouse import Warehouse

if TYPE_CHECKING:
    from ingestion.reports import SyncReport
    from orchestration.settings import Settings

MARTS = ("fct_receivables", "dim_debtors", "dim_sellers", "rpt_control_totals")
MOST_REJECTS = 1_000
_BUILD_MEMORY = "900MB"
_LATEST = """
select max(day) filter (where day <= ?)
from (
    select try_cast(json_extract_string(payload, '$.issued_on') as date) as day
    from raw_files.receivables
    union all
    select try_cast(json_extract_string(payload, '$.cleared_on') as date) as day
    from raw_files.receivables
)
"""
_HEADER = "select json_keys(payload, '$.source') from raw_files.receivables limit 1"
_REJECTS = """
select position, reason_code, detail, raw_text
from raw_quarantine.records
order by position
limit ?
"""


class FileRefused(Exception):
    """A file cannot be assessed as it is.

    Attributes:
        reason_code: Stable code.
        detail: What to change.
    """

    def __init__(self, reason_code: str, detail: str) -> None:
        super().__init__(detail)
        self.reason_code = reason_code
        self.detail = detail


@dataclass(frozen=True)
class Landed:
    """What became of the rows of a file.

    Attributes:
        read: Rows in the file.
        repeated: Rows that say the same again.
        rejected: Rows that could not be read.
        rejects: Of those, the first ones: place, reason code, detail, row.
        mapping: The mapping it was read with, as kept for people.
        unused: Columns of the file that mean nothing to it.
        latest_event: Latest issue or clearing that is not after today.
    """

    read: int
    repeated: int
    rejected: int
    rejects: list[dict[str, Any]]
    mapping: Mapping[str, Any]
    unused: tuple[str, ...]
    latest_event: date | None


class FileWarehouse:
    """The warehouse of one file.

    Args:
        settings: What the environment said; the target is always the embedded one.
        folder: Where everything of this file lies.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        own = {
            "var": folder,
            "warehouse_path": None,
            "warehouse_memory": _BUILD_MEMORY,
            "dbt_target": "duckdb",
        }
        self._settings = settings.model_copy(update=own)
        self._places = Places(folder)
        for made in (self._places.warehouse.parent, self._places.dbt, self._places.logs):
            made.mkdir(parents=True, exist_ok=True)
        self.warehouse = Warehouse(self._places.warehouse, self._places.lock)
        self._dbt = dbt.Waiting(self._settings, self._places)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._dbt.close()

    def land(
        self,
        path: Path,
        *,
        tenant_id: str,
        connection_id: str,
        currency: str | None,
        mapping: Path | None,
        on_progress: Callable[[int], None],
    ) -> Landed:
        """Read the file into raw.

        Raises:
            FileRefused: Nothing of it can be read.
        """
        import pyarrow as pa

        from ingestion import pipeline
        from ingestion.connection import Connection

        kept = self._places.var / "mappings"
        options = {"paths": [str(path)], "mappings": str(kept)}
        if currency:
            options["currency"] = currency
        if mapping:
            options["mapping"] = str(mapping)
        source = Connection(tenant_id, connection_id, "files", connection_id, options=options)
        with self.warehouse.held() as file:
            report = pipeline.sync(
                [source],
                warehouse=file,
                var=self._places.var,
                now=datetime.now(UTC),
                on_progress=lambda told: on_progress(told.read),
            )
        pa.default_memory_pool().release_unused()
        return self._landed(report, _mapping(kept, mapping))

    def build(self, parsed: Path, as_of_on: date) -> None:
        """Build the marts as of the end of a day.

        Args:
            parsed: Manifest of the project as parsed for the platform; what lies beside it is used.
            as_of_on: Knowledge day.

        Raises:
            orchestration.dbt.DbtError: A model failed.
        """
        for name in ("manifest.json", "partial_parse.msgpack"):
            if (parsed.parent / name).is_file():
                shutil.copy2(parsed.parent / name, self._places.dbt / name)
        as_of = end_of_day(as_of_on).strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = [f"+{name}" for name in MARTS]
        without = ["--exclude-resource-type", "test", "unit_test"]
        arguments = ["build", *without, "--vars", dbt.variables(as_of), "--select", *wanted]
        with self.warehouse.held():
            self._dbt.run(arguments)

    def _landed(self, report: SyncReport, mapping: Mapping[str, Any]) -> Landed:
        today = datetime.now(UTC).date()
        with self.warehouse.open() as connection:
            rejects = connection.execute(_REJECTS, [MOST_REJECTS]).fetchall()
            latest = connection.execute(_LATEST, [today]).fetchall()[0][0]
            header = connection.execute(_HEADER).fetchall()
        if rejects and rejects[0][0] < 0:
            raise FileRefused(rejects[0][1], rejects[0][2])
        failed = [one.cause for one in report.entities if one.status == "failed"]
        if failed:
            raise FileRefused("unreadable", str(failed[0]))
        first = 2 + int((mapping.get("layout") or {}).get("header_row") or 0)
        return Landed(
            read=report.total("read"),
            repeated=report.total("duplicate"),
            rejected=report.total("quarantined"),
            rejects=[_reject(row, first) for row in rejects],
            mapping=mapping,
            unused=_unused(header, mapping),
            latest_event=latest,
        )


def _mapping(kept: Path, given: Path | None) -> dict[str, Any]:
    """Read the mapping a file was read with, as plain data."""
    import yaml

    found = [given] if given else sorted(kept.glob("*.yml"))
    plain = yaml.safe_load(found[0].read_text(encoding="utf-8")) if found else {}
    return plain if isinstance(plain, dict) else {}


def _unused(header: list[tuple[list[str]]], mapping: Mapping[str, Any]) -> tuple[str, ...]:
    known = set((mapping.get("columns") or {}).values())
    return tuple(name for (names,) in header for name in names or () if name not in known)


def _reject(row: tuple[int, str, str, str], first: int) -> dict[str, Any]:
    position, reason_code, detail, text = row
    return {
        "place": f"row {position + first}",
        "reason_code": reason_code,
        "detail": detail,
        "row": text,
    }
