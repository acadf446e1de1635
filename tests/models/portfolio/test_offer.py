"""An offer is the sum of its verdicts."""

import polars as pl

from models.portfolio.offer import offer

TEXTS = {"R120": "Due date is past", "R601": "Needs a person"}


def verdicts(*rows: tuple[str, str | None, int, int, int, int, int]) -> pl.DataFrame:
    columns = [
        "outcome", "code", "open_minor", "eligible_minor", "advance_minor", "fee_minor",
        "tenor_days",
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")


def test_sums_and_terms_are_weighted_by_money() -> None:
    found = offer(
        verdicts(
            ("approve", None, 1000, 1000, 900, 9, 30),
            ("approve", None, 1000, 1000, 700, 7, 90),
            ("refer", "R601", 500, 500, 350, 3, 15),
            ("reject", "R120", 200, 0, 0, 0, 15),
        ),
        TEXTS,
    )
    assert found["approved"] == {
        "invoices": 2, "open_minor": 2000, "eligible_minor": 2000, "advance_minor": 1600,
        "fee_minor": 16,
    }  # fmt: skip
    assert found["advance_ppm"] == 800_000
    assert found["price_ppm"] == 8_000
    assert found["tenor_days"] == 56
    # 16 a fee on 900 for 30 and 700 for 90 days: 16 · 365 / 90,000
    assert found["apr_ppm"] == 64_888
    assert [(row["code"], row["invoices"]) for row in found["reasons"]] == [
        ("R601", 1),
        ("R120", 1),
    ]


def test_nothing_offered_has_no_terms() -> None:
    found = offer(verdicts(("reject", "R120", 200, 0, 0, 0, 15)), TEXTS)
    assert found["approved"]["advance_minor"] == 0
    assert found["apr_ppm"] is None
