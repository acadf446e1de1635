"""An assessment's sentences, tables and curve come from the answer and nothing else."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.reports import book_assessment_charts as charts
from apps.reports.book_assessment import headline, questions
from apps.reports.book_assessment_tables import TABLES, rejects, table
from apps.reports.document import Kind

AS_OF = date(2026, 5, 20)


@pytest.fixture
def result() -> dict[str, Any]:
    """An answer as `result.json` holds it."""
    return json.loads(Path(__file__).with_name("assessment.json").read_text(encoding="utf-8"))


@pytest.fixture
def euros(result: dict[str, Any]) -> dict[str, Any]:
    return result["currencies"][0]


def answers(item: dict[str, Any]) -> dict[str, str]:
    return {one.key: one.answer for one in questions(item, AS_OF)}


def test_the_headline_names_what_is_owed_eligible_and_on_offer(euros: dict[str, Any]) -> None:
    assert headline(euros) == (
        "EUR 10.3 k is outstanding on 9 invoices of 5 debtors, 32 % of it past due; EUR 3.52 k is"
        " eligible, and EUR 961 could be advanced now for EUR 8.12."
    )


def test_every_question_is_answered_by_a_sentence(euros: dict[str, Any]) -> None:
    told = answers(euros)
    assert next(iter(told)) == "outstanding"
    assert "control" in told
    assert all(text.endswith(".") for text in told.values())


def test_a_difference_is_said_loudly(euros: dict[str, Any]) -> None:
    assert answers(euros)["control"].startswith("Yes.")
    euros["control"]["difference_minor"] = 100
    assert "Do not rely on these figures" in answers(euros)["control"]


def test_without_history_no_range_is_claimed(euros: dict[str, Any]) -> None:
    euros["collections"]["has_history"] = False
    assert "only the due dates speak" in answers(euros)["collections"]


def test_early_and_late_are_said_the_right_way_round(euros: dict[str, Any]) -> None:
    everyone = euros["all_payers"]
    names = ("days_late_mdays", "days_late_low_mdays", "days_late_high_mdays")
    for values, words in (
        ((3000, 2000, 4000), "3.0 days after it (2.0 to 4.0)"),
        ((-3000, -4000, -2000), "3.0 days before it (2.0 to 4.0)"),
        ((500, -1000, 2000), "0.5 days after it (from -1.0 to 2.0)"),
        ((500, None, None), "0.5 days after it."),
    ):
        everyone.update(zip(names, values, strict=True))
        assert words in answers(euros)["payers"]


@pytest.mark.parametrize("name", TABLES)
def test_rows_fit_their_columns(result: dict[str, Any], name: str) -> None:
    made = table(name, result["currencies"], "the marts")
    assert all(len(row) == len(made.columns) for row in made.rows)
    assert len(made.name) <= 31
    for row in made.rows:
        for column, value in zip(made.columns, row, strict=True):
            if column.kind is Kind.MONEY:
                assert value is None or isinstance(value, Decimal)


def test_ageing_and_eligibility_end_in_the_same_money(euros: dict[str, Any]) -> None:
    ageing = TABLES["Ageing"].of(euros)
    eligibility = TABLES["Eligibility"].of(euros)
    assert ageing[-1][2] == ageing[-1][5] == eligibility[0][3]
    assert sum(row[3] for row in eligibility[:-1]) == eligibility[-1][3]


def test_periods_at_the_end_that_bring_nothing_are_left_out(euros: dict[str, Any]) -> None:
    weeks = euros["collections"]["weeks"]
    rows = TABLES["Collections by week"].of(euros)
    assert 1 < len(rows) < len(weeks)
    assert sum(row[2] for row in rows) == Decimal(euros["outstanding"]["invoices_minor"]) / 100


def test_what_could_not_be_read_is_listed_with_its_place(result: dict[str, Any]) -> None:
    (row,) = rejects(result).rows
    assert row[0] == "row 49"
    assert row[1] == "amount_unreadable"


def test_the_curve_says_in_words_what_it_shows(euros: dict[str, Any]) -> None:
    weeks = euros["collections"]["weeks"]
    drawn = charts.curve(weeks, "EUR", weeks[-1]["cumulative_minor"])
    assert drawn.count("<svg") == 2
    assert 'aria-label="Collections over 13 weeks' in drawn
    assert charts.curve(weeks, "EUR", 0) == ""


def test_bars_stay_within_their_cell() -> None:
    assert 'width="100.00"' in charts.bar(2_000_000)
    assert charts.bar(None) == ""
    assert charts.interval(-5.0, 0.0, 5.0, (-5.0, 5.0)).count("<rect") == 3
