"""Killed at a commit point and run again: the same marts and payments, nothing lost or doubled.

Three of the ten points are tried here; `make acceptance` tries all of them.
"""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import duckdb
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
CLOCKS = {"fetched_at", "loaded_at", "computed_at", "bureau_pulled_at"}


@pytest.mark.parametrize("point", ["first_decision_committed", "payment_sent", "snapshot_written"])
def test_a_killed_run_is_completed_by_the_next_one(
    point, finished, world, ifp, tmp_path_factory, tmp_path
):
    sandbox, environment = world(f"crash-{point}")
    var = tmp_path_factory.mktemp(f"crash-{point}") / "var"
    killed = ifp("run", "--json", var=var, environment={**environment, "IFP_CRASH_AT": point})
    assert killed.code == -signal.SIGKILL
    kept = ifp("audit", "verify", "--json", var=var, environment=environment).json()
    again = ifp("run", "--json", var=var, environment=environment)
    assert again.code == 0, again.err[-2000:]
    summary = again.json()
    assert summary["decisions"]["total"] == finished.summary["decisions"]["total"]
    assert summary["payments"] == finished.summary["payments"]
    assert payments(sandbox) == payments(finished.sandbox)
    assert set(ids(sandbox).values()) == {1}
    assert different_marts(finished.var, var) == []
    checkpoint = tmp_path / "kept.txt"
    checkpoint.write_text(kept["checkpoint"], encoding="utf-8")
    after = ifp("audit", "verify", "--json", "--checkpoint", str(checkpoint), var=var)
    assert after.json()["ok"] is True
    assert after.json()["size"] > kept["size"]


def _orders(sandbox) -> list[dict]:
    answer = sandbox.get("/admin/payment-orders").json()
    return answer if isinstance(answer, list) else next(iter(answer.values()))


def payments(sandbox) -> Counter[tuple]:
    """Count what the bank was told to pay."""
    return Counter(
        (order["amount_minor"], order["currency"], str(order.get("creditor")))
        for order in _orders(sandbox)
    )


def ids(sandbox) -> Counter[str]:
    """Count payment orders by our id."""
    return Counter(order["end_to_end_id"] for order in _orders(sandbox))


def different_marts(quiet: Path, other: Path) -> list[str]:
    """Name the marts whose rows differ, clocks aside."""
    with duckdb.connect() as both:
        for name, folder in (("a", quiet), ("b", other)):
            both.execute(f"attach '{folder / 'warehouse' / 'ifp.duckdb'}' as {name} (read_only)")
        tables = both.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where database_name = 'a' and schema_name like 'marts%' order by 1"
        ).fetchall()
        assert tables
        return [table for (table,) in tables if _differs(both, table)]


def _differs(both: duckdb.DuckDBPyConnection, table: str) -> bool:
    names = [row[0] for row in both.execute(f"describe a.{table}").fetchall()]
    listed = ", ".join(f'"{name}"' for name in names if name not in CLOCKS)
    one, two = (f"select {listed} from {side}.{table}" for side in "ab")
    ((count,),) = both.execute(
        f"select count(*) from (({one} except all {two}) union all ({two} except all {one}))"
    ).fetchall()
    return bool(count)
