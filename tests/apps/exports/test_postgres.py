"""Published marts in Postgres."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg
import pytest

from apps.exports.postgres import ExportError, publish
from tests.apps.published_world import World

pytestmark = pytest.mark.postgres


def small(path: Path, statement: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts_risk")
        connection.execute(f"create table marts_risk.dim_things as {statement}")
    return path


def test_every_row_of_every_mart_arrives_unchanged(
    world: World, new_postgres_url: Callable[[], str]
):
    url = new_postgres_url()
    published = publish(world.snapshot, url)
    assert {table.name for table in published} >= {
        "marts_risk.fct_receivables",
        "marts_portfolio.fct_ageing",
        "marts_compliance.rpt_control_totals",
    }
    query = (
        "select receivable_id, number, gross_minor, due_on, settled_on, is_disputed, "
        "recorded_at from marts_risk.fct_receivables order by receivable_id"
    )
    with (
        duckdb.connect(str(world.snapshot), read_only=True) as source,
        psycopg.connect(url) as target,
    ):
        source.execute("set timezone = 'UTC'")
        target.execute("set timezone to 'UTC'")
        assert target.execute(query).fetchall() == source.execute(query).fetchall()
        assert dict(
            target.execute("select table_name, row_count from published.snapshot").fetchall()
        ) == {table.name: table.rows for table in published}


def test_publishing_again_replaces_tables_and_leaves_nothing_beside(
    tmp_path: Path, new_postgres_url: Callable[[], str]
):
    url = new_postgres_url()
    publish(small(tmp_path / "one.duckdb", "select 1 as a, 'x' as b"), url)
    publish(small(tmp_path / "two.duckdb", "select 2 as a, null::text as c, '' as d"), url)
    with psycopg.connect(url) as target:
        assert target.execute("select * from marts_risk.dim_things").fetchall() == [(2, None, "")]
        assert target.execute("select snapshot_id from published.snapshot").fetchall() == [("two",)]
        names = target.execute(
            "select table_name from information_schema.tables where table_schema = 'marts_risk'"
        ).fetchall()
        assert names == [("dim_things",)]


def test_a_table_that_cannot_be_published_leaves_the_present_ones(
    tmp_path: Path, new_postgres_url: Callable[[], str]
):
    url = new_postgres_url()
    publish(small(tmp_path / "good.duckdb", "select 1 as a"), url)
    with pytest.raises(ExportError, match=r"marts_risk\.dim_things\.a"):
        publish(small(tmp_path / "bad.duckdb", "select [1, 2] as a"), url)
    with psycopg.connect(url) as target:
        assert target.execute("select a from marts_risk.dim_things").fetchall() == [(1,)]
        assert target.execute("select snapshot_id from published.snapshot").fetchall() == [
            ("good",)
        ]


def test_readers_keep_the_old_tables_until_the_new_ones_are_whole(
    tmp_path: Path, new_postgres_url: Callable[[], str]
):
    url = new_postgres_url()
    publish(small(tmp_path / "one.duckdb", "select 1 as a"), url)
    with psycopg.connect(url) as reader:
        assert reader.execute("select a from marts_risk.dim_things").fetchall() == [(1,)]
        reader.commit()
        publish(small(tmp_path / "two.duckdb", "select 2 as a"), url)
        assert reader.execute("select a from marts_risk.dim_things").fetchall() == [(2,)]
