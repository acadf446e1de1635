"""A report as PDF: typst with its own fonts, nothing fetched, the same report the same bytes."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import typst

from apps.look import Colour, day, moment, percent
from apps.reports.document import Column, Kind, Origin, Report, Table, Value

Paper = Literal["a4", "us-letter"]

_TEMPLATE = Path(__file__).with_name("report.typ")
_FIGURES = frozenset({Kind.COUNT, Kind.MONEY, Kind.SHARE, Kind.BAR})
_MILLION = 1_000_000


def render(report: Report, paper: Paper = "a4") -> bytes:
    """Return the report as PDF.

    Args:
        report: what to render.
        paper: page size.
    """
    compiler = typst.Compiler(
        _TEMPLATE.read_bytes(),
        root=str(_TEMPLATE.parent),
        ignore_system_fonts=True,
        sys_inputs={"paper": paper, "report": json.dumps(_content(report))},
    )
    pdf = compiler.compile(format="pdf", timestamp=report.origin.as_of)
    if not isinstance(pdf, bytes):
        raise TypeError("typst returned no single document")
    return pdf


def _content(report: Report) -> dict[str, Any]:
    origin = report.origin
    return {
        "title": report.title,
        "subtitle": f"{day(report.period[0])} to {day(report.period[1])} · {origin.tenant_id}",
        "summary": report.summary,
        "footer": (
            f"Snapshot {origin.snapshot_id} · ledger entry {origin.publication_index} of "
            f"{origin.ledger_size} · policy {_policies(origin)}"
        ),
        "facts": [
            ["As of", moment(origin.as_of)],
            ["Snapshot", origin.snapshot_id + (" (stale: last good)" if origin.is_stale else "")],
            ["Snapshot SHA-256", origin.snapshot_sha256],
            ["Announced by ledger entry", f"{origin.publication_index:,}"],
            ["Ledger size", f"{origin.ledger_size:,} entries"],
            ["Ledger root", origin.ledger_root],
            ["Policy", ", ".join(origin.policy_hashes) or "–"],
        ],
        "checkpoint": origin.checkpoint.strip(),
        "verify": list(report.how_to_verify),
        "colours": {colour.name.lower(): colour.value for colour in Colour},
        "sections": [
            {
                "title": section.title,
                "answer": section.answer,
                "tables": [_table(table) for table in section.tables],
            }
            for section in report.sections
        ],
    }


def _policies(origin: Origin) -> str:
    return ", ".join(policy[:12] for policy in origin.policy_hashes) or "–"


def _widest(table: Table) -> int:
    """Return which column takes the room that is left: the first text that is no currency."""
    return next(
        (
            at
            for at, column in enumerate(table.columns)
            if column.kind is Kind.TEXT and column.title != "Currency"
        ),
        0,
    )


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "source": table.source,
        "widest": _widest(table),
        "columns": [
            {
                "title": column.title,
                "figure": column.kind in _FIGURES,
                "bar": column.kind is Kind.BAR,
                "code": column.kind is Kind.CODE,
            }
            for column in table.columns
        ],
        "rows": [
            [_cell(column, value) for column, value in zip(table.columns, row, strict=True)]
            for row in table.rows
        ],
    }


def _cell(column: Column, value: Value) -> dict[str, Any]:
    if column.kind is Kind.BAR and isinstance(value, int):
        return {"text": percent(value), "bar": f"{value * 100 // _MILLION}"}
    return {"text": written(column.kind, value)}


def written(kind: Kind, value: Value) -> str:
    """Write a value as its column's kind says; unknown is `–`."""
    if value is None:
        return "–"
    if kind in (Kind.SHARE, Kind.BAR) and isinstance(value, int):
        return percent(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int | Decimal) and kind in (Kind.COUNT, Kind.MONEY):
        return f"{value:,}"
    return str(value)
