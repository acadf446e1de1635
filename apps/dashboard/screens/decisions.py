"""What was decided, and why? The list of decisions; with `?decision=…` one of them in full."""

from typing import Any

import polars as pl
import streamlit as st

from apps import decision_list, questions
from apps.access import Permission
from apps.access.personal_data import party_label
from apps.dashboard import charts, decision, session
from apps.dashboard.layout import (
    Cell,
    Choice,
    Column,
    KeyFigure,
    Search,
    Way,
    address,
    empty,
    filters,
    footer,
    heading,
    key_figures,
    offer,
    onwards,
    paged,
    pages,
    question,
    table,
)
from apps.dashboard.layout.tones import OUTCOME_TONES
from apps.dashboard.proof import verification_line
from apps.decision_list import Narrowed, OutcomeCount, ReasonCount
from apps.look import (
    OUTCOME_LABELS,
    day,
    exact,
    key_money,
    money,
    percent,
    plural,
    sentence_list,
    share_ppm,
)
from apps.warehouse import Snapshot

PAGE = "decisions"
TITLE = "What was decided, and why?"
SOURCES = "decisions.decisions and decisions.reasons"
_TOP_REASONS = 8


def show() -> None:
    """Show one decision when the address names it, else the list."""
    snapshot = session.snapshot(Permission.SEE_DECISIONS)
    asked = st.query_params.get("decision")
    if asked:
        decision.show(snapshot, asked)
        return
    everything = session.remembered(decision_list.counts, snapshot, Narrowed())
    if not everything:
        st.title(TITLE, anchor=False)
        empty(
            "No decision has been made for this tenant.",
            "Each request for an advance on a receivable appears here once its ledger entry "
            "exists.",
            command="ifp run",
        )
        footer(snapshot, SOURCES, verification_line())
        return
    head = st.container()
    narrowed = _narrowed(snapshot, everything)
    counts = (
        session.remembered(decision_list.counts, snapshot, narrowed)
        if narrowed.is_narrowed
        else everything
    )
    with head:
        question(TITLE, _answer(counts, narrowed))
    if counts:
        key_figures(_figures(counts))
        _reasons(snapshot, narrowed, counts)
        _list(snapshot, narrowed, sum(row.requests for row in counts))
    else:
        empty("No decision fits these filters.", "Clear the filters to see all of them.")
    footer(snapshot, SOURCES, verification_line())


def _narrowed(snapshot: Snapshot, everything: list[OutcomeCount]) -> Narrowed:
    reasons = session.remembered(decision_list.reasons, snapshot, Narrowed())
    currencies = sorted({row.currency for row in everything})
    grades = session.remembered(decision_list.grades, snapshot)
    chosen = filters.bar(
        PAGE,
        [
            Search("text", "Invoice, seller or debtor"),
            Choice("outcome", "Outcome", OUTCOME_LABELS),
            Choice("seller", "Seller", session.remembered(questions.sellers, snapshot)),
            Choice("currency", "Currency", {code: code for code in currencies}),
            Choice("grade", "Grade", {grade: grade for grade in grades}),
            Choice("reason", "Reason", {row.code: f"{row.code} {row.text}" for row in reasons}),
        ],
    )
    return Narrowed(**chosen)


def _number(counts: list[OutcomeCount], outcome: str) -> int:
    return sum(row.requests for row in counts if row.outcome == outcome)


def _advances(counts: list[OutcomeCount]) -> list[tuple[str, int]]:
    return [
        (row.currency, row.advance_minor)
        for row in counts
        if row.outcome == "approve" and row.advance_minor
    ]


def _answer(counts: list[OutcomeCount], narrowed: Narrowed) -> str:
    total = sum(row.requests for row in counts)
    fitting = " that fit the filters" if narrowed.is_narrowed else ""
    if not total:
        return f"No request was decided{fitting}."
    approved, referred, rejected = (_number(counts, outcome) for outcome in OUTCOME_LABELS)
    advances = sentence_list(
        f"<b>{key_money(minor, currency)}</b>" for currency, minor in _advances(counts)
    )
    paid = f" with advances of {advances}" if advances else ""
    waiting = "1 waits" if referred == 1 else f"{referred:,} wait"
    return (
        f"Of <b>{plural(total, 'request')}</b>{fitting}, <b>{approved:,}</b> "
        f"({percent(share_ppm(approved, total), 0)}) "
        f"{'was' if approved == 1 else 'were'} approved{paid}; <b>{waiting}</b> for a person, and "
        f"<b>{rejected:,}</b> {'was' if rejected == 1 else 'were'} rejected."
    )


def _figures(counts: list[OutcomeCount]) -> list[KeyFigure]:
    total = sum(row.requests for row in counts)
    figures = [
        KeyFigure(
            OUTCOME_LABELS[outcome],
            f"{_number(counts, outcome):,}",
            f"{percent(share_ppm(_number(counts, outcome), total))} of "
            f"{plural(total, 'request')}: {meaning}",
        )
        for outcome, meaning in (
            ("approve", "no check stood in the way"),
            ("refer", "a person decides"),
            ("reject", "a check that nobody overrules"),
        )
    ]
    advances = _advances(counts)
    if advances:
        currency, minor = advances[0]
        figures.append(
            KeyFigure(f"Advanced, {currency}", key_money(minor, currency), money(minor, currency))
        )
    return figures


def _reasons(snapshot: Snapshot, narrowed: Narrowed, counts: list[OutcomeCount]) -> None:
    reasons = session.remembered(decision_list.reasons, snapshot, narrowed)
    if not reasons:
        heading("What kept requests from approval?", "Nothing: every one of them was approved.")
        return
    open_to = sum(row.requests for row in counts if row.outcome != "approve")
    heading(
        "What kept requests from approval?",
        f"{plural(len(reasons), 'reason')} on {plural(open_to, 'request')}; a request may have "
        "several.",
    )
    shown = reasons[:_TOP_REASONS]
    charts.show(
        charts.counted_reasons([(r.code, r.text, r.requests) for r in shown]),
        "Bars, requests per reason: " + "; ".join(f"{r.text} {r.requests:,}" for r in shown),
    )
    with st.expander(f"All {plural(len(reasons), 'reason')} with their codes"):
        _reason_table(snapshot, reasons)


def _reason_table(snapshot: Snapshot, reasons: list[ReasonCount]) -> None:
    table(
        [
            Column("Reason"),
            Column("Code"),
            Column("Referred", is_figure=True),
            Column("Rejected", is_figure=True),
            Column("Requests", is_figure=True),
        ],
        [
            [
                row.text,
                Cell(row.code, link=address(PAGE, snapshot, reason=row.code)),
                f"{row.referred:,}",
                f"{row.rejected:,}",
                f"{row.requests:,}",
            ]
            for row in reasons
        ],
        caption="Requests by reason that stood in the way; a code leads to its requests",
    )


def _list(snapshot: Snapshot, narrowed: Narrowed, total: int) -> None:
    heading("Which requests?", "Largest face value first; an invoice leads to its decision.")
    part = paged(total, "decision", page=PAGE, limit=25)
    rows = session.remembered(decision_list.rows, snapshot, narrowed, part.limit, part.offset)
    table(
        [
            Column("Invoice"),
            Column("Outcome"),
            Column("Seller", is_extra=True),
            Column("Debtor", is_extra=True),
            Column("Face", is_figure=True),
            Column("Advance", is_figure=True),
            Column("Grade", is_figure=True),
            Column("PD", is_figure=True),
            Column("Due", is_figure=True, is_extra=True),
            Column("Entry", is_figure=True, is_extra=True),
        ],
        [_row(snapshot, row) for row in rows.iter_rows(named=True)],
        caption=f"{part.said}; grade 1 is best, PD is the probability of default",
    )
    pages(total, page=PAGE, limit=25)
    offer(
        snapshot,
        f"Download {plural(total, 'decision')} as CSV",
        "decisions",
        lambda: _file(snapshot, narrowed),
    )
    onwards(
        snapshot,
        [Way("Who will pay late", "risk"), Way("How this is proven", "compliance")],
    )


def _row(snapshot: Snapshot, row: dict[str, Any]) -> list[Cell | str]:
    currency = row["currency"]
    return [
        Cell(
            str(row["number"] or row["receivable_id"][:8]),
            link=address(PAGE, snapshot, decision=row["decision_id"]),
        ),
        Cell(OUTCOME_LABELS[row["outcome"]], tone=OUTCOME_TONES[row["outcome"]]),
        str(row["seller_name"] or "–"),
        party_label(row["debtor_name"], row["debtor_id"]),
        money(row["face_minor"], currency),
        _advance(row),
        "–" if row["grade"] is None else str(row["grade"]),
        percent(row["pd_ppm"]),
        day(row["due_on"]),
        "–" if row["ledger_index"] is None else f"{row['ledger_index']:,}",
    ]


def _advance(row: dict[str, Any]) -> Cell | str:
    if row["outcome"] != "approve":
        return Cell("–", note="Nothing is advanced unless a request is approved")
    return exact(row["advance_minor"], row["currency"])


def _file(snapshot: Snapshot, narrowed: Narrowed) -> pl.DataFrame:
    """Return every decision that fits, as it stands in the snapshot."""
    return decision_list.rows(snapshot, narrowed, None, 0)


show()
