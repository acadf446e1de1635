"""A tenant's broken promise is its own; a broken table is everybody's."""

from __future__ import annotations

import pytest

from orchestration import facts
from orchestration.stages import verdicts
from orchestration.suites import Suite

SUITE = Suite(
    asset_key="raw/xero/things",
    schema="raw_xero",
    table="things",
    columns={"id": "id", "minor": "minor"},
    expectations=(
        {
            "type": "ExpectColumnValuesToBeBetween",
            "kwargs": {"column": "minor", "min_value": 0, "max_value": None},
        },
        {"type": "ExpectColumnValuesToBeUnique", "kwargs": {"column": "id"}},
    ),
)


@pytest.fixture
def write(platform):
    """Write rows of two tenants."""

    def replace(*rows):
        with platform.warehouse.open() as connection:
            connection.execute("create schema if not exists raw_xero")
            connection.execute(
                "create or replace table raw_xero.things (tenant_id text, id text, minor bigint)"
            )
            for row in rows:
                connection.execute("insert into raw_xero.things values (?, ?, ?)", list(row))

    return replace


def failing(platform):
    with platform.warehouse.open() as connection:
        return facts.failing_tenants(connection)


def test_a_tenant_that_breaks_a_promise_fails_alone(platform, write):
    write(("alder", "a", 1), ("alder", "b", 2), ("birch", "a", -1), ("birch", "b", 2))
    ((_, found, fault),) = verdicts.judge(platform, [SUITE])
    assert fault is None
    broken = [item for item in found if not item.is_met]
    assert [(item.tenant_id, item.column, item.failed) for item in broken] == [
        ("birch", "minor", 1)
    ]
    assert failing(platform) == {"birch"}


def test_a_tenant_that_heals_fails_no_more(platform, write):
    write(("birch", "a", -1))
    list(verdicts.judge(platform, [SUITE]))
    write(("birch", "a", 1))
    list(verdicts.judge(platform, [SUITE]))
    assert failing(platform) == set()


def test_a_missing_table_is_a_fault_of_the_table(platform):
    ((_, found, fault),) = verdicts.judge(platform, [SUITE])
    assert found == []
    assert "is missing" in fault


def test_every_raw_table_has_a_suite():
    from ingestion.tables import RAW_TABLES

    wanted = {f"raw/{system}/{name}" for system, names in RAW_TABLES.items() for name in names}
    assert {suite.asset_key for suite in verdicts.RAW_SUITES} == wanted
