"""Writes results as a table of a page: what was measured, beside what, within its budget or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_BUDGET = re.compile(r"^(?P<sign>[≤≥<>]) ?(?P<figure>[\d.]+) ?(?P<unit>\S+)$")
_SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "min": 60.0}


def page_with(page: str, results: Mapping[str, Any]) -> str:
    """Give a page with its block of tables written anew.

    Raises:
        ValueError: The page has no such block.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{tables(results)}\n{END}{after}"


def tables(results: Mapping[str, Any]) -> str:
    """Write every benchmark's table, with where and when it was measured."""
    machine = results["machine"]
    head = (
        f"{machine['system']} on {machine['processor']}, {machine['cores']} cores,"
        f" {machine.get('memory_gib', '–')} GiB, Python {machine['python']}."
    )
    return "\n".join([head, "", *_rows(results["benchmarks"])])


def _rows(outcomes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| Work | Ours | Floor or peer | Ratio | Budget | Within |"
    yield "|---|---:|---|---:|---|---|"
    for outcome in outcomes:
        when = outcome.get("measured_at", "")[:16].replace("T", " ")
        load = " → ".join(f"{figure:.1f}" for figure in outcome.get("load", ()))
        yield f"| **{outcome['benchmark']}** ({when} UTC, load {load or '–'}) | | | | | |"
        for record in outcome.get("records", ()):
            yield _row(record)
        if "cause" in outcome:
            yield f"| failed: {_cell(outcome['cause'])} | | | | | no |"


def _row(record: Mapping[str, Any]) -> str:
    unit = str(record.get("unit", "s"))
    peer = record.get("peer")
    beside = _cell(record.get("peer_name") or "–")
    if isinstance(peer, int | float):
        beside = f"{figure(peer)} {unit}: {beside}"
    ratio = record.get("ratio")
    verdict = {True: "yes", False: "**no**", None: "–"}[within(record)]
    cells = (
        _cell(record["work"]),
        f"{figure(record['measured'])} {unit}",
        beside,
        f"{figure(ratio)}×" if isinstance(ratio, int | float) else "–",
        _cell(record.get("budget", "–")),
        verdict,
    )
    return f"| {' | '.join(cells)} |"


def within(record: Mapping[str, Any]) -> bool | None:
    """Tell whether a record keeps its budget; ``None`` where the budget is only words."""
    found = _BUDGET.match(str(record.get("budget", "")))
    if found is None:
        return None
    wanted, unit = float(found["figure"]), found["unit"]
    measured = record.get("ratio") if unit == "×" else record.get("measured")
    if not isinstance(measured, int | float):
        return None
    own = str(record.get("unit", "s"))
    if unit != "×" and unit != own:
        if unit not in _SECONDS or own not in _SECONDS:
            return None
        measured *= _SECONDS[own] / _SECONDS[unit]
    return bool(measured <= wanted if found["sign"] in "≤<" else measured >= wanted)


def figure(value: float) -> str:
    """Write a number with three significant digits."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")
