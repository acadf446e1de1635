"""What `ifp assess` promises: real, awkward and large files get the right answer or what to change.

The real files' sums are computed here from the files themselves; the awkward ones come from
`tests/ingestion/documents/awkward.py` with the answer each must get. By default twenty of them and
a hundred thousand rows are tried, with `--whole` every one and a million.
"""

from __future__ import annotations

import csv
import importlib.util
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from types import ModuleType

from measurement import ROOT, Finished, Measurement, ifp, run
from receivables import BOOKS, FOLDER, Book

LINE = 11
SAMPLED = 20
AT_ONCE = 2
MOST_SECONDS = 20.0
MOST_MEGABYTES = 2000
_SEED = 12
_DIGITS = {"JPY": 0}

_MEASURED = (
    "import resource, subprocess, sys\n"
    "code = subprocess.call(sys.argv[1:])\n"
    "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 // 10**6\n"
    "print(f'peak {peak} MB', file=sys.stderr)\n"
    "sys.exit(code)\n"
)
"""Runs a command and tells the memory of the largest process it started, at its peak."""


def trials(scratch: Path, *, whole: bool) -> list[Measurement]:
    """Try the real files, the awkward ones and a large one."""
    return [
        *(row for book in BOOKS for row in _real(book, scratch)),
        *_awkward(scratch, whole=whole),
        *_large(scratch, rows=1_000_000 if whole else 100_000),
    ]


def _real(book: Book, scratch: Path) -> Iterator[Measurement]:
    file = FOLDER / book.name
    what = f"ifp assess {book.name}"
    if not file.exists():
        yield Measurement(LINE, what, "exit 0", f"no file {file}", ok=False)
        return
    command = ("assess", str(file), "--currency", "USD", "--as-of", book.as_of, "--json")
    done = ifp(*command, var=scratch / "real")
    again = ifp(*command, var=scratch / "real")
    best = min(done.seconds, again.seconds)
    yield Measurement(
        LINE,
        f"{what}, the second time",
        f"exit 0 within {MOST_SECONDS:.0f} s",
        f"{again.seconds:.1f} s (first {done.seconds:.1f} s)" if not done.code else done.last_words,
        done.code == again.code == 0 and best <= MOST_SECONDS,
    )
    yield _agrees(book, file, done)


def _agrees(book: Book, file: Path, done: Finished) -> Measurement:
    """Hold the answer against the file's own sum, and each of its sums against the others."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        amounts = [Decimal(row[book.column]) for row in csv.DictReader(lines) if row[book.column]]
    items = done.json().get("currencies", [])
    stated = sum(item["control"]["file_minor"] for item in items)
    wrong = [name for item in items for name in _wrong_sums(item)]
    is_ok = bool(items) and stated == round(sum(amounts, Decimal(0)) * 100) and not wrong
    return Measurement(
        LINE,
        f"sums of {book.name}",
        f"{sum(amounts, Decimal(0))} in the file, every sum of the answer within it",
        f"{Decimal(stated) / 100}, not adding up: {', '.join(wrong) or 'none'}",
        is_ok,
    )


def _wrong_sums(item: dict) -> list[str]:
    owed, base, told = item["outstanding"], item["eligibility"], item["collections"]
    taken = sum(line["minor"] for line in base["lines"])
    offered = sum(
        item["offer"][name]["open_minor"] for name in ("approved", "referred", "rejected")
    )
    held = {
        "control": item["control"]["difference_minor"] == 0,
        "outstanding": item["control"]["outstanding_minor"] == owed["minor"],
        "ageing": all(
            sum(row["minor"] for row in item["ageing"][basis]) == owed["minor"]
            for basis in ("due", "invoice")
        ),
        "eligible": base["gross_minor"] - taken == base["eligible_minor"],
        "collections": sum(row["expected_minor"] for row in told["weeks"]) + told["undated_minor"]
        == owed["invoices_minor"],
        "offer": offered == owed["invoices_minor"],
    }
    return [name for name, is_held in held.items() if not is_held]


def _awkward(scratch: Path, *, whole: bool) -> Iterator[Measurement]:
    known = _generators()
    names = sorted(known.FILES)
    if not whole:
        drawn = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
        names = sorted(drawn.sample(names, min(SAMPLED, len(names))))
    folder = scratch / "awkward"
    folder.mkdir()

    def faults(lane: int) -> list[str]:
        found = {
            name: _fault(known.FILES[name](folder), known.EXPECTED[name], scratch / f"var-{lane}")
            for name in names[lane::AT_ONCE]
        }
        return [f"{name}: {fault}" for name, fault in found.items() if fault]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        failed = list(chain.from_iterable(pool.map(faults, range(AT_ONCE))))
    yield Measurement(
        LINE,
        f"{len(names)} of {len(known.FILES)} awkward files",
        "each right, or refused with what to change",
        "all" if not failed else "; ".join(failed)[:400],
        not failed,
    )


def _generators() -> ModuleType:
    path = ROOT / "tests" / "ingestion" / "documents" / "awkward.py"
    spec = importlib.util.spec_from_file_location("awkward", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _fault(file: Path, expected: object, var: Path) -> str | None:
    """Assess one awkward file; say what is not as it must be."""
    currency = getattr(expected, "currency", None)
    given = ("--currency", currency) if currency else ()
    done = ifp("assess", str(file), *given, "--json", var=var)
    if hasattr(expected, "reason_code"):
        missing = [word for word in expected.says if word not in done.err]
        return None if done.code == 2 and not missing else f"{done.last_words}, lacks {missing}"
    result = done.json()
    if done.code != (1 if expected.quarantined else 0) or not result:
        return done.last_words
    sums = {
        item["currency"]: Decimal(item["control"]["file_minor"] - item["control"]["rejected_minor"])
        / 10 ** _DIGITS.get(item["currency"], 2)
        for item in result["currencies"]
    }
    wanted = {currency: Decimal(text) for currency, text in expected.sums.items()}
    reasons = sorted(row["reason_code"] for row in result["rejects"])
    wrong = [name for item in result["currencies"] for name in _wrong_sums(item)]
    if {c: s for c, s in sums.items() if s} != {c: s for c, s in wanted.items() if s}:
        return f"sums {sums}, not {wanted}"
    if reasons != sorted(expected.quarantined):
        return f"rejects {reasons}"
    return f"not adding up: {wrong}" if wrong else None


def _large(scratch: Path, *, rows: int) -> Iterator[Measurement]:
    file = scratch / "large.csv"
    _write(file, rows)
    program = str(Path(sys.executable).parent / "ifp")
    done = run(
        [sys.executable, "-c", _MEASURED, program, "assess", str(file), "--json"],
        environment={"IFP_VAR": str(scratch / "large")},
        limit=3600,
    )
    told = [line for line in done.err.splitlines() if line.startswith("peak ")]
    peak = int(told[-1].split()[1]) if told else 0
    items = done.json().get("currencies", [])
    wrong = [name for item in items for name in _wrong_sums(item)]
    yield Measurement(
        LINE,
        f"ifp assess, {rows:,} rows{'' if rows == 1_000_000 else ' (a sample of 1,000,000)'}",
        f"exit 0, largest process below {MOST_MEGABYTES:,} MB",
        f"{done.seconds:.0f} s, {peak:,} MB" if items else done.last_words,
        done.code == 0 and bool(items) and not wrong and 0 < peak < MOST_MEGABYTES,
    )


def _write(file: Path, rows: int) -> None:
    """Write a book of three years whose debtors each have their own habit."""
    rng = random.Random(_SEED)  # noqa: S311 - a drawn book, not a secret
    debtors = max(10, rows // 200)
    habits = [rng.randrange(-8, 35) for _ in range(debtors)]
    last = date(2026, 6, 30)
    with file.open("w", encoding="utf-8", newline="") as lines:
        out = csv.writer(lines)
        out.writerow(
            ("Invoice number", "Customer", "Invoice date", "Due date", "Clear date", "Amount",
             "Currency")
        )  # fmt: skip
        for number in range(rows):
            debtor = min(int(rng.paretovariate(0.8)), debtors) - 1
            issued = last - timedelta(days=rng.randrange(1095))
            due = issued + timedelta(days=rng.choice((14, 30, 45, 60)))
            paid = due + timedelta(days=habits[debtor] + rng.randrange(-5, 20))
            amount = f"{rng.randrange(1_000, 900_000) / 100:.2f}"
            cleared = paid.isoformat() if issued < paid <= last else ""
            out.writerow(
                (f"INV-{number:07}", f"C{debtor:05}", issued, due, cleared, amount, "EUR")
            )  # fmt: skip
