"""Promises 2 and 3: two real receivables files go the whole way, and lateness is measured.

The totals are summed here from the files themselves, in exact decimals, with no code of ours.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from measurement import ROOT, SHARED_DATA, Measurement, ifp

FOLDER = SHARED_DATA / "receivables"


@dataclass(frozen=True)
class Book:
    """A real file, the day it was taken, and the column that holds its amounts."""

    name: str
    as_of: str
    column: str


BOOKS = (
    Book("ibm_accounts_receivable.csv", "2013-06-30", "InvoiceAmount"),
    Book("open_items_sap_export.csv", "2020-05-22", "converted_usd"),
)


def files(scratch: Path) -> list[Measurement]:
    """Take each file the whole way with a mapping nobody edited (promise 2)."""
    return [row for book in BOOKS for row in _whole_way(book, scratch)]


def _whole_way(book: Book, scratch: Path) -> list[Measurement]:
    file = FOLDER / book.name
    what = f"ifp run {book.name}"
    if not file.exists():
        return [Measurement(2, what, "exit 0", f"no file {file}", ok=False)]
    var = scratch / file.stem
    done = ifp(
        "run",
        str(file),
        "--currency",
        "USD",
        "--as-of",
        book.as_of,
        "--json",
        var=var,
    )
    rows = [
        Measurement(
            2,
            what,
            "exit 0",
            f"{done.seconds:.1f} s" if not done.code else done.last_words,
            done.code == 0,
        )
    ]
    return [*rows, _totals(book, file, done.json())]


def _totals(book: Book, file: Path, summary: dict) -> Measurement:
    """Compare the run's totals with the file's own sum; a rounding to cents is its own figure."""
    count, total = _sum_of(file, book.column)
    rows = [row for row in summary.get("control_totals", []) if row["source_system"] == "files"]
    found = {
        name: sum(int(row[name] or 0) for row in rows)
        for name in ("source_count", "source_minor", "rounding_minor", "difference_minor")
    }
    is_ok = (
        found["source_count"] == count
        and found["source_minor"] == round(total * 100)
        and not any(row["difference_minor"] for row in rows)
    )
    return Measurement(
        2,
        f"control totals of {book.name}",
        f"{count} rows, {total}, difference 0",
        f"{found['source_count']} rows, {Decimal(found['source_minor']) / 100}, difference "
        f"{found['difference_minor']}, rounding {found['rounding_minor']} minor",
        is_ok,
    )


def _sum_of(file: Path, column: str) -> tuple[int, Decimal]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        amounts = [Decimal(row[column]) for row in csv.DictReader(lines) if row[column].strip()]
    return len(amounts), sum(amounts, Decimal(0))


def lateness(scratch: Path) -> list[Measurement]:
    """Measure the lateness score beside its baselines, and find the figures in the docs."""
    file = FOLDER / BOOKS[0].name
    done = ifp("evaluate", str(file), "--json", var=scratch / "evaluated")
    auc = done.json().get("auc", {})
    is_whole = all(
        {"value", "low", "high"} <= set(auc.get(name, {}))
        for name in ("card", "single", "constant", "gain_over_single")
    )
    measured = (
        f"{_interval(auc['card'])} beside {auc['single_feature']} {_interval(auc['single'])} and "
        f"constant {auc['constant']['value']}; gain {_interval(auc['gain_over_single'])}"
        if is_whole
        else done.last_words
    )
    rows = [
        Measurement(
            3,
            f"ifp evaluate {file.name}, out-of-time AUC",
            "beside the best single feature and a constant, with intervals",
            measured,
            done.code == 0 and is_whole,
        )
    ]
    if is_whole:
        rows.append(_in_the_docs(f"{auc['card']['value']:.3f}", f"{auc['single']['value']:.3f}"))
    return rows


def _interval(figure: dict) -> str:
    return f"{figure['value']} ({figure['low']} to {figure['high']})"


def _in_the_docs(*figures: str) -> Measurement:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs/models").glob("*.md")]
    absent = [figure for figure in figures if not any(figure in page for page in pages)]
    return Measurement(
        3,
        "figures in docs/models",
        "as measured",
        f"not there: {', '.join(absent)}" if absent else "as measured",
        not absent,
    )
