"""Measures a made world with the same rules as the real files, and draws it for the documentation.

`python -m apps.sandbox.world.figures WORLD.sqlite docs/sandbox.svg` prints the figures and
writes the picture of `docs/sandbox.md`.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apps.sandbox.storage.schema import CONTACTS, INVOICES
from apps.sandbox.world.calibration import (
    CONCENTRATION,
    DELAY,
    Concentration,
    Delay,
    Settled,
    measure_concentration,
    measure_delay,
)
from apps.sandbox.world.days import DAY_MS

_IN_EUR = {"EUR": 1.0, "GBP": 1.173, "USD": 0.921, "JPY": 0.0061, "KWD": 3.0}
_STAMP = re.compile(r"-?\d+")
_INK, _ACCENT, _ATTENTION = "#1B2430", "#0F766E", "#B45309"
_FIRST, _LAST, _BASE = -40, 60, 250


@dataclass(frozen=True)
class WorldFigures:
    """Delay and concentration of a world as visible at its clock, and the delays themselves."""

    delay: Delay
    concentration: Concentration
    invoices: int
    settled: int
    delays: tuple[int, ...]


def measure_world(path: Path) -> WorldFigures:
    """Measure delay of settled, and concentration of all standing sales invoices in EUR."""
    database = sqlite3.connect(path)
    try:
        debtors = _debtors(database)
        invoices = list(_invoices(database))
    finally:
        database.close()
    settled = [
        Settled(
            debtors[invoice["Contact"]["ContactID"]],
            _day(invoice["FullyPaidOnDate"]) - _day(invoice["DueDate"]),
            is_disputed=any(line["Tracking"] for line in invoice["LineItems"]),
        )
        for invoice in invoices
        if invoice["Status"] == "PAID" and invoice["Payments"]
    ]
    amounts = [
        (
            debtors[invoice["Contact"]["ContactID"]],
            invoice["Total"] * _IN_EUR[invoice["CurrencyCode"]],
        )
        for invoice in invoices
    ]
    return WorldFigures(
        delay=measure_delay(settled),
        concentration=measure_concentration(amounts),
        invoices=len(invoices),
        settled=len(settled),
        delays=tuple(row.delay_days for row in settled),
    )


def draw(figures: WorldFigures, target: Path) -> None:
    """Draw the distribution of payment delay as an SVG, late days in another colour."""
    counts: dict[int, int] = {}
    for days in figures.delays:
        if _FIRST <= days < _LAST:
            pair = (days - 1) // 2 * 2 + 1
            counts[pair] = counts.get(pair, 0) + 1
    most = max(counts.values(), default=1)
    bars = "".join(
        f'<rect x="{_x(days) - 3}" y="{_BASE - round(200 * count / most)}" width="11" '
        f'height="{round(200 * count / most)}" fill="{_ATTENTION if days > 0 else _ACCENT}"/>'
        for days, count in sorted(counts.items())
    )
    ticks = "".join(
        f'<text x="{_x(days)}" y="{_BASE + 18}" text-anchor="middle">{days}</text>'
        for days in range(_FIRST, _LAST + 1, 10)
    )
    late, due, peak = figures.delay.late_rate, _x(0) + 3, max(counts, key=counts.__getitem__)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_x(_LAST) + 40} 300" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{_INK}">'
        f'<rect width="100%" height="100%" fill="#FBFAF7"/>{bars}'
        f'<line x1="{due}" y1="10" x2="{due}" y2="{_BASE}" stroke="{_INK}"/>'
        f'<text x="{due - 8}" y="22" text-anchor="end">on time {1 - late:.1%}</text>'
        f'<text x="{due + 8}" y="22">late {late:.1%}</text>{ticks}'
        f'<text x="{_x(peak) + 3}" y="45" text-anchor="middle">{most / len(figures.delays):.1%}'
        f'</text><text x="{_x(_FIRST) + 300}" y="{_BASE + 40}" text-anchor="middle">'
        f"payment day minus due day: share of {figures.settled:,} settled invoices per two days"
        "</text></svg>\n",
        encoding="utf-8",
    )


def _x(days: int) -> int:
    return 30 + (days - _FIRST) * 6


def _debtors(database: sqlite3.Connection) -> dict[str, str]:
    return {
        contact_id: company or contact_id
        for contact_id, company in database.execute(
            "select record_id, json_extract(payload, '$.CompanyNumber') from records "
            "where entity = ?",
            (CONTACTS,),
        )
    }


def _invoices(database: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    now = int(database.execute("select value from facts where key = 'now_ms'").fetchone()[0])
    for (payload,) in database.execute(
        "select payload from records where entity = ? and kind = 'ACCREC' and updated_ms <= ? "
        "and superseded_ms > ? and status in ('AUTHORISED', 'PAID')",
        (INVOICES, now, now),
    ):
        yield json.loads(payload)


def _day(stamp: str) -> int:
    found = _STAMP.search(stamp)
    return int(found[0]) // DAY_MS if found else 0


def main() -> None:
    """Print the figures of a world beside those of the real files, and draw them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("world", type=Path)
    parser.add_argument("picture", type=Path)
    given = parser.parse_args()
    figures = measure_world(given.world)
    draw(figures, given.picture)
    text = {
        "invoices": figures.invoices,
        "settled": figures.settled,
        "delay": {"world": asdict(figures.delay), "real": asdict(DELAY)},
        "concentration": {"world": asdict(figures.concentration), "real": asdict(CONCENTRATION)},
    }
    sys.stdout.write(json.dumps(text, indent=2) + "\n")


if __name__ == "__main__":
    main()
