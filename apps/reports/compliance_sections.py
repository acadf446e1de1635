"""The sections on what was decided in the period and what was paid and said because of it.

Every function reads one tenant's snapshot and returns plain values; nothing is rendered here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from apps import decided
from apps.look import (
    OUTCOME_LABELS,
    major,
    money,
    plural,
    sentence_list,
)
from apps.reports.document import Column, Kind, Section, Table, Value
from apps.warehouse import Snapshot

Period = tuple[date, date]

_CURRENCY = Column("Currency")


def decisions(snapshot: Snapshot, period: Period) -> Section:
    """Answer what was decided in the period, and why not more was approved."""
    title = "What was decided?"
    counts = list(snapshot.rows(_DECIDED, _within(period)))
    total = sum(row["requests"] for row in counts)
    if total == 0:
        return Section(title, "No decision was made in the period.", ())
    by_outcome = {
        outcome: sum(row["requests"] for row in counts if row["outcome"] == outcome)
        for outcome in OUTCOME_LABELS
    }
    parts = [f"{number:,} {OUTCOME_LABELS[code].lower()}" for code, number in by_outcome.items()]
    answer = f"{plural(total, 'request')} decided in the period: {sentence_list(parts)}."
    return Section(
        title,
        answer,
        (
            Table(
                "Decisions",
                "Decisions of the period by outcome and currency",
                "decisions.decisions",
                (
                    Column("Outcome"),
                    _CURRENCY,
                    Column("Requests", Kind.COUNT),
                    Column("Face", Kind.MONEY),
                    Column("Advance", Kind.MONEY),
                    Column("First entry", Kind.COUNT),
                    Column("Last entry", Kind.COUNT),
                ),
                tuple(
                    (
                        OUTCOME_LABELS[row["outcome"]],
                        row["currency"],
                        row["requests"],
                        major(row["face_minor"], row["currency"]),
                        _advanced(row),
                        row["first_entry"],
                        row["last_entry"],
                    )
                    for row in counts
                ),
            ),
            _reasons(snapshot, period),
        ),
    )


def _advanced(row: Mapping[str, Any]) -> Value:
    """Return what is advanced; nothing is where nothing was approved."""
    minor = row["advance_minor"]
    return None if minor is None else major(minor, row["currency"])


def _reasons(snapshot: Snapshot, period: Period) -> Table:
    return Table(
        "Reasons",
        "Why requests were referred or rejected; one request may have several reasons",
        "decisions.reasons and decisions.checks",
        (Column("Reason"), Column("Code", Kind.CODE), Column("Requests", Kind.COUNT)),
        tuple(
            (decided.general_text(row["code"], row["text"]), row["code"], row["requests"])
            for row in snapshot.rows(_REASONS, _within(period))
        ),
    )


def payments(snapshot: Snapshot, period: Period) -> Section:
    """Answer what was paid and told because of the period's decisions."""
    title = "What was paid and sent?"
    paid = list(snapshot.rows(_PAID, _within(period)))
    sent = list(snapshot.rows(_SENT, _within(period)))
    if not paid and not sent:
        return Section(title, "Nothing was paid or sent for decisions of the period.", ())
    settled = [row for row in paid if row["status"] == "ACSC"]
    amounts = sentence_list(money(row["amount_minor"], row["currency"]) for row in settled)
    number = sum(row["payments"] for row in settled)
    answer = (
        f"{plural(number, 'payment')} settled"
        + (f", together {amounts}" if amounts else "")
        + f"; {plural(sum(row['messages'] for row in sent), 'message')} sent."
    )
    return Section(
        title,
        answer,
        (
            Table(
                "Payments",
                "Payments for decisions of the period, by the bank's status (ACSC is settled)",
                "actions.payments and decisions.decisions",
                (
                    Column("Status", Kind.CODE),
                    _CURRENCY,
                    Column("Payments", Kind.COUNT),
                    Column("Amount", Kind.MONEY),
                ),
                tuple(
                    (
                        row["status"],
                        row["currency"],
                        row["payments"],
                        major(row["amount_minor"], row["currency"]),
                    )
                    for row in paid
                ),
            ),
            Table(
                "Messages",
                "Messages about decisions of the period, by kind and status",
                "actions.messages and decisions.decisions",
                (Column("Kind"), Column("Status"), Column("Messages", Kind.COUNT)),
                tuple(
                    (row["kind"].replace("_", " "), row["status"], row["messages"]) for row in sent
                ),
            ),
        ),
    )


def _within(period: Period) -> dict[str, Any]:
    return {"first": period[0], "last": period[1]}


_DECIDED = """
    select outcome, currency, count(*) as requests, sum(face_minor)::bigint as face_minor,
           (sum(advance_minor) filter (outcome = 'approve'))::bigint as advance_minor,
           min(ledger_index) as first_entry, max(ledger_index) as last_entry
    from decisions.decisions
    where decided_at::date between $first and $last
    group by outcome, currency
    order by outcome, currency
"""
_REASONS = f"""
    select reasons.code, any_value(reasons.text order by reasons.text) as text,
           count(distinct reasons.decision_id) as requests
    from ({decided.BLOCKING_REASONS}) as reasons
    join decisions.decisions as decisions using (decision_id)
    where decisions.outcome <> 'approve'
      and decisions.decided_at::date between $first and $last
    group by reasons.code
    order by requests desc, reasons.code
"""  # noqa: S608 - constant text
_PAID = """
    select payments.status, payments.currency, count(*) as payments,
           sum(payments.amount_minor)::bigint as amount_minor
    from actions.payments as payments
    join decisions.decisions as decisions using (decision_id)
    where decisions.decided_at::date between $first and $last
    group by payments.status, payments.currency
    order by payments.status, payments.currency
"""
_SENT = """
    select messages.kind, messages.status, count(*) as messages
    from actions.messages as messages
    join decisions.decisions as decisions using (decision_id)
    where decisions.decided_at::date between $first and $last
    group by messages.kind, messages.status
    order by messages.kind, messages.status
"""
