"""The debtors of an assessed file: who owes, how late they pay, when, and what to mend."""

from collections.abc import Mapping
from typing import Any

from apps.dashboard.layout import Cell, Column, heading, table
from apps.look import count, exact, money, percent, plural, share_ppm

Part = Mapping[str, Any]

_TOP_PAYERS = 15


def collections(part: Part, currency: str) -> None:
    """Show when the open invoices will probably be paid, month by month."""
    months = [row for row in part.get("months") or [] if int(row["expected_minor"])]
    if not months:
        return
    undated = int(part.get("undated_minor") or 0)
    dated = sum(int(row["expected_minor"]) for row in months)
    says = "By month, from how each debtor paid so far."
    if undated:
        says += f" {money(undated, currency)} is older than any payment seen, so no day is given."
    heading("When will it probably be paid?", says)
    table(
        [
            Column("From"),
            Column("Until"),
            Column(f"Expected, {currency}", is_figure=True),
            Column("Of all", is_figure=True),
        ],
        [
            [
                str(row["from"]),
                str(row["until"]) if row.get("until") else Cell("–", note="And later"),
                exact(int(row["expected_minor"]), currency),
                _share(int(row["expected_minor"]), dated + undated),
            ]
            for row in months
        ],
        caption=f"{plural(len(months), 'month')}; indicative",
    )


def _share(minor: int, whole: int) -> Cell:
    share = share_ppm(minor, whole)
    return Cell(percent(share), share_ppm=share)


def payers(book: Part, currency: str) -> None:
    """Show the largest debtors and how late they paid what is settled."""
    payers = list(book.get("payers") or [])[:_TOP_PAYERS]
    if not payers:
        return
    heading("Who owes it, and do they pay on time?")
    table(
        [
            Column("Debtor"),
            Column(f"Open, {currency}", is_figure=True),
            Column("Of all", is_figure=True),
            Column("Settled", is_figure=True, is_extra=True),
            Column("Paid late", is_figure=True),
            Column("Days late", is_figure=True),
        ],
        [
            [
                str(row.get("name") or row.get("debtor")),
                exact(int(row["open_minor"]), currency),
                Cell(percent(row["share_ppm"]), share_ppm=int(row["share_ppm"])),
                count(int(row["settled"])),
                _late(row),
                _days(row.get("days_late_mdays")),
            ]
            for row in payers
        ],
        caption=f"The {len(payers)} largest of "
        f"{plural(int(book.get('payers_total', len(payers))), 'debtor')}; the reports list more",
    )


def _late(row: Part) -> Cell:
    if row.get("late_ppm") is None:
        return Cell("–", note="Nothing of theirs is settled in this file")
    low, high = row.get("late_low_ppm"), row.get("late_high_ppm")
    between = f"between {percent(low)} and {percent(high)}, with 95 % confidence"
    return Cell(percent(row["late_ppm"], 0), note=between if low is not None else None)


def _days(thousandths: object) -> Cell | str:
    if thousandths is None:
        return Cell("–", note="Too few settled invoices to say")
    return f"{int(str(thousandths)) / 1000:,.1f}"


def improvements(book: Part, currency: str) -> None:
    """Show what would make more eligible, the largest gain first."""
    rows = list(book.get("improvements") or [])
    if not rows:
        return
    heading("What would make more eligible?")
    table(
        [
            Column("What to do"),
            Column("Invoices", is_figure=True),
            Column(f"More eligible, {currency}", is_figure=True),
        ],
        [
            [
                Cell(str(row["text"]), note=str(row["code"])),
                count(int(row["receivables"])),
                exact(int(row["eligible_gain_minor"]), currency),
            ]
            for row in rows
        ],
        caption="The largest gain first; gains overlap and do not add up",
    )
