"""Every page of the dashboard: by Streamlit's harness, in a real browser, and on a million rows.

The browser walks the pages of a run of its own at both widths (`tests/browser/walk.py`); nothing
may fail, overflow, be asked of another host, or be out of the Tab key's reach. First paint is what
`benchmarks/dashboard.py` measures, once per page unless everything is tried.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import duckdb
from measurement import SMALL_WORLD, Measurement, ifp, run, tests_pass

from tests.browser import walk
from tests.browser.walk import Seen

LINE = 13
FIRST_PAINT_SECONDS = 2.0
RECEIVABLES = "1000000"


def trials(scratch: Path, *, whole: bool = False) -> list[Measurement]:
    """Try every page in each of the three ways.

    Args:
        scratch: An empty folder.
        whole: Time each page three times instead of once.
    """
    return [
        tests_pass(LINE, "every page by Streamlit's harness", "tests/apps/dashboard"),
        *_in_a_browser(scratch / "var"),
        *_first_paint(scratch / "first_paint.json", rounds=3 if whole else 1),
    ]


def _in_a_browser(var: Path) -> list[Measurement]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    what = "every page in headless Chromium"
    if chromium is None:
        return [Measurement(LINE, what, "a Chromium", "none on this machine", ok=False)]
    done = ifp("run", "--json", var=var, environment=SMALL_WORLD)
    if done.code:
        return [Measurement(LINE, "ifp run", "exit 0", done.last_words, ok=False)]
    with walk.serve(var) as address, walk.browser(chromium) as opened:
        seen = walk.walk(opened, address, [*walk.pages(), _decision(var)], keyboard=True)
    return _judged(what, seen)


def _decision(var: Path) -> str:
    """Give the address of one decision in the newest snapshot."""
    newest = max((var / "published").glob("*.duckdb"), key=lambda path: path.stat().st_mtime)
    query = "select decision_id, tenant_id from decisions.decisions order by ledger_index limit 1"
    with duckdb.connect(str(newest), read_only=True) as connection:
        (found,) = connection.execute(query).fetchall()
    return f"decisions?decision={found[0]}&tenant={found[1]}"


def _judged(what: str, seen: list[Seen]) -> list[Measurement]:
    views = f"{len(seen)} views at {' and '.join(str(width) for width in walk.WIDTHS)} px"
    troubled = [f"{one.path}: {one.problems[0]}" for one in seen if one.problems]
    wide = [f"{one.path} at {one.width}: {one.overflow} px" for one in seen if one.overflow > 0]
    unreached = [f"{one.path}: {', '.join(one.unreached)}" for one in seen if one.unreached]
    untitled = [one.path for one in seen if not one.title]
    return [
        _none(f"{what}, {views}", "no error, no other host", [*troubled, *untitled]),
        _none(f"overflow of {views}", "none", wide),
        _none("controls the Tab key does not reach", "none", unreached),
    ]


def _none(what: str, required: str, found: list[str]) -> Measurement:
    return Measurement(LINE, what, required, "; ".join(found)[:200] or "none", not found)


def _first_paint(target: Path, *, rounds: int) -> list[Measurement]:
    done = run(
        [sys.executable, "-m", "benchmarks", "dashboard", "--json", str(target)],
        environment={"BENCH_RECEIVABLES": RECEIVABLES, "BENCH_ROUNDS": str(rounds)},
    )
    outcome = json.loads(target.read_text())["benchmarks"][0] if target.exists() else {}
    records = outcome.get("records", [])
    if not records:
        cause = str(outcome.get("cause", done.last_words))
        return [Measurement(LINE, "first paint", "every page", cause, ok=False)]
    return [
        Measurement(
            LINE,
            f"first paint: {record['work']}",
            f"≤ {FIRST_PAINT_SECONDS:.0f} s",
            f"{record['measured']:.2f} s; {record['peer_name']} {record['peer']:.2f} s"
            f"; load {record['load']:.1f}",
            record["measured"] <= FIRST_PAINT_SECONDS,
        )
        for record in records
    ]
