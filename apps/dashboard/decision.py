"""One decision in full: its reasons, inputs, policy and proof, and what was done about it."""

from collections import Counter
from html import escape

import streamlit as st

from apps.dashboard import decision_proof, proof, session
from apps.dashboard.case import Case, Row, read
from apps.dashboard.facts import all_features, main_facts, told
from apps.dashboard.layout import (
    Cell,
    Column,
    KeyFigure,
    Tone,
    footer,
    heading,
    in_one_piece,
    key_figures,
    mark,
    note,
    question,
    table,
)
from apps.decided import general_text
from apps.look import UNKNOWN, count, key_money, moment, money, percent, short_hash
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
_STATUS_WORDS = {"hard_reject": "reject", "pass": "passed", "info": "noted", "refer": "refer"}
_PAYMENT_WORDS = {
    "ACSC": "settled",
    "RJCT": "rejected",
    "PDNG": "pending",
    "ACSP": "in process",
    "ACCP": "accepted",
}
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
            f"No check stood in the way in grade <b>{row['grade']}</b>, so "
            f"<b>{money(row['advance_minor'], currency)}</b> is advanced "
            f"({percent(row['advance_rate_ppm'])} of the face value)."
        )
    causes = "; ".join(escape(_as_clause(reason)) for reason in case.blocking) or "no reason given"
    return asked + f"It was {_VERBS[row['outcome']]}: {causes}."


def _as_clause(reason: Row) -> str:
    """Write a reason so that it can stand within a sentence."""
    text = str(reason["text"])
    return text[:1].lower() + text[1:]


def _figures(case: Case) -> list[KeyFigure]:
    row = case.decision
    currency = row["currency"]
    return [
        KeyFigure(
            "Face value", key_money(row["face_minor"], currency), money(row["face_minor"], currency)
        ),
        KeyFigure(
            "Advance",
            key_money(_advanced(row), currency),
            f"{percent(row['advance_rate_ppm'])} of the face value; – where none is approved",
        ),
        KeyFigure(
            "Grade", UNKNOWN if row["grade"] is None else str(row["grade"]), "1 best, 10 worst"
        ),
        KeyFigure(
            "Probability of default",
            percent(row["pd_ppm"], 2),
            "that the debtor pays more than 90 days late or not at all",
        ),
    ]


def _advanced(row: Row) -> int | None:
    return row["advance_minor"] if row["outcome"] == "approve" else None


def _checks(case: Case) -> None:
    heading("Which checks did it pass?")
    if not case.checks:
        st.caption("This snapshot holds no single checks of the decision; the reasons stand below.")
        return
    groups: dict[str, Counter[str]] = {}
    for check in case.checks:
        groups.setdefault(str(check["check_group"]), Counter())[str(check["status"])] += 1
    steps = " → ".join(
        f'<span class="ifp-nb">{escape(group)} {_tally(counts)}</span>'
        for group, counts in groups.items()
    )
    st.html(f'<p style="line-height:2.1">{steps}</p>')
    with st.expander(f"All {count(len(case.checks))} checks in their order"):
        table(
            [
                Column("Check"),
                Column("Group"),
                Column("Result"),
                Column("Value", is_figure=True),
                Column("Threshold", is_figure=True),
            ],
            [
                [
                    _check_name(check),
                    str(check["check_group"]),
                    _result(str(check["status"])),
                    told(check["value"]),
                    told(check["threshold"]),
                ]
                for check in case.checks
            ],
            caption="Ordered checks; values in the unit of each check",
        )


def _tally(counts: Counter[str]) -> str:
    return " ".join(
        mark(f"{number} {_STATUS_WORDS.get(status, status)}", _STATUS_TONES.get(status, "rest"))
        for status, number in counts.items()
    )


def _result(status: str) -> Cell:
    return Cell(_STATUS_WORDS.get(status, status), tone=_STATUS_TONES.get(status, "rest"))


def _check_name(check: Row) -> str:
    code = check["code"]
    said = f": {general_text(code, code)}" if code else ""
    return f"{check['check_id']}{said}"


def _reasons(case: Case) -> None:
    if not case.reasons:
        return
    blocking = [reason["code"] for reason in case.blocking]
    table(
        [
            Column("Reason"),
            Column("Code"),
            Column("Group"),
            Column("Weight"),
        ],
        [
            [
                Cell(str(reason["text"]), note=_measured(reason)),
                str(reason["code"]),
                str(reason["reason_group"]),
                Cell("decided it", tone="attention")
                if reason["code"] in blocking
                else Cell("explains the score", tone="rest"),
            ]
            for reason in case.reasons
        ],
        caption="What spoke against it, the weightiest first",
    )


def _measured(reason: Row) -> str:
    return f"found {told(reason['value'])}, held against {told(reason['threshold'])}"


def _inputs(case: Case) -> None:
    heading("On which facts?")
    table(
        [Column("Fact"), Column("Value", is_figure=True)],
        main_facts(case),
        caption="Known at the time of the decision",
    )
    features = all_features(case)
    if features:
        with st.expander(f"All {count(len(features))} features of payment behaviour"):
            table(
                [Column("Feature"), Column("Value", is_figure=True)],
                features,
                caption="As of the decision, by the names of the feature table",
            )


def _policy(case: Case) -> None:
    heading("By which rules?")
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
    heading("What was done?")
    rows: list[list[Cell | str]] = [
        [
            f"Payment of {money(payment['amount_minor'], payment['currency'])}",
            Cell(
                _PAYMENT_WORDS.get(payment["status"], str(payment["status"])),
                tone=_FINAL_PAYMENT.get(payment["status"], "rest"),
                note=f"The bank's status {payment['status']}",
            ),
            moment(payment.get("updated_at")),
        ]
        for payment in case.payments
    ]
    rows += [
        [
            f"Message: {str(message['kind']).replace('_', ' ')}",
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
