"""The sections of the monthly compliance report: each a question, its answer, and the tables.

Every function reads one tenant's snapshot and returns plain values; nothing is rendered here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from apps import decided, questions
from apps.look import (
    BUCKET_LABELS,
    OUTCOME_LABELS,
    key_money,
    major,
    money,
    percent,
    plural,
    sentence_list,
    share_ppm,
)
from apps.reports.document import Column, Kind, Section, Table, Value
from apps.warehouse import Snapshot

Period = tuple[date, date]

_TOP = 10
_CURRENCY = Column("Currency")


def book(snapshot: Snapshot) -> Section:
    """Answer what is owed, how old it is and by whom."""
    books = questions.books(snapshot)
    if not books:
        return Section("What is the book worth?", "No receivable is open.", ())
    exposures = {
        book.currency: questions.debtor_exposures(snapshot, book.currency) for book in books
    }
    main = books[0]
    past_due = percent(share_ppm(main.past_due_minor, main.open_minor))
    rest = [key_money(other.open_minor, other.currency) for other in books[1:]]
    answer = (
        f"Debtors owe {money(main.open_minor, main.currency)} on "
        f"{plural(main.receivables, 'open receivable')}, of which {past_due} is past due"
        + (f"; in other currencies a further {sentence_list(rest)} is owed." if rest else ".")
    )
    summary: list[tuple[Value, ...]] = [
        (
            item.currency,
            item.receivables,
            item.debtors,
            major(item.open_minor, item.currency),
            major(item.past_due_minor, item.currency),
            share_ppm(item.past_due_minor, item.open_minor),
            questions.effective_debtors(exposures[item.currency]),
        )
        for item in books
    ]
    columns = (
        _CURRENCY,
        Column("Receivables", Kind.COUNT),
        Column("Debtors", Kind.COUNT),
        Column("Open", Kind.MONEY),
        Column("Past due", Kind.MONEY),
        Column("Of open", Kind.SHARE),
        Column("Effective debtors", Kind.COUNT),
    )
    return Section(
        "What is the book worth?",
        answer,
        (
            Table(
                "Book",
                "The open book by currency; effective debtors is 1 ÷ Σ share²",
                "marts_portfolio.fct_ageing",
                columns,
                tuple(summary),
            ),
            *_ageing(snapshot, [item.currency for item in books]),
            _debtors(exposures),
        ),
    )


def _ageing(snapshot: Snapshot, currencies: list[str]) -> tuple[Table, ...]:
    tables = []
    for basis, words in (("due", "due date"), ("invoice", "invoice date")):
        rows: list[tuple[Value, ...]] = []
        for currency in currencies:
            buckets = questions.ageing(snapshot, currency, basis)
            total = sum(bucket.open_minor for bucket in buckets)
            rows += [
                (
                    currency,
                    BUCKET_LABELS[bucket.bucket],
                    bucket.receivables,
                    major(bucket.open_minor, currency),
                    share_ppm(bucket.open_minor, total),
                )
                for bucket in buckets
            ]
        tables.append(
            Table(
                f"Ageing by {words}",
                f"Open receivables by days from the {words}",
                "marts_portfolio.fct_ageing",
                (
                    _CURRENCY,
                    Column("Age"),
                    Column("Receivables", Kind.COUNT),
                    Column("Open", Kind.MONEY),
                    Column("Of the currency's book", Kind.BAR),
                ),
                tuple(rows),
            )
        )
    return tuple(tables)


def _debtors(exposures: Mapping[str, list[questions.DebtorExposure]]) -> Table:
    return Table(
        "Largest debtors",
        f"The {_TOP} largest debtors of each currency; private persons by the start of their id",
        "marts_portfolio.fct_ageing and marts_risk.dim_debtors",
        (
            _CURRENCY,
            Column("Debtor"),
            Column("Country"),
            Column("Open", Kind.MONEY),
            Column("Past due", Kind.MONEY),
            Column("Of open", Kind.SHARE),
        ),
        tuple(
            (
                currency,
                item.label,
                item.country,
                major(item.open_minor, currency),
                major(item.past_due_minor, currency),
                item.share_ppm,
            )
            for currency, listed in exposures.items()
            for item in listed[:_TOP]
        ),
    )


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
