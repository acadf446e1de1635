"""The strip of syncs keeps its order, its letters and its size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from apps.dashboard.sync_chart import MOST_ROWS, strip

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def history(sources: int, failing: str = "c01") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "sync_id": f"s{back}",
                "connection_id": f"c{n:02d}",
                "system": "xero",
                "finished_at": NOW - timedelta(hours=back),
                "status": "failed" if f"c{n:02d}" == failing and back == 1 else "ok",
                "read": 10,
                "landed": back % 2,
                "quarantined": 0,
                "back": back,
            }
            for n in range(sources)
            for back in (1, 2, 3)
        ]
    )


def rows(frame: pl.DataFrame) -> list[dict[str, object]]:
    drawn = strip(frame).to_dict()
    return next(iter(drawn["datasets"].values()))


def test_a_failure_comes_first_and_carries_a_letter():
    drawn = rows(history(3))
    assert drawn[0]["source"] == "c01 · xero"
    assert [row["letter"] for row in drawn if row["source"] == "c01 · xero"] == ["F", "", ""]


def test_what_brought_something_new_is_told_from_what_did_not():
    drawn = [row for row in rows(history(2)) if row["source"] == "c00 · xero"]
    assert len({row["colour"] for row in drawn}) == 2


def test_of_many_sources_the_failing_ones_are_kept():
    drawn = rows(history(60, failing="c59"))
    assert len({row["source"] for row in drawn}) == MOST_ROWS
    assert drawn[0]["source"] == "c59 · xero"
