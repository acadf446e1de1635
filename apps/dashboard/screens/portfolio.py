"""What is the book worth today? The open book by age, over time and by debtor."""

from html import escape

import polars as pl
import streamlit as st

from apps import decided, questions
from apps.access import Permission
from apps.dashboard import charts, session
from apps.dashboard.layout import (
    Cell,
    Choice,
    Column,
    KeyFigure,
    Way,
    empty,
    filters,
    footer,
    heading,
    in_one_piece,
    key_figures,
    offer,
    onwards,
    paged,
    pages,
    question,
    table,
    term,
)
from apps.dashboard.proof import verification_line
from apps.decided import Funding
from apps.look import (
    BUCKET_LABELS,
    exact,
    key_money,
    major,
    money,
    percent,
    plural,
    share_ppm,
)
from apps.questions import AgeingBucket, Book, Concentration, DebtorExposure
from apps.warehouse import Snapshot

PAGE = "portfolio"
TITLE = "What is the book worth today?"
BASES = {"due": "By due date", "invoice": "By invoice date"}
SOURCES = "marts.portfolio and decisions"
_FEW = 10


def show() -> None:
    """Show the page."""
    snapshot = session.snapshot(Permission.SEE_PORTFOLIO)
    everything = session.remembered(questions.books, snapshot)
    if not everything:
        st.title(TITLE, anchor=False)
        empty(
            "The book is empty: no receivable is open.",
            "Open receivables appear here after a sync has landed them and a run has published.",
            command="ifp run",
        )
        footer(snapshot, SOURCES, verification_line())
        return
    head = st.container()
    chosen = _filters(snapshot, everything)
    seller, currency = chosen["seller"], chosen["currency"]
    books = session.remembered(questions.books, snapshot, seller)
    book = next((one for one in books if one.currency == currency), None)
    if book is None:
        with head:
            question(TITLE, f"Nothing is owed to this seller in <b>{escape(currency)}</b>.")
        empty("No open receivable fits.", "Choose another currency, or clear the filters.")
        footer(snapshot, SOURCES, verification_line())
        return
    spread = session.remembered(questions.concentration, snapshot, currency, seller)
    largest = session.remembered(questions.debtor_exposures, snapshot, currency, seller, 1)
    funded = session.remembered(decided.funding, snapshot, currency, seller)
    with head:
        question(TITLE, _answer(snapshot, book, largest[0], books))
    key_figures(_figures(snapshot, book, funded, spread))
    _ageing(snapshot, book, seller)
    _history(snapshot, book, seller)
    _debtors(snapshot, book, spread, seller)
    onwards(
        snapshot,
        [
            Way(
                "The decisions on this book",
                "decisions",
                {"currency": currency, **({"seller": seller} if seller else {})},
            ),
            Way("Who will pay late", "risk", {"currency": currency}),
        ],
    )
    footer(snapshot, SOURCES, verification_line())


def _filters(snapshot: Snapshot, books: list[Book]) -> dict[str, str]:
    return filters.bar(
        PAGE,
        [
            Choice("seller", "Seller", session.remembered(questions.sellers, snapshot)),
            Choice(
                "currency",
                "Currency",
                {book.currency: book.currency for book in books},
                every=None,
                help="Amounts of different currencies are never added.",
            ),
        ],
    )


def _answer(snapshot: Snapshot, book: Book, largest: DebtorExposure, books: list[Book]) -> str:
    past_due = percent(share_ppm(book.past_due_minor, book.open_minor))
    others = [other for other in books if other.currency != book.currency]
    rest = ""
    if others:
        listed = ", ".join(key_money(other.open_minor, other.currency) for other in others)
        rest = f' A further <b class="long">{escape(listed)}</b> is owed in other currencies.'
    return (
        f"On {in_one_piece(snapshot.origin.as_of)}, "
        f"<b>{plural(book.debtors, 'debtor')}</b> owe "
        f"<b>{escape(money(book.open_minor, book.currency))}</b> on "
        f"<b>{plural(book.receivables, 'open receivable')}</b>; "
        f"<b>{escape(money(book.past_due_minor, book.currency))}</b> of it ({past_due}) is "
        f"{term('past due', 'The due date has passed and something is still owed.')}, and the "
        f"largest debtor, {escape(largest.label)}, owes "
        f"<b>{percent(largest.share_ppm)}</b>.{rest}"
    )


def _figures(
    snapshot: Snapshot, book: Book, funded: Funding, spread: Concentration
) -> list[KeyFigure]:
    return [
        KeyFigure(
            "Open book",
            key_money(book.open_minor, book.currency),
            f"owed by {plural(book.debtors, 'debtor')} to {plural(book.sellers, 'seller')}",
        ),
        KeyFigure(
            "Past due",
            percent(share_ppm(book.past_due_minor, book.open_minor)),
            f"{money(book.past_due_minor, book.currency)} of the open book",
        ),
        KeyFigure(
            "Advanced",
            key_money(funded.advance_minor, book.currency),
            f"on {plural(funded.approvals, 'approved request')} up to this snapshot",
        ),
        KeyFigure(
            "Effective debtors",
            "–" if spread.effective is None else f"{spread.effective:,}",
            "equal debtors that would concentrate the book as much, 1 ÷ Σ share²; below "
            f"{_FEW} is on watch",
            tone="attention" if spread.effective and spread.effective < _FEW else None,
        ),
    ]


def _ageing(snapshot: Snapshot, book: Book, seller: str) -> None:
    heading("How old is it?")
    basis = (
        st.segmented_control(
            "Days are counted", list(BASES), format_func=BASES.__getitem__, default="due"
        )
        or "due"
    )
    buckets = session.remembered(questions.ageing, snapshot, book.currency, basis, seller)
    charts.show(
        charts.ageing([(b.bucket, b.open_minor, b.receivables) for b in buckets], book.currency),
        f"Bars: the open book by age, {BASES[basis].lower()}; figures in the table below",
    )
    _ageing_table(buckets, book, basis)


def _ageing_table(buckets: list[AgeingBucket], book: Book, basis: str) -> None:
    total = sum(bucket.open_minor for bucket in buckets)
    table(
        [
            Column("Age"),
            Column("Receivables", is_figure=True),
            Column(f"Open, {book.currency}", is_figure=True),
            Column("Of open", is_figure=True),
        ],
        [
            [
                BUCKET_LABELS[bucket.bucket],
                f"{bucket.receivables:,}",
                exact(bucket.open_minor, book.currency),
                percent(share_ppm(bucket.open_minor, total)),
            ]
            for bucket in buckets
        ],
        caption=f"Open receivables, {BASES[basis].lower()}",
        total=[
            "Total",
            f"{sum(bucket.receivables for bucket in buckets):,}",
            exact(total, book.currency),
            percent(share_ppm(total, total)),
        ],
    )


def _history(snapshot: Snapshot, book: Book, seller: str) -> None:
    history = session.remembered(questions.book_history, snapshot, book.currency, seller)
    if history.height <= 1:
        return
    first, last = history.row(0, named=True), history.row(-1, named=True)
    heading(
        "How did it develop?",
        f"From {money(first['open_minor'], book.currency)} on {first['as_of_on']} to "
        f"{money(last['open_minor'], book.currency)} on {last['as_of_on']}, at each month's end.",
    )
    charts.show(
        charts.history(history, book.currency),
        f"Line: the open book at each of {history.height} month ends; it starts at zero",
    )


def _debtors(snapshot: Snapshot, book: Book, spread: Concentration, seller: str) -> None:
    heading("Who owes it?")
    part = paged(spread.debtors, "debtor", page=PAGE, limit=20)
    listed = session.remembered(
        questions.debtor_exposures, snapshot, book.currency, seller, part.limit, part.offset
    )
    table(
        [
            Column("Debtor"),
            Column("Country", is_extra=True),
            Column("Receivables", is_figure=True, is_extra=True),
            Column(f"Open, {book.currency}", is_figure=True),
            Column(f"Past due, {book.currency}", is_figure=True),
            Column("Of open", is_figure=True),
        ],
        [
            [
                Cell(exposure.label, note=exposure.debtor_id),
                Cell(exposure.country or "–", note=None if exposure.country else "Not told to us"),
                f"{exposure.receivables:,}",
                exact(exposure.open_minor, book.currency),
                exact(exposure.past_due_minor, book.currency),
                Cell(percent(exposure.share_ppm), share_ppm=exposure.share_ppm),
            ]
            for exposure in listed
        ],
        caption=f"{part.said}, largest first",
    )
    pages(spread.debtors, page=PAGE, limit=20)
    offer(
        snapshot,
        f"Download {plural(spread.debtors, 'debtor')} as CSV",
        f"debtors-{book.currency}",
        lambda: _file(snapshot, book.currency, seller),
    )


def _file(snapshot: Snapshot, currency: str, seller: str) -> pl.DataFrame:
    """Return every debtor's exposure, amounts as decimals."""
    return pl.DataFrame(
        [
            {
                "debtor_id": exposure.debtor_id,
                "debtor": exposure.label,
                "country": exposure.country,
                "currency": currency,
                "open": str(major(exposure.open_minor, currency)),
                "past_due": str(major(exposure.past_due_minor, currency)),
                "receivables": exposure.receivables,
                "share_ppm": exposure.share_ppm,
            }
            for exposure in questions.debtor_exposures(snapshot, currency, seller)
        ],
        infer_schema_length=None,
    )


show()
