"""The facts of one assessed file, read back from its own marts.

Texts that repeat are kept once (as categories), so that a million rows fit beside the scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from orchestration.resources.warehouse import Warehouse

_BATCH = 100_000
_ENGINE_MEMORY = "300MB"
"""What the engine may hold while it sorts; the rest of a large book waits on disk."""

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


def read(warehouse: Warehouse) -> Known:
    """Read the facts of a built warehouse."""
    import polars as pl

    with warehouse.open() as connection:
        connection.execute(f"set memory_limit = '{_ENGINE_MEMORY}'")
        receivables = _categorised(connection.execute(_RECEIVABLES).to_arrow_reader(_BATCH))
        debtors = _frame(connection, "select * from marts_risk.dim_debtors order by debtor_id")
        sellers = _frame(connection, "select * from marts_risk.dim_sellers order by seller_id")
        names = connection.execute(_NAMES).fetchall()
        control = _control(connection)
    return Known(
        receivables=receivables,
        debtors=debtors,
        sellers=sellers.with_columns(tax_id=pl.coalesce("tax_id", pl.col("seller_id"))),
        control=control,
        labels={debtor: str(code) for debtor, code, _ in names},
        names={debtor: name for debtor, code, name in names if name and name != code},
    )


def _control(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    found = connection.execute(_CONTROL)
    columns = [item[0] for item in found.description or []]
    return {
        str(row[0]): {
            name: int(value or 0) for name, value in zip(columns[1:], row[1:], strict=True)
        }
        for row in found.fetchall()
    }


def _categorised(reader: Any) -> pl.DataFrame:  # noqa: ANN401 - pyarrow has no types
    """Put batches together with repeating texts kept once."""
    import polars as pl

    categories = pl.col(_CATEGORIES).cast(pl.Categorical)
    batches = [reader.schema.empty_table(), *reader]
    parts = [pl.DataFrame(pl.from_arrow(batch)).with_columns(categories) for batch in batches]
    return pl.concat(parts)


def _frame(connection: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(pl.from_arrow(connection.execute(sql).to_arrow_table()))
