"""The world of the marts benchmark is one that marts can be made of, by hand as by dbt."""

from __future__ import annotations

import duckdb
import pytest

from benchmarks.marts import AHEAD, TODAY, Scratch


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """A small world: landed by two syncs, then some days more."""
    made = Scratch(tmp_path_factory.mktemp("marts"), 400)
    made.land_history()
    made.landed = made.land(TODAY + AHEAD, TODAY)
    made.peer(TODAY + AHEAD)
    return made


@pytest.fixture
def by_hand(scratch):
    """The marts that the peer made."""
    with duckdb.connect(scratch.copy, read_only=True) as connection:
        yield connection


def test_an_increment_is_some_days_of_news(scratch):
    assert 0 < scratch.landed < 100


def test_every_mart_has_rows(by_hand):
    marts = by_hand.execute(
        "select schema_name || '.' || table_name, estimated_size from duckdb_tables()"
        " where schema_name like 'marts%' order by 1"
    ).fetchall()
    assert len(marts) == 12
    assert [name for name, rows in marts if not rows] == []


def test_the_marts_tie_to_the_sources_totals_and_to_each_other(by_hand):
    ((differences,),) = by_hand.execute(
        "select sum(abs(difference_minor)) from marts_compliance.rpt_control_totals"
    ).fetchall()
    assert differences == 0
    book, exposures = (
        by_hand.execute(f"select sum(open_minor) from {source}").fetchall()
        for source in (
            "marts_risk.fct_receivables",
            f"marts_risk.fct_exposures_daily where as_of_on = date '{TODAY + AHEAD}'",
        )
    )
    assert book == exposures != [(0,)]
