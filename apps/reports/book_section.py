"""The section on the book: what is owed, how old it is and by whom."""

from collections.abc import Mapping

from apps import questions
from apps.look import (
    BUCKET_LABELS,
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
