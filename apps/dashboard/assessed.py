"""What was found about an uploaded file: the figures of `result.json`, one currency at a time."""

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from apps.assessments import REPORTS, Assessment, on_page
from apps.dashboard import assessed_debtors, charts
from apps.dashboard.layout import (
    Cell,
    Choice,
    Column,
    KeyFigure,
    empty,
    filters,
    heading,
    key_figures,
    note,
    question,
    table,
)
from apps.dashboard.waterfall import Step, waterfall
from apps.look import BUCKET_LABELS, count, exact, key_money, money, percent, plural, share_ppm

Part = Mapping[str, Any]

PAGE = "assess"
_LABELS = {"report.html": "Download the report (HTML)", "report.xlsx": "Download it as Excel"}
_TOP_REJECTS = 20


def show(title: str, found: Assessment, name: str) -> None:
    """Show an assessment."""
    result = found.result
    question(title, _answer(result, name))
    _downloads(found)
    _remarks(result)
    if not found.currencies:
        empty(
            "No open amount was found in this file.",
            "Every row is settled, rejected or issued after the day it is looked at.",
        )
        _rejects(result)
        return
    codes = [str(one["currency"]) for one in found.currencies]
    chosen = codes[0]
    if len(codes) > 1:
        fields = Choice(
            "currency",
            "Currency",
            {code: code for code in codes},
            every=None,
            help="Amounts of different currencies are never added.",
        )
        chosen = filters.bar(PAGE, [fields])["currency"]
    book = next(one for one in found.currencies if one["currency"] == chosen)
    key_figures(_figures(book, chosen))
    if int(book["outstanding"]["minor"]):
        _eligibility(book["eligibility"], chosen)
        _ageing(book["ageing"], chosen)
        assessed_debtors.collections(book.get("collections") or {}, chosen)
        assessed_debtors.improvements(book, chosen)
    assessed_debtors.payers(book, chosen)
    _rejects(result)


def _answer(result: Part, name: str) -> str:
    headline = result.get("headline")
    lines = [headline] if isinstance(headline, str) else list(headline or [])
    told = " ".join(escape(str(line)) for line in lines)
    day = escape(str(result.get("as_of", "")))
    return f"<b class='long'>{escape(name)}</b>, looked at as of <b>{day}</b>: {told}"


def _downloads(found: Assessment) -> None:
    with st.container(horizontal=True, gap="small", key="onwards-assess"):
        for name, media in REPORTS.items():
            path = found.report(name)
            if path is not None:
                st.download_button(
                    _LABELS[name],
                    path.read_bytes,
                    file_name=f"assessment-{found.folder.name}{path.suffix}",
                    mime=media,
                    on_click="ignore",
                    key=f"download-{name}",
                )


def _remarks(result: Part) -> None:
    notes = [on_page(str(one)) for one in result.get("notes") or []]
    if not result.get("ok", True):
        note(
            "The answer is partial.",
            "Some rows could not be read, or a total differs; they are listed below.",
            *notes,
            tone="attention",
        )
    elif notes:
        note("What to know about this answer", *notes)


def _figures(book: Part, currency: str) -> list[KeyFigure]:
    owed, eligible = book["outstanding"], book["eligibility"]
    total = int(owed["minor"])
    offered = (book.get("offer") or {}).get("approved") or {}
    advance = offered.get("advance_minor")
    return [
        KeyFigure(
            "Outstanding",
            key_money(total, currency),
            f"{plural(int(owed['invoices']), 'invoice')}, {plural(int(owed['debtors']), 'debtor')}",
        ),
        KeyFigure(
            "Past due",
            percent(share_ppm(int(owed["past_due_minor"]), total)),
            f"{money(int(owed['past_due_minor']), currency)} of what is owed",
        ),
        KeyFigure(
            "Eligible",
            key_money(int(eligible["eligible_minor"]), currency),
            f"{percent(share_ppm(int(eligible['eligible_minor']), int(eligible['gross_minor'])))} "
            "of the invoices",
        ),
        KeyFigure(
            "Advance on offer",
            key_money(None if advance is None else int(advance), currency),
            f"indicative, on {plural(int(offered.get('invoices', 0)), 'invoice')}",
        ),
    ]


def _eligibility(part: Part, currency: str) -> None:
    gross, eligible = int(part["gross_minor"]), int(part["eligible_minor"])
    lines = [line for line in part["lines"] if int(line["minor"])]
    if not lines:
        heading(
            "What is eligible?",
            f"All of it: {money(eligible, currency)}. No rule took anything off.",
        )
        return
    heading(
        "What is eligible, and why is the rest not?",
        f"Of {money(gross, currency)}, {money(eligible, currency)} is eligible. Each invoice "
        "counts under the first rule it breaks, so the parts add up.",
    )
    charts.show(
        waterfall(
            Step("Invoices", gross),
            [Step(str(line["text"]), int(line["minor"])) for line in lines],
            Step("Eligible", eligible),
            currency,
        ),
        "Waterfall: from all invoices, what each rule takes off, to what is eligible",
    )
    table(
        [
            Column("Rule"),
            Column("Invoices", is_figure=True),
            Column(f"Taken off, {currency}", is_figure=True),
            Column("Of all", is_figure=True),
        ],
        [
            [
                Cell(str(line["text"]), note=str(line["code"])),
                count(int(line["receivables"])),
                exact(int(line["minor"]), currency),
                percent(share_ppm(int(line["minor"]), gross)),
            ]
            for line in lines
        ],
        caption=f"{plural(len(lines), 'rule')} took something off",
        total=[
            "Eligible",
            "",
            exact(eligible, currency),
            percent(share_ppm(eligible, gross)),
        ],
    )


def _ageing(part: Part, currency: str) -> None:
    heading("How old is it?")
    rows = {str(row["bucket"]): row for row in part["due"]}
    amounts = [
        (code, int(rows[code]["minor"]), int(rows[code]["receivables"]))
        if code in rows
        else (code, 0, 0)
        for code in BUCKET_LABELS
    ]
    charts.show(charts.ageing(amounts, currency), "Bars: what is owed by age from its due date")


def _rejects(result: Part) -> None:
    rows = list(result.get("rejects") or [])
    if not rows:
        return
    total = int(result.get("rejects_total", len(rows)))
    heading("Which rows could not be read?", "Correct them in the file and assess it again.")
    table(
        [Column("Place"), Column("Reason"), Column("What is wrong")],
        [
            [str(row["place"]), str(row["reason_code"]).replace("_", " "), str(row["detail"])]
            for row in rows[:_TOP_REJECTS]
        ],
        caption=f"{min(len(rows), _TOP_REJECTS)} of {plural(total, 'row')}; the Excel report lists "
        "all",
    )
