"""What is the book worth today? The open book by age, by debtor and over time."""

from html import escape

import polars as pl
import streamlit as st

from apps import decided, questions
from apps.access import Permission
from apps.dashboard import charts, session
from apps.dashboard.layout import (
    Cell,
    Column,
    KeyFigure,
    footer,
    in_one_piece,
    key_figures,
    note,
    question,
    table,
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
from apps.questions import AgeingBucket, Book, DebtorExposure
from apps.warehouse import Snapshot

TITLE = "What is the book worth today?"
BASES = {"due": "By due date", "invoice": "By invoice date"}
SOURCES = "marts.portfolio and decisions"
_TOP = 15


def show() -> None:
    """Show the page."""
    snapshot = session.snapshot(Permission.SEE_PORTFOLIO)
    books = session.remembered(questions.books, snapshot)
    if not books:
        st.title(TITLE, anchor=False)
        note(
            "The book is empty: no receivable is open.",
            "Open receivables appear here after a sync has landed them and a run has published.",
            "Run `ifp run`, or connect a seller's ledger with `ifp sync`.",
        )
        footer(snapshot, SOURCES, verification_line())
        return
    book = _chosen(books)
    exposures = session.remembered(questions.debtor_exposures, snapshot, book.currency)
    funded = session.remembered(decided.funding, snapshot, book.currency)
    question(TITLE, _answer(snapshot, book, exposures, books))
    key_figures(_figures(book, funded, exposures))
    _ageing(snapshot, book)
    _debtors(book, exposures)
    _onwards(book, exposures, snapshot)
    footer(snapshot, SOURCES, verification_line())


def _chosen(books: list[Book]) -> Book:
    """Let the reader choose the currency where the book has several."""
    by_currency = {book.currency: book for book in books}
    if len(books) == 1:
        return books[0]
    with st.sidebar:
        currency = st.selectbox(
            "Currency",
            list(by_currency),
            help="Amounts of different currencies are never added.",
        )
    return by_currency[currency]


def _answer(
    snapshot: Snapshot, book: Book, exposures: list[DebtorExposure], books: list[Book]
) -> str:
    past_due = percent(share_ppm(book.past_due_minor, book.open_minor))
    others = [other for other in books if other.currency != book.currency]
    rest = ""
    if others:
        listed = ", ".join(key_money(other.open_minor, other.currency) for other in others)
        rest = f" A further <b>{escape(listed)}</b> is owed in other currencies."
    return (
        f"On {in_one_piece(snapshot.origin.as_of)}, "
        f"<b>{plural(book.debtors, 'debtor')}</b> owe "
        f"<b>{escape(money(book.open_minor, book.currency))}</b> on "
        f"<b>{plural(book.receivables, 'open receivable')}</b>; "
        f"<b>{escape(money(book.past_due_minor, book.currency))}</b> of it ({past_due}) is past "
        f"due, and the largest debtor, {escape(exposures[0].label)}, owes "
        f"<b>{percent(exposures[0].share_ppm)}</b>.{rest}"
    )


def _figures(book: Book, funded: Funding, exposures: list[DebtorExposure]) -> list[KeyFigure]:
    effective = questions.effective_debtors(exposures)
    return [
        KeyFigure(
            "Open book",
            key_money(book.open_minor, book.currency),
            f"What debtors owe: {money(book.open_minor, book.currency)}",
        ),
        KeyFigure(
            "Past due",
            percent(share_ppm(book.past_due_minor, book.open_minor)),
            f"Of the open book: {money(book.past_due_minor, book.currency)}",
        ),
        KeyFigure(
            "Advanced",
            key_money(funded.advance_minor, book.currency),
            f"{money(funded.advance_minor, book.currency)} advanced on "
            f"{plural(funded.approvals, 'approved request')}",
        ),
        KeyFigure(
            "Effective debtors",
            "–" if effective is None else str(effective),
            "1 ÷ Σ share²: how many equal debtors would concentrate the book as much; "
            "below 10 is on watch",
        ),
    ]


def _ageing(snapshot: Snapshot, book: Book) -> None:
    st.subheader("How old is it?", anchor=False)
    basis = (
        st.segmented_control(
            "Days are counted", list(BASES), format_func=BASES.__getitem__, default="due"
        )
        or "due"
    )
    buckets = session.remembered(questions.ageing, snapshot, book.currency, basis)
    st.altair_chart(
        charts.ageing([(b.bucket, b.open_minor, b.receivables) for b in buckets], book.currency),
        theme=None,
        alt=f"Bars: the open book by age, {BASES[basis].lower()}; figures in the table below",
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


def _debtors(book: Book, exposures: list[DebtorExposure]) -> None:
    st.subheader("Who owes it?", anchor=False)
    shown = exposures[:_TOP]
    table(
        [
            Column("Debtor"),
            Column("Country"),
            Column("Receivables", is_figure=True),
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
                percent(exposure.share_ppm),
            ]
            for exposure in shown
        ],
        caption=f"The {len(shown)} largest of {plural(len(exposures), 'debtor')}",
    )


def _onwards(book: Book, exposures: list[DebtorExposure], snapshot: Snapshot) -> None:
    rows = pl.DataFrame(
        [
            {
                "debtor_id": exposure.debtor_id,
                "debtor": exposure.label,
                "country": exposure.country,
                "currency": book.currency,
                "open": str(major(exposure.open_minor, book.currency)),
                "past_due": str(major(exposure.past_due_minor, book.currency)),
                "receivables": exposure.receivables,
                "share_ppm": exposure.share_ppm,
            }
            for exposure in exposures
        ]
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.page_link("screens/decisions.py", label="See the decisions on this book →")
        if session.may_export(snapshot.tenant_id):
            name = f"debtors-{snapshot.tenant_id}-{book.currency}-{snapshot.snapshot_id}.csv"
            st.download_button(
                f"Download {plural(len(exposures), 'debtor')} as CSV",
                rows.write_csv(),
                file_name=name,
                mime="text/csv",
            )


show()
