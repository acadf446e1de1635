"""Runs benchmarks: `python -m benchmarks [NAME …] [--list] [--json FILE]`.

Prints one table per benchmark and writes JSON. A benchmark that fails is shown with its cause and
the others go on; the exit code is 1 only when a named benchmark does not exist.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

import benchmarks

COLUMNS = ("work", "measured", "peer", "peer_name", "ratio", "budget")


def available() -> list[str]:
    """Name the benchmark modules of this package."""
    found = pkgutil.walk_packages(benchmarks.__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))


def measure(name: str) -> dict[str, object]:
    """Run one benchmark and return its records, or the cause of its failure."""
    started = time.perf_counter()
    outcome: dict[str, object] = {"benchmark": name}
    try:
        module = importlib.import_module(f"benchmarks.{name}")
        outcome["records"] = [with_ratio(record) for record in module.run()]
    except Exception as error:
        outcome["cause"] = f"{type(error).__name__}: {error}"
    outcome["took_seconds"] = round(time.perf_counter() - started, 3)
    return outcome


def with_ratio(record: Mapping[str, object]) -> dict[str, object]:
    """Complete a record with ours by the peer's."""
    complete = dict(record)
    ours, peer = complete.get("measured"), complete.get("peer")
    if "ratio" not in complete and isinstance(ours, int | float) and isinstance(peer, int | float):
        complete["ratio"] = ours / peer if peer else None
    return complete


def show(outcome: Mapping[str, object], console: Console) -> None:
    """Print one benchmark's table."""
    table = Table(title=str(outcome["benchmark"]), title_justify="left")
    for column in COLUMNS:
        table.add_column(column, justify="right" if column in COLUMNS[1:5:2] else "left")
    records = outcome.get("records", [])
    for record in records if isinstance(records, list) else []:
        unit = str(record.get("unit", "s"))
        table.add_row(*(shown(record.get(column), column, unit) for column in COLUMNS))
    console.print(table)
    if "cause" in outcome:
        console.print(f"failed: {outcome['cause']}")


def shown(value: object, column: str, unit: str) -> str:
    """Write one cell with three significant digits."""
    if value is None:
        return "–"
    if isinstance(value, int | float):
        text = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
        return f"{text} {unit}" if column in {"measured", "peer"} else f"{text}×"
    return str(value)


def machine() -> dict[str, object]:
    """Say where this was measured."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
    }


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="benchmarks to run; all when left out")
    parser.add_argument("--list", action="store_true", help="name what there is")
    parser.add_argument("--json", type=Path, default=None, help="where the JSON goes")
    chosen = parser.parse_args()
    names = available()
    if chosen.list:
        print("\n".join(names))
        return 0
    unknown = sorted(set(chosen.names) - set(names))
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(names)}")
        return 1
    console = Console()
    outcomes = []
    for name in chosen.names or names:
        outcomes.append(measure(name))
        show(outcomes[-1], console)
    target = chosen.json or Path(os.environ.get("IFP_VAR", "var")) / "benchmarks.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"machine": machine(), "benchmarks": outcomes}, indent=2) + "\n")
    console.print(f"written to {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
