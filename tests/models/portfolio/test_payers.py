"""How debtors pay is told with how much was seen."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.portfolio.payers import described, payers, rows, together, wilson

Maker = Callable[..., dict[str, Any]]
Framer = Callable[..., pl.DataFrame]
ISSUED = date(2026, 1, 1)


@pytest.fixture
def paid(make_receivable: Maker, make_frame: Framer) -> Callable[..., pl.DataFrame]:
    def settle(*days_late: int) -> pl.DataFrame:
        return make_frame(
            [
                make_receivable(
                    receivable_id=f"r{at}",
                    issued_on=ISSUED,
                    settled_on=ISSUED + timedelta(days=30 + late),
                )
                for at, late in enumerate(days_late)
            ]
        )

    return settle


def test_means_carry_students_interval(paid: Callable[..., pl.DataFrame]) -> None:
    found = together(payers(paid(0, 10, 20)))
    assert found["settled"] == 3
    assert found["late"] == 2
    assert found["days_late_mdays"] == 10_000
    # s = 10, t(2) = 4.303: 4.303 · 10 / √3 = 24.84
    assert found["days_late_low_mdays"] == pytest.approx(10_000 - 24_843, abs=5)
    assert found["days_late_high_mdays"] == pytest.approx(10_000 + 24_843, abs=5)
    assert found["days_to_pay_mdays"] == 40_000


def test_two_payments_have_a_mean_and_no_interval(paid: Callable[..., pl.DataFrame]) -> None:
    found = together(payers(paid(4, 6)))
    assert found["days_late_mdays"] == 5_000
    assert found["days_late_low_mdays"] is None


def test_nothing_settled_is_unknown_and_not_zero(paid: Callable[..., pl.DataFrame]) -> None:
    found = together(payers(paid()))
    assert found["settled"] == 0
    assert found["late_ppm"] is None


def test_credited_and_open_invoices_are_no_payments(
    make_receivable: Maker, make_frame: Framer
) -> None:
    history = make_frame(
        [
            make_receivable(receivable_id="a", settled_on=ISSUED, status="credited"),
            make_receivable(receivable_id="b"),
        ]
    )
    assert payers(history).is_empty()


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # statsmodels proportion_confint(method="wilson"), rounded outwards
    [(0, 10, 0, 277_533), (5, 10, 236_593, 763_407), (10, 10, 722_467, 1_000_000)],
)
def test_shares_carry_wilsons_interval(hits: int, n: int, low: int, high: int) -> None:
    found = wilson(hits, n)
    assert found[0] == pytest.approx(low, abs=40)
    assert found[1] == pytest.approx(high, abs=40)


@given(n=st.integers(1, 10_000), data=st.data())
def test_an_interval_always_holds_the_share(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    low, high = wilson(hits, n)
    assert 0 <= low <= hits * 1_000_000 // n <= high <= 1_000_000


def test_debtors_come_in_the_order_asked_for(paid: Callable[..., pl.DataFrame]) -> None:
    debtors = pl.DataFrame(
        {
            "debtor_id": ["stranger", "d1"],
            "label": ["S", "D"],
            "open_minor": [7, 5],
            "share_ppm": [600_000, 400_000],
        }
    )
    found = rows(debtors, payers(paid(1, 2, 3)), {"d1": "Debtor One"})
    assert [(row["debtor"], row["settled"], row["name"]) for row in found] == [
        ("S", 0, None),
        ("D", 3, "Debtor One"),
    ]


def test_sums_of_one_are_described_alike() -> None:
    sums = {"settled": 4, "late": 1, "beyond": -8, "beyond2": 40, "taken": 100}
    found = described(sums)
    assert found["days_late_mdays"] == -2_000
    assert found["days_to_pay_mdays"] == 25_000
