"""Control totals say when something is not accounted for."""

import polars as pl

from models.decisions.eligibility import REASONS
from models.portfolio.totals import RULES, Control, waterfall


def control(**changed: int) -> Control:
    lines = {
        "file_minor": 1000, "rejected_minor": 10, "repeated_minor": 20, "after_as_of_minor": 30,
        "rounding_minor": 1, "other_minor": 2, "sign_minor": 0, "settled_minor": 437,
        "outstanding_minor": 500,
    }  # fmt: skip
    return Control(**{**lines, **changed})


def test_every_amount_is_in_one_line() -> None:
    assert control().difference_minor == 0
    assert control().body()["difference_minor"] == 0


def test_what_is_missing_shows() -> None:
    assert control(settled_minor=400).difference_minor == 37


def test_outstanding_less_what_rules_take_is_eligible() -> None:
    receivables = pl.DataFrame({"open_minor": [100, 50, -20], "eligible_minor": [0, 40, -20]})
    lines = pl.DataFrame({"rule": ["E03", "E10"], "amount_minor": [100, 10]})
    found = waterfall(receivables, lines, REASONS)
    assert (found["gross_minor"], found["eligible_minor"]) == (130, 20)
    assert found["difference_minor"] == 0
    assert [line["rule"] for line in found["lines"]] == ["E03", "E10"]


def test_a_line_that_is_lost_shows_as_a_difference() -> None:
    receivables = pl.DataFrame({"open_minor": [100], "eligible_minor": [0]})
    nothing = pl.DataFrame({"rule": [], "amount_minor": []}, schema_overrides={"rule": pl.String})
    assert waterfall(receivables, nothing, REASONS)["difference_minor"] == 100


def test_every_rule_has_its_words() -> None:
    assert set(RULES) == set(REASONS)
