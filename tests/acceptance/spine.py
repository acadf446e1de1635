"""Tries what the spine of the platform promises: `make acceptance SUITE=spine`.

Each promise is tried through the public commands on a fresh working folder. The last thing printed
is a table of what was required and what was measured; the exit code is 1 when anything falls short.
By default the longest promises are tried on a sample, which the table says, so that all of it takes
less than 20 minutes; `--whole` leaves nothing out. Options go through the Makefile:
`make acceptance ACCEPTANCE_ARGS="--lines 4,5 --json"`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import assess
import crashes
import faults
import frauds
import fresh_clone
import live
import receivables
import restore
import screens
import tampering
from measurement import SMALL_WORLD, Measurement, ifp, run, tests_pass
from rich.console import Console
from rich.table import Table

TIMED = (fresh_clone.LINE, assess.LINE, screens.LINE, live.LINE)
"""Promises about time and memory are tried one by one, the others so many at once."""

LONG = (2, crashes.LINE, faults.LINE, restore.LINE)
"""Promises that begin first, so that short ones fill up the end."""

AT_ONCE = 2
MOST_SECONDS = 20 * 60
PROGRESS = Console(stderr=True)

RACES = ("tests/ledger/test_store_races.py", "tests/orchestration/stages/test_decisions.py")
VERSIONS = ("tests/ingestion/test_landing.py", "tests/ingestion/test_pipeline.py")
STALE = "tests/orchestration/test_publication.py"


def races(_: Path) -> list[Measurement]:
    """Promise 6: races, versions of raw, tenants that fail alone."""
    return [
        tests_pass(6, "two approvals racing", *RACES, "-k", "race or racing"),
        tests_pass(6, "raw keeps every version", *VERSIONS, "-k", "version or deletion"),
        tests_pass(6, "a failing tenant goes stale alone", STALE, "-k", "stale"),
    ]


def engines(_: Path) -> list[Measurement]:
    """Promise 7: both engines build the same marts."""
    return [
        tests_pass(7, "marts on DuckDB and Postgres", "tests/transform/test_postgres_parity.py")
    ]


def definitions(scratch: Path) -> list[Measurement]:
    """Promise 9: the definitions load and are those on record."""
    done = run(
        [str(Path(sys.executable).parent / "dagster"), "definitions", "validate"],
        environment={"IFP_VAR": str(scratch), "DAGSTER_HOME": ""},
    )
    return [
        Measurement(
            9,
            "dagster definitions validate",
            "exit 0",
            done.last_words if done.code else "exit 0",
            done.code == 0,
        ),
        tests_pass(9, "the graph on record", "tests/orchestration/test_definitions.py"),
    ]


def proofs(scratch: Path) -> list[Measurement]:
    """Promise 5, on the ledger of a run of its own."""
    var = scratch / "finished"
    done = ifp("run", "--json", var=var, environment=SMALL_WORLD)
    if done.code:
        return [Measurement(5, "ifp run", "exit 0", done.last_words, ok=False)]
    return tampering.trials(var, scratch / "tampered")


def main() -> int:
    """Parse the command line, try each promise, print the table."""
    parser = argparse.ArgumentParser(prog="make acceptance", description=__doc__)
    parser.add_argument("--lines", help="which promises to try, by number; all when not given")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.add_argument("--whole", action="store_true", help="everything: no samples, and .ci/run")
    chosen = parser.parse_args()
    suites: dict[int, Callable[[Path], list[Measurement]]] = {
        1: lambda scratch: fresh_clone.trials(scratch, with_ci=chosen.whole),
        2: receivables.files,
        3: receivables.lateness,
        4: lambda scratch: crashes.trials(scratch, whole=chosen.whole),
        5: proofs,
        6: races,
        7: engines,
        8: frauds.trials,
        9: definitions,
        assess.LINE: lambda scratch: assess.trials(scratch, whole=chosen.whole),
        faults.LINE: lambda scratch: faults.trials(scratch, every_form=chosen.whole),
        screens.LINE: lambda scratch: screens.trials(scratch, whole=chosen.whole),
        live.LINE: lambda scratch: live.trials(scratch, whole=chosen.whole),
        restore.LINE: restore.trials,
    }
    lines = [int(number) for number in chosen.lines.split(",")] if chosen.lines else list(suites)
    started = time.monotonic()
    found = {line: attempt(line, suites[line]) for line in lines if line in TIMED}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        others = sorted(set(lines) - set(TIMED), key=lambda line: (line not in LONG, line))
        tried = pool.map(lambda line: attempt(line, suites[line]), others)
        found |= dict(zip(others, tried, strict=True))
    rows = [row for line in lines for row in found[line]]
    if not (chosen.whole or chosen.lines):
        rows.append(in_time(time.monotonic() - started))
    report(rows, as_json=chosen.json)
    return 0 if rows and all(row.ok for row in rows) else 1


def attempt(line: int, suite: Callable[[Path], list[Measurement]]) -> list[Measurement]:
    """Try one promise and tell how it went; a trial that breaks is a promise not kept."""
    PROGRESS.print(f"trying promise {line}")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"ifp-acceptance-{line}-") as scratch:
        try:
            found = suite(Path(scratch))
        except Exception as error:
            found = [Measurement(line, "the trial itself", "ends", repr(error)[:200], ok=False)]
    for row in found:
        PROGRESS.print(f"  {line:2} {'yes' if row.ok else 'NO '} {row.what}: {row.measured}")
    PROGRESS.print(f"promise {line} took {time.monotonic() - started:.0f} s")
    return found


def in_time(seconds: float) -> Measurement:
    """Promise 18: all of this within the time a person waits for it."""
    is_ok = seconds <= MOST_SECONDS
    required = f"within {MOST_SECONDS // 60} min"
    return Measurement(18, "all of the above", required, f"{seconds / 60:.1f} min", is_ok)


def report(rows: list[Measurement], *, as_json: bool) -> None:
    """Print every row, as a table or as one JSON document."""
    if as_json:
        is_ok = bool(rows) and all(row.ok for row in rows)
        document = {"ok": is_ok, "measurements": [row.body() for row in rows]}
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return
    table = Table("line", "what", "required", "measured", "ok")
    for row in rows:
        table.add_row(
            str(row.line), row.what, row.required, row.measured, "yes" if row.ok else "NO"
        )
    Console(width=None if sys.stdout.isatty() else 180).print(table)
    print(f"{sum(row.ok for row in rows)} of {len(rows)} hold")


if __name__ == "__main__":
    sys.exit(main())
