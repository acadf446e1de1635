"""Tables of an assessment as terminal lines: the columns that fit, and no more rows than help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from apps.look import percent
from apps.reports.document import Kind

if TYPE_CHECKING:
    from apps.reports.book_assessment_tables import Rows
    from apps.reports.document import Value

MOST_ROWS = 5
_FULL = 20
_BAR = 16

COLUMNS: Mapping[str, tuple[int, ...]] = {
    "Ageing": (0, 1, 2, 3, 5),
    "Eligibility": (0, 2, 3, 4),
    "More eligible": (0, 2, 3),
    "Offer": (0, 1, 2, 4, 5),
    "Not offered": (0, 1, 2, 3, 4),
    "Collections by month": (1, 2, 3, 4, 5),
    "Payers": (0, 2, 4, 5, 8, 9, 10),
    "Concentration": (0, 3, 4, 5),
    "Duplicates": (1, 2, 4, 6, 7, 8),
}
"""Table to the places of the columns shown; tables that are not named stay on the page."""


def lines(
    name: str, made: Rows, item: Mapping[str, Any]
) -> tuple[list[str], list[list[object]], int]:
    """Give headings and rows of a table, and how many more rows there are.

    Args:
        name: Its name.
        made: How it is made.
        item: The answer about one currency.
    """
    places, currency = COLUMNS[name], item["currency"]
    found = list(made.of(item))
    is_whole = made.total or name.startswith("Collections")
    shown = found[:_FULL] if is_whole else found[:MOST_ROWS]
    places = tuple(at for at in places if any(row[at] is not None for row in found))
    heads = [
        made.columns[at].title + (f", {currency}" if made.columns[at].kind is Kind.MONEY else "")
        for at in places
    ]
    rows = [[_cell(made.columns[at].kind, row[at]) for at in places] for row in shown]
    return heads, rows, len(found) - len(shown)


def _cell(kind: Kind, value: Value) -> object:
    if kind is Kind.BAR and isinstance(value, int):
        filled = max(0, min(_BAR, round(value * _BAR / 1_000_000)))
        return f"{'█' * filled}{'·' * (_BAR - filled)} {percent(value)}"
    if kind is Kind.SHARE and isinstance(value, int):
        return percent(value)
    return value
