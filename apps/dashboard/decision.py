"""One decision in full: its reasons, inputs, policy and proof, and what was done about it."""

from datetime import date, datetime
from html import escape

import streamlit as st

from apps.dashboard import decision_proof, proof, session
from apps.dashboard.case import Case, read
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
    day,
    exact,
    key_money,
    moment,
    money,
    percent,
    short_hash,
)
from apps.warehouse import Snapshot

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


def show(snapshot: Snapshot, decision_id: str) -> None:
    """Show one decision, or say that this tenant has none of that id."""
    _back()
    case = session.remembered(read, snapshot, decision_id)
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
    decision_proof.show(case)
    footer(snapshot, SOURCES, proof.verification_line())


def _back() -> None:
    if st.button("← All decisions", type="tertiary"):
        st.query_params.pop("decision", None)
        st.rerun()


def _title(case: Case) -> str:
    if case.decision["outcome"] == "refer":
        return f"Why does {case.number} wait for a person?"
    return f"Why was {case.number} {_VERBS[case.decision['outcome']]}?"


def _answer(case: Case) -> str:
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


def _figures(case: Case) -> list[KeyFigure]:
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


def _checks(case: Case) -> None:
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


def _reasons(case: Case) -> None:
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


def _inputs(case: Case) -> None:
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


def _policy(case: Case) -> None:
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


def _aftermath(case: Case) -> None:
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
