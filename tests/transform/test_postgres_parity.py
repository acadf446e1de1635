"""Both engines build the same marts from the same raw rows, value by value."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

pytestmark = pytest.mark.postgres

MARTS = """
    select table_schema, table_name, column_name
    from information_schema.columns
    where table_schema in ('marts_risk', 'marts_portfolio', 'marts_compliance', 'seeds')
    order by table_schema, table_name, ordinal_position
"""


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _rows(built: Any, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    found = built.rows(f"select {', '.join(columns)} from {table}")
    rows = [tuple(_comparable(row[column]) for column in columns) for row in found]
    return sorted(rows, key=lambda row: tuple(("" if v is None else str(v)) for v in row))


@pytest.fixture(scope="module")
def both(after_second_sync: Any, after_second_sync_on_postgres: Any) -> tuple[Any, Any]:
    return after_second_sync, after_second_sync_on_postgres


def test_marts_are_equal_value_by_value_on_both_engines(both: tuple[Any, Any]) -> None:
    duckdb, postgres = both
    listed = [tuple(row.values()) for row in duckdb.rows(MARTS)]
    assert listed
    assert listed == [tuple(row.values()) for row in postgres.rows(MARTS)]
    tables: dict[str, list[str]] = {}
    for schema, table, column in listed:
        tables.setdefault(f"{schema}.{table}", []).append(column)
    for table, columns in tables.items():
        assert _rows(duckdb, table, columns) == _rows(postgres, table, columns), table


def test_every_mart_has_rows_to_compare(both: tuple[Any, Any]) -> None:
    duckdb, _ = both
    for row in duckdb.rows(MARTS):
        table = f"{row['table_schema']}.{row['table_name']}"
        assert duckdb.one(f"select count(*) as number from {table}")["number"], table
