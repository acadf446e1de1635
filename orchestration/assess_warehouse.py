"""One file in a warehouse of its own: landed, built up to its marts, and read back as facts.

::

    var/assessments/<id>/   file ─► raw_files.receivables ─► (as of its latest event) marts ─► facts

The code is that of every other source; only the selection of marts is narrower, and no other
system, ledger or counterpart is opened. Texts that repeat are kept once (as categories), so that a
million rows fit beside the scores.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import dbt
from orchestration.places import Places
from orchestration.platform import end_of_day
from orchestration.resources.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb
    import polars as pl

    from ingestion.reports import SyncReport
    from orchestration.settings import Settings

MARTS = ("fct_receivables", "dim_debtors", "dim_sellers", "rpt_control_totals")
MOST_REJECTS = 1_000
_BATCH = 100_000
_CATEGORIES = (
    "tenant_id", "seller_id", "debtor_id", "document_type", "status", "currency", "seller_tax_id",
    "debtor_tax_id",
)  # fmt: skip
_RECEIVABLES = """
select
    tenant_id, receivable_id, seller_id, debtor_id, document_type, status, currency, number,
    number_norm, purchase_order_number, has_purchase_order, issued_on, due_on, terms_days,
    gross_minor, credited_minor, open_minor, is_disputed, disputed_minor, settled_on,
    settled_recorded_at, recorded_at, seller_tax_id, debtor_tax_id
from marts_risk.fct_receivables
order by receivable_id
"""
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
_REJECTS = """
select position, reason_code, detail, raw_text
from raw_quarantine.records
order by position
limit ?
"""
_CONTROL = """
select
    totals.currency,
    totals.source_minor + stated.duplicate_minor as file_minor,
    totals.quarantined_minor as rejected_minor,
    stated.duplicate_minor as repeated_minor,
    totals.not_yet_known_minor as after_as_of_minor,
    totals.rounding_minor,
    totals.out_of_scope_minor + totals.superseded_minor as other_minor,
    totals.mart_minor
from marts_compliance.rpt_control_totals as totals
inner join staging_sync.stg_sync__control_totals as stated using (currency)
where totals.source_system = 'files'
"""
_NAMES = """
select debtors.debtor_id, any_value(customers.customer_code), any_value(customers.customer_name)
from intermediate.int_debtors__linked as debtors
inner join staging_files.stg_files__customers as customers using (
    tenant_id, connection_id, customer_code
)
group by debtors.debtor_id
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
        latest_event: Latest issue or clearing that is not after today.
    """

    read: int
    repeated: int
    rejected: int
    rejects: list[dict[str, Any]]
    mapping: Mapping[str, Any]
    latest_event: date | None


@dataclass(frozen=True)
class Known:
    """The facts of a file as of a day.

    Attributes:
        receivables: ``fct_receivables``, what assessments need of it.
        debtors: ``dim_debtors``.
        sellers: ``dim_sellers``; whoever has its own book assessed counts as identified.
        control: Sums by currency, see ``models.portfolio.totals.Control``.
        labels: Debtor to the file's own code for it.
        names: Debtor to its name, where the file has one beside the code.
    """

    receivables: pl.DataFrame
    debtors: pl.DataFrame
    sellers: pl.DataFrame
    control: Mapping[str, Mapping[str, int]]
    labels: Mapping[str, str] = field(repr=False)
    names: Mapping[str, str | None] = field(repr=False)


class FileWarehouse:
    """The warehouse of one file.

    Args:
        settings: What the environment said; the target is always the embedded one.
        folder: Where everything of this file lies.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        own = {"var": folder, "warehouse_path": None, "dbt_target": "duckdb"}
        self._settings = settings.model_copy(update=own)
        self._places = Places(folder)
        for made in (self._places.warehouse.parent, self._places.dbt, self._places.logs):
            made.mkdir(parents=True, exist_ok=True)
        self.warehouse = Warehouse(self._places.warehouse, self._places.lock)

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
            dbt.run(self._settings, self._places, arguments)

    def known(self) -> Known:
        """Read the facts back."""
        import polars as pl

        with self.warehouse.open() as connection:
            receivables = _categorised(connection.execute(_RECEIVABLES).to_arrow_reader(_BATCH))
            debtors = _frame(connection, "select * from marts_risk.dim_debtors order by debtor_id")
            sellers = _frame(connection, "select * from marts_risk.dim_sellers order by seller_id")
            names = connection.execute(_NAMES).fetchall()
            control = self._control(connection)
        return Known(
            receivables=receivables,
            debtors=debtors,
            sellers=sellers.with_columns(tax_id=pl.coalesce("tax_id", pl.col("seller_id"))),
            control=control,
            labels={debtor: str(code) for debtor, code, _ in names},
            names={debtor: name for debtor, code, name in names if name and name != code},
        )

    def _control(self, connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
        found = connection.execute(_CONTROL)
        columns = [item[0] for item in found.description or []]
        return {
            str(row[0]): {
                name: int(value or 0) for name, value in zip(columns[1:], row[1:], strict=True)
            }
            for row in found.fetchall()
        }

    def _landed(self, report: SyncReport, mapping: Mapping[str, Any]) -> Landed:
        today = datetime.now(UTC).date()
        with self.warehouse.open() as connection:
            rejects = connection.execute(_REJECTS, [MOST_REJECTS]).fetchall()
            latest = connection.execute(_LATEST, [today]).fetchall()[0][0]
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
            latest_event=latest,
        )


def _mapping(kept: Path, given: Path | None) -> dict[str, Any]:
    """Read the mapping a file was read with, as plain data."""
    import yaml

    found = [given] if given else sorted(kept.glob("*.yml"))
    plain = yaml.safe_load(found[0].read_text(encoding="utf-8")) if found else {}
    return plain if isinstance(plain, dict) else {}


def _reject(row: tuple[int, str, str, str], first: int) -> dict[str, Any]:
    position, reason_code, detail, text = row
    return {
        "place": f"row {position + first}",
        "reason_code": reason_code,
        "detail": detail,
        "row": text,
    }


def _categorised(batches: Iterable[Any]) -> pl.DataFrame:
    """Put batches together with repeating texts kept once."""
    import polars as pl

    categories = pl.col(_CATEGORIES).cast(pl.Categorical)
    parts = [pl.DataFrame(pl.from_arrow(batch)).with_columns(categories) for batch in batches]
    return pl.concat(parts)


def _frame(connection: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(pl.from_arrow(connection.execute(sql).to_arrow_table()))
