"""One decision in full: its reasons, inputs, policy and proof, and what was done about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

import streamlit as st

from apps.access.personal_data import party_label
from apps.dashboard import proof, session
from apps.dashboard.layout import (
    Cell,
    Column,
    KeyFigure,
    Tone,
    footer,
    in_one_piece,
    key_figures,
    mark,
    note,
    question,
    table,
)
from apps.look import (
    UNKNOWN,
    count,
    day,
    exact,
    key_money,
    moment,
    money,
    percent,
    short_hash,
)
from apps.questions import rows_about
from apps.warehouse import Snapshot

Row = Mapping[str, Any]

SOURCES = "decisions, features, scores and marts.risk of this snapshot, and the ledger"

_VERBS = {"approve": "approved", "refer": "referred to a person", "reject": "rejected"}
_STATUS_TONES: dict[str, Tone] = {
    "pass": "good",
    "info": "rest",
    "refer": "attention",
    "error": "attention",
    "hard_reject": "act",
}
_STATUS_WORDS = {"hard_reject": "reject", "pass": "pass", "info": "note", "refer": "refer"}
_HIDDEN = frozenset({"tenant_id", "receivable_id", "decision_id", "as_of"})
_FINAL_PAYMENT: dict[str, Tone] = {"ACSC": "good", "RJCT": "act"}


@dataclass(frozen=True)
class _Case:
    """Everything the snapshot holds about one decision."""

    decision: Row
    receivable: Row
    seller: Row
    debtor: Row
    reasons: list[Row]
    checks: list[Row]
    features: Row
    score: Row
    payments: list[Row]
    messages: list[Row]

    @property
    def debtor_label(self) -> str:
        return party_label(self.debtor.get("display_name"), self.decision["debtor_id"])

    @property
    def number(self) -> str:
        return str(self.receivable.get("number") or short_hash(self.decision["receivable_id"]))


def show(snapshot: Snapshot, decision_id: str) -> None:
    """Show one decision, or say that this tenant has none of that id."""
    _back()
    case = session.remembered(_read, snapshot, decision_id)
    if case is None:
        st.title("There is no such decision here", anchor=False)
        note(
            f"No decision {decision_id} is in this snapshot for tenant {snapshot.tenant_id}.",
            "It may belong to another tenant, or be younger than the snapshot.",
            "Choose the tenant in the side bar, or go back to all decisions.",
        )
        footer(snapshot, SOURCES, proof.verification_line())
        return
    question(_title(case), _answer(case))
    key_figures(_figures(case))
    _checks(case)
    _reasons(case)
    inputs, policy = st.columns(2, gap="large")
    with inputs:
        _inputs(case)
    with policy:
        _policy(case)
        _aftermath(case)
    _proof(case)
    footer(snapshot, SOURCES, proof.verification_line())


def _read(snapshot: Snapshot, decision_id: str) -> _Case | None:
    found = rows_about(snapshot, "decisions.decisions", "decision_id", decision_id)
    if not found:
        return None
    row = found[0]

    def first(table_name: str, key: str) -> Row:
        rows = rows_about(snapshot, table_name, key, str(row[key]))
        return rows[0] if rows else {}

    def all_of(table_name: str, order: str) -> list[Row]:
        rows = rows_about(snapshot, table_name, "decision_id", decision_id)
        return sorted(rows, key=lambda item: (item.get(order) is None, item.get(order)))

    return _Case(
        decision=row,
        receivable=first("marts_risk.fct_receivables", "receivable_id"),
        seller=first("marts_risk.dim_sellers", "seller_id"),
        debtor=first("marts_risk.dim_debtors", "debtor_id"),
        reasons=all_of("decisions.reasons", "rank"),
        checks=all_of("decisions.checks", "position"),
        features=first("features.payment_behaviour", "receivable_id"),
        score=first("scores.receivable_scores", "receivable_id"),
        payments=all_of("actions.payments", "updated_at"),
        messages=all_of("actions.messages", "updated_at"),
    )


def _back() -> None:
    if st.button("← All decisions", type="tertiary"):
        st.query_params.pop("decision", None)
        st.rerun()


def _title(case: _Case) -> str:
    if case.decision["outcome"] == "refer":
        return f"Why does {case.number} wait for a person?"
    return f"Why was {case.number} {_VERBS[case.decision['outcome']]}?"


def _answer(case: _Case) -> str:
    row = case.decision
    currency = row["currency"]
    seller = escape(str(case.seller.get("display_name") or UNKNOWN))
    asked = (
        f"On {in_one_piece(row['requested_at'])}, <b>{seller}</b> asked for an advance on "
        f"<b>{money(row['face_minor'], currency)}</b> owed by <b>{escape(case.debtor_label)}</b>, "
        f"due {in_one_piece(case.receivable.get('due_on'))}. "
    )
    if row["outcome"] == "approve":
        return asked + (
            f"Every check passed in grade <b>{row['grade']}</b>, so "
            f"<b>{money(row['advance_minor'], currency)}</b> is advanced "
            f"({percent(row['advance_rate_ppm'])} of the face value)."
        )
    causes = "; ".join(escape(str(reason["text"])) for reason in case.reasons) or "no reason given"
    return asked + f"It was {_VERBS[row['outcome']]}: {causes}."


def _figures(case: _Case) -> list[KeyFigure]:
    row = case.decision
    currency = row["currency"]
    return [
        KeyFigure(
            "Face value", key_money(row["face_minor"], currency), money(row["face_minor"], currency)
        ),
        KeyFigure(
            "Advance",
            key_money(row["advance_minor"] or None, currency),
            f"{percent(row['advance_rate_ppm'])} of the face value; – where nothing is advanced",
        ),
        KeyFigure(
            "Grade", UNKNOWN if row["grade"] is None else str(row["grade"]), "1 best, 10 worst"
        ),
        KeyFigure(
            "Probability of default",
            percent(row["pd_ppm"], 2),
            "Probability that the debtor pays more than 90 days late or not at all",
        ),
    ]


def _checks(case: _Case) -> None:
    st.subheader("Which checks did it pass?", anchor=False)
    if not case.checks:
        st.caption("This snapshot holds no single checks of the decision; the reasons stand below.")
        return
    steps = " → ".join(
        f"{escape(str(check['check']))} {_check_mark(str(check['status']))}"
        for check in case.checks
    )
    st.html(f'<p style="line-height:2.1">{steps}</p>')


def _check_mark(status: str) -> str:
    return mark(_STATUS_WORDS.get(status, status), _STATUS_TONES.get(status, "rest"))


def _reasons(case: _Case) -> None:
    if not case.reasons:
        return
    table(
        [
            Column("Reason"),
            Column("Code"),
            Column("Group"),
            Column("Value", is_figure=True),
            Column("Threshold", is_figure=True),
        ],
        [
            [
                str(reason["text"]),
                str(reason["code"]),
                str(reason["reason_group"]),
                _told(reason.get("value")),
                _told(reason.get("threshold")),
            ]
            for reason in case.reasons
        ],
        caption="Reasons, the weightiest first",
    )


def _inputs(case: _Case) -> None:
    st.subheader("On which facts?", anchor=False)
    currency = case.decision["currency"]
    facts: list[tuple[str, str]] = [
        ("Issued on", day(case.receivable.get("issued_on"))),
        ("Due on", day(case.receivable.get("due_on"))),
        (f"Gross, {currency}", exact(case.receivable.get("gross_minor"), currency)),
        (f"Open, {currency}", exact(case.receivable.get("open_minor"), currency)),
        ("Status in the book", str(case.receivable.get("status") or UNKNOWN)),
    ]
    facts += [
        (name.replace("_", " "), _told(value))
        for name, value in case.features.items()
        if name not in _HIDDEN and not name.endswith("_id")
    ]
    facts += [
        (f"score: {name.replace('_', ' ')}", _told(value))
        for name, value in case.score.items()
        if name not in _HIDDEN and not name.endswith(("_id", "_hash"))
    ]
    table(
        [Column("Fact"), Column("Value", is_figure=True)],
        [[name, value] for name, value in facts],
        caption="Known at the time of the decision",
    )


def _policy(case: _Case) -> None:
    st.subheader("By which rules?", anchor=False)
    row = case.decision
    table(
        [Column("Rule set"), Column("Version, by hash")],
        [
            ["Policy", _hash_cell(row.get("policy_hash"))],
            ["Score model", _hash_cell(row.get("model_hash") or case.score.get("model_hash"))],
            ["Vendor record", _hash_cell(case.receivable.get("payload_sha256"))],
        ],
        caption="Versions this decision was made with",
    )


def _aftermath(case: _Case) -> None:
    st.subheader("What was done?", anchor=False)
    rows: list[list[Cell | str]] = [
        [
            f"Payment of {money(payment['amount_minor'], payment['currency'])}",
            Cell(str(payment["status"]), tone=_FINAL_PAYMENT.get(payment["status"], "rest")),
            moment(payment.get("updated_at")),
        ]
        for payment in case.payments
    ]
    rows += [
        [
            str(message["kind"]).replace("_", " ").capitalize(),
            Cell(
                str(message["status"]), tone="good" if message["status"] == "delivered" else "rest"
            ),
            moment(message.get("updated_at")),
        ]
        for message in case.messages
    ]
    if not rows:
        st.caption("Nothing was paid or sent about this request.")
        return
    table([Column("Act"), Column("State"), Column("Since")], rows, caption="Payments and messages")


def _proof(case: _Case) -> None:
    st.subheader("How is this proven?", anchor=False)
    proven = proof.of_decision(str(case.decision["decision_id"]), str(case.decision["tenant_id"]))
    if proven is None:
        note(
            "The ledger holds no entry of this decision.",
            "A decision exists when its entry does, so do not rely on this one.",
            "Verify the ledger on the audit page.",
            tone="act",
        )
        return
    verdict = mark("included", "good") if proven.is_included else mark("not included", "act")
    st.html(
        f'<p class="ifp-answer">Entry <b>{count(proven.index)}</b> of a ledger of '
        f"<b>{count(proven.size)}</b> entries holds this decision; recomputing "
        f"{count(len(proven.path))} hashes from it gives the ledger's root: {verdict}</p>"
    )
    table(
        [Column("Evidence"), Column("Value", is_code=True)],
        [
            ["Recorded at", moment(proven.recorded_at)],
            ["Leaf hash", proven.leaf_hash.hex()],
            ["Root at this size", proven.root.hex()],
        ],
        caption="Recomputed just now from the stored entry",
    )
    with st.expander("The entry as it stands in the ledger"):
        st.code(json.dumps(proven.content(), indent=2, ensure_ascii=False), language="json")
    st.download_button(
        "Download the proof as JSON",
        proven.bundle(),
        file_name=f"proof-{proven.index}.json",
        mime="application/json",
        help="The entry's bytes, the path to the root and the signed checkpoint: enough to check "
        "the decision without this platform.",
    )


def _hash_cell(value: object) -> Cell:
    if value is None:
        return Cell(UNKNOWN, note="Not told in this snapshot")
    return Cell(short_hash(value), note=str(value))


def _told(value: object) -> str:
    """Write a value of unknown kind; booleans in words, unknown as –."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    return str(value)
