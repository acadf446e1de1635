"""Who will pay late, and what would it cost? Grades, debtors, limits, the score's record."""

from html import escape

import streamlit as st

from apps import questions, risk
from apps.access import Permission
from apps.dashboard import charts, exposure_section, score_section, session
from apps.dashboard.layout import (
    Cell,
    Choice,
    Column,
    KeyFigure,
    Way,
    address,
    empty,
    filters,
    footer,
    heading,
    key_figures,
    onwards,
    question,
    table,
    term,
)
from apps.dashboard.proof import verification_line
from apps.look import exact, key_money, money, percent, plural, share_ppm
from apps.risk import GradeRow, Outlook
from apps.warehouse import Snapshot

PAGE = "risk"
TITLE = "Who will pay late, and what would it cost?"
SOURCES = "scores.receivable_scores, decisions, marts.risk and the ledger's reservations"
GRADES = tuple(str(grade) for grade in range(1, 11))
_WEAK = 7


def show() -> None:
    """Show the page."""
    snapshot = session.snapshot(Permission.SEE_PORTFOLIO)
    currencies = session.remembered(risk.currencies, snapshot)
    if not currencies:
        st.title(TITLE, anchor=False)
        empty(
            "Nothing has been scored for this tenant.",
            "Each assessed request appears here with its grade, its probability of default and "
            "what it would cost.",
            command="ifp run",
        )
        footer(snapshot, SOURCES, verification_line())
        return
    head = st.container()
    chosen = _filters(snapshot, currencies)
    currency, seller, grade = chosen["currency"], chosen["seller"], chosen["grade"]
    whole = session.remembered(risk.outlook, snapshot, currency, seller, grade)
    if whole.requests == 0:
        with head:
            question(TITLE, f"No assessed request in <b>{escape(currency)}</b> fits.")
        empty("No assessed request fits these filters.", "Clear the filters to see all of them.")
        footer(snapshot, SOURCES, verification_line())
        return
    graded = session.remembered(risk.by_grade, snapshot, currency, seller, grade)
    with head:
        question(TITLE, _answer(whole, graded, currency))
    key_figures(_figures(whole, graded, currency))
    _grades(snapshot, graded, currency, seller)
    exposure_section.debtors(snapshot, currency, seller, grade)
    exposure_section.limits(snapshot, currency)
    score_section.show(snapshot)
    onwards(
        snapshot,
        [
            Way(f"Decisions in grade {_WEAK}", "decisions", {"grade": str(_WEAK)}),
            Way("What the book is worth", "portfolio", {"currency": currency}),
        ],
    )
    footer(snapshot, SOURCES, verification_line())


def _filters(snapshot: Snapshot, currencies: list[str]) -> dict[str, str]:
    return filters.bar(
        PAGE,
        [
            Choice("seller", "Seller", session.remembered(questions.sellers, snapshot)),
            Choice(
                "currency",
                "Currency",
                {code: code for code in currencies},
                every=None,
                help="Amounts of different currencies are never added.",
            ),
            Choice("grade", "Grade", {grade: grade for grade in GRADES}, help="1 is best"),
        ],
    )


def _weak(graded: list[GradeRow]) -> tuple[int, int]:
    """Return requests and face value in grades that are not approved without a person."""
    weak = [row for row in graded if row.grade is not None and row.grade >= _WEAK]
    return sum(row.requests for row in weak), sum(row.face_minor for row in weak)


def _answer(whole: Outlook, graded: list[GradeRow], currency: str) -> str:
    number, _ = _weak(graded)
    late = term("paid late", "Paid after the due date, by the lateness score of each request.")
    return (
        f"Of <b>{escape(money(whole.face_minor, currency))}</b> on "
        f"<b>{plural(whole.requests, 'assessed request')}</b>, "
        f"<b>{escape(key_money(whole.late_minor, currency))}</b> "
        f"({percent(share_ppm(whole.late_minor, whole.face_minor), 0)}) will probably be {late}; "
        f"<b>{escape(key_money(whole.advance_minor, currency))}</b> was advanced, of which "
        f"<b>{escape(money(whole.loss_minor, currency))}</b> is expected to be lost. "
        f"<b>{plural(number, 'request')}</b> {'stands' if number == 1 else 'stand'} in grades "
        f"{_WEAK} to 10, where nothing is advanced without a person."
    )


def _figures(whole: Outlook, graded: list[GradeRow], currency: str) -> list[KeyFigure]:
    number, face = _weak(graded)
    weak = share_ppm(face, whole.face_minor)
    return [
        KeyFigure(
            "Advances paid late",
            percent(share_ppm(whole.late_advance_minor, whole.advance_minor)),
            f"expected: {money(whole.late_advance_minor, currency)} of "
            f"{key_money(whole.advance_minor, currency)} advanced",
        ),
        KeyFigure(
            "Expected loss",
            key_money(whole.loss_minor, currency),
            f"{percent(share_ppm(whole.loss_minor, whole.advance_minor), 3)} of the advances, "
            "over their terms",
        ),
        KeyFigure(
            "Probability of default",
            percent(whole.pd_ppm),
            "within twelve months, mean of all assessed requests by face value",
        ),
        KeyFigure(
            f"Grades {_WEAK} to 10",
            percent(weak),
            f"of face value on {plural(number, 'request')}",
            tone="attention" if weak and weak > 250_000 else None,
        ),
    ]


def _grades(snapshot: Snapshot, graded: list[GradeRow], currency: str, seller: str) -> None:
    heading("How is the book graded?", "Grade 1 is best, 10 is worst; a grade leads to its list.")
    charts.show(
        charts.grades([(row.grade, row.face_minor, row.requests) for row in graded], currency),
        "Bars: face value of assessed requests by risk grade; figures in the table below",
    )
    table(
        [
            Column("Grade"),
            Column("Requests", is_figure=True),
            Column("Approved", is_figure=True, is_extra=True),
            Column(f"Face, {currency}", is_figure=True),
            Column("PD", is_figure=True),
            Column("Pays late", is_figure=True),
            Column(f"Advanced, {currency}", is_figure=True, is_extra=True),
            Column(f"Expected loss, {currency}", is_figure=True),
        ],
        [
            [
                _grade_cell(snapshot, row, currency, seller),
                f"{row.requests:,}",
                f"{row.approved:,}",
                exact(row.face_minor, currency),
                percent(row.pd_ppm, 2),
                percent(row.late_ppm),
                exact(row.advance_minor, currency),
                exact(row.loss_minor, currency),
            ]
            for row in graded
        ],
        caption="Assessed requests by grade; probabilities are means by face value",
    )


def _grade_cell(snapshot: Snapshot, row: GradeRow, currency: str, seller: str) -> Cell:
    if row.grade is None:
        return Cell("No grade", note="The request was refused before it was graded")
    link = address("decisions", snapshot, grade=str(row.grade), currency=currency, seller=seller)
    return Cell(f"Grade {row.grade}", link=link)


show()
