"""Runs benchmarks: `python -m benchmarks [NAME …] [--list] [--json FILE] [--page FILE]`.

Each runs in a process of its own, prints its table, and replaces its own part of the JSON file, so
one can be measured again without the others. One that fails is shown with its cause and the others
go on; the exit code is 1 only when a named benchmark does not exist. `--page` writes the tables of
a page anew from the JSON; with `--no-run` it does only that. A flame graph, where a benchmark draws
one, lies beside the JSON.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks import _page

COLUMNS = ("work", "measured", "peer", "peer_name", "ratio", "budget")


def available() -> list[str]:
    """Name the benchmark modules of this package."""
    found = pkgutil.walk_packages(benchmarks.__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))


def measure(name: str) -> dict[str, object]:
    """Run one benchmark and return its records, or the cause of its failure."""
    started = time.perf_counter()
    outcome: dict[str, object] = {
        "benchmark": name,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    before = os.getloadavg()[0]
    try:
        module = importlib.import_module(f"benchmarks.{name}")
        outcome["records"] = [with_ratio(record) for record in module.run()]
    except Exception as error:
        outcome["cause"] = f"{type(error).__name__}: {error}"
    outcome["took_seconds"] = round(time.perf_counter() - started, 3)
    outcome["load"] = [round(before, 2), round(os.getloadavg()[0], 2)]
    return outcome


def measure_apart(name: str) -> dict[str, object]:
    """Run one benchmark in a process of its own, so that none warms or burdens another."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "outcome.json"
        command = [sys.executable, "-m", "benchmarks", name, "--outcome", str(file)]
        done = subprocess.run(command, check=False)
        if done.returncode or not file.is_file():
            return {"benchmark": name, "cause": f"its process ended with {done.returncode}"}
        outcome: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
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
        text = _page.figure(value)
        return f"{text} {unit}" if column in {"measured", "peer"} else f"{text}×"
    return str(value)


def machine() -> dict[str, object]:
    """Say where this was measured."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
    }


def processor() -> str:
    """Name the processor as its system does."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def kept(target: Path, outcomes: list[dict[str, object]]) -> dict[str, object]:
    """Write outcomes into the JSON file, each in the place of its last one, by name."""
    for outcome in outcomes:
        _draw(target, outcome)
    found = json.loads(target.read_text(encoding="utf-8")) if target.is_file() else {}
    known = {one["benchmark"]: one for one in [*found.get("benchmarks", []), *outcomes]}
    results = {"machine": machine(), "benchmarks": [known[name] for name in sorted(known)]}
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=2, ensure_ascii=False)
    target.write_text(text + "\n", encoding="utf-8")
    return results


def _draw(target: Path, outcome: Mapping[str, object]) -> None:
    """Put a benchmark's flame graph into a picture beside the JSON file."""
    records = outcome.get("records", [])
    for record in records if isinstance(records, list) else []:
        if drawn := record.pop("flame", None):
            target.parent.mkdir(parents=True, exist_ok=True)
            name = f"{target.stem}_{outcome['benchmark']}.svg"
            target.with_name(name).write_text(drawn, encoding="utf-8")


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="benchmarks to run; all when left out")
    parser.add_argument("--list", action="store_true", help="name what there is")
    parser.add_argument("--json", type=Path, default=None, help="where the JSON is kept")
    parser.add_argument("--page", type=Path, default=None, help="a page whose tables are renewed")
    parser.add_argument("--no-run", action="store_true", help="measure nothing, renew the page")
    parser.add_argument("--outcome", type=Path, default=None, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    names = available()
    if chosen.list:
        print("\n".join(names))
        return 0
    unknown = sorted(set(chosen.names) - set(names))
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(names)}")
        return 1
    if chosen.outcome is not None:
        outcome = measure(chosen.names[0])
        show(outcome, Console())
        chosen.outcome.write_text(json.dumps(outcome), encoding="utf-8")
        return 0
    target = chosen.json or Path(os.environ.get("IFP_VAR", "var")) / "benchmarks.json"
    if not chosen.no_run:
        for name in chosen.names or names:
            kept(target, [measure_apart(name)])
        Console().print(f"written to {target}")
    if chosen.page is not None:
        results = json.loads(target.read_text(encoding="utf-8"))
        page = chosen.page.read_text(encoding="utf-8")
        chosen.page.write_text(_page.page_with(page, results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
