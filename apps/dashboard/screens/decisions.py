"""What was decided, and why? The list of decisions; with `?decision=…` one of them in full."""

from typing import Any

import polars as pl
import streamlit as st

from apps import decided
from apps.access import Permission
from apps.access.personal_data import party_label
from apps.dashboard import charts, decision, session
from apps.dashboard.layout import KeyFigure, footer, key_figures, note, question
from apps.dashboard.proof import verification_line
from apps.decided import OutcomeCount, ReasonCount
from apps.look import (
    OUTCOME_LABELS,
    exact,
    key_money,
    money,
    percent,
    plural,
    sentence_list,
    share_ppm,
)
from apps.warehouse import Snapshot

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
    counts = session.remembered(decided.outcome_counts, snapshot)
    if not counts:
        st.title(TITLE, anchor=False)
        note(
            "No decision has been made for this tenant.",
            "Each request for an advance on a receivable appears here once its ledger entry "
            "exists.",
            "Run `ifp run` to decide on the open receivables.",
        )
        footer(snapshot, SOURCES, verification_line())
        return
    question(TITLE, _answer(counts))
    key_figures(_figures(counts))
    _reasons(session.remembered(decided.reason_counts, snapshot))
    _list(snapshot)
    footer(snapshot, SOURCES, verification_line())


def _number(counts: list[OutcomeCount], outcome: str) -> int:
    return sum(row.requests for row in counts if row.outcome == outcome)


def _advances(counts: list[OutcomeCount]) -> list[tuple[str, int]]:
    return [
        (row.currency, row.advance_minor)
        for row in counts
        if row.outcome == "approve" and row.advance_minor
    ]


def _answer(counts: list[OutcomeCount]) -> str:
    total = sum(row.requests for row in counts)
    approved, referred, rejected = (_number(counts, outcome) for outcome in OUTCOME_LABELS)
    advances = sentence_list(
        f"<b>{key_money(minor, currency)}</b>" for currency, minor in _advances(counts)
    )
    paid = f" with advances of {advances}" if advances else ""
    waiting = "1 waits" if referred == 1 else f"{referred:,} wait"
    return (
        f"Of <b>{plural(total, 'request')}</b>, <b>{approved:,}</b> "
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
            f"{plural(total, 'request')}; {meaning}",
        )
        for outcome, meaning in (
            ("approve", "every check passed"),
            ("refer", "a person decides"),
            ("reject", "at least one check cannot be overruled"),
        )
    ]
    advances = _advances(counts)
    if advances:
        currency, minor = advances[0]
        figures.append(
            KeyFigure("Advanced", key_money(minor, currency), f"{money(minor, currency)} approved")
        )
    return figures


def _reasons(reasons: list[ReasonCount]) -> None:
    st.subheader("What kept requests from approval?", anchor=False)
    if not reasons:
        st.caption("Nothing: every request was approved.")
        return
    st.altair_chart(
        charts.counted_reasons([(r.code, r.text, r.requests) for r in reasons[:_TOP_REASONS]]),
        theme=None,
        alt="Bars: requests per reason, most frequent first",
    )


def _list(snapshot: Snapshot) -> None:
    st.subheader("Which requests?", anchor=False)
    outcome = st.segmented_control(
        "Outcome", list(OUTCOME_LABELS), format_func=OUTCOME_LABELS.__getitem__
    )
    wanted = st.text_input("Invoice number, seller or debtor", placeholder="part of it is enough")
    found = session.remembered(decided.decision_list, snapshot, outcome or "", wanted)
    if found.total == 0:
        note("No decision fits this filter.", "Clear the outcome or the text to see all.")
        return
    st.caption(
        f"{plural(found.total, 'decision')}, largest face value first"
        + (
            f"; the first {found.rows.height:,} are listed"
            if found.total > found.rows.height
            else ""
        )
        + ". Select a row to see the decision in full."
    )
    chosen = st.dataframe(
        _shown(found.rows),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(),
        key="decisions",
        alt="Table of decisions; selecting a row opens it",
    )
    picked = chosen["selection"]["rows"]
    if picked:
        st.query_params["decision"] = found.rows.row(picked[0], named=True)["decision_id"]
        st.rerun()
    if not session.may_export(snapshot.tenant_id):
        return
    st.download_button(
        f"Download {plural(found.rows.height, 'decision')} as CSV",
        found.rows.write_csv(),
        file_name=f"decisions-{snapshot.tenant_id}-{snapshot.snapshot_id}.csv",
        mime="text/csv",
    )


def _shown(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "Invoice": row["number"],
                "Outcome": OUTCOME_LABELS[row["outcome"]],
                "Seller": row["seller_name"],
                "Debtor": party_label(row["debtor_name"], row["debtor_id"]),
                "Currency": row["currency"],
                "Face": exact(row["face_minor"], row["currency"]),
                "Advance": _advance(row),
                "Grade": row["grade"],
                "PD": percent(row["pd_ppm"]),
                "Due": row["due_on"],
                "Entry": row["ledger_index"],
            }
            for row in rows.iter_rows(named=True)
        ],
        infer_schema_length=None,
    )


def _advance(row: dict[str, Any]) -> str:
    return exact(row["advance_minor"] if row["outcome"] == "approve" else None, row["currency"])


def _columns() -> dict[str, Any]:
    figure: Any = {"alignment": "right"}
    return {
        "Invoice": st.column_config.TextColumn(pinned=True, width=90),
        "Outcome": st.column_config.TextColumn(width=80),
        "Seller": st.column_config.TextColumn(width=140),
        "Debtor": st.column_config.TextColumn(width=140),
        "Currency": st.column_config.TextColumn(width=70),
        "Face": st.column_config.TextColumn(help="Open amount of the receivable", **figure),
        "Advance": st.column_config.TextColumn(help="– where nothing is advanced", **figure),
        "Grade": st.column_config.NumberColumn(width=60, help="1 is best, 10 is worst"),
        "PD": st.column_config.TextColumn(
            width=70, help="Probability of default within the horizon of the score", **figure
        ),
        "Due": st.column_config.DateColumn(format="YYYY-MM-DD"),
        "Entry": st.column_config.NumberColumn(
            width=75, format="localized", help="Index of the decision's entry in the ledger"
        ),
    }


show()
