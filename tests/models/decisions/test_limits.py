"""Limits follow turnover, purchases and the bureau, between floor and cap."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from models.decisions.limits import Exposure, limits
from models.decisions.policy import Policy

TODAY = date(2026, 6, 30)
NOBODY = pl.DataFrame(schema={"debtor_id": pl.String})


@pytest.fixture
def sold(
    make_receivable: Callable[..., dict[str, Any]], make_frame: Callable[..., pl.DataFrame]
) -> Callable[..., pl.DataFrame]:
    def build(*gross: int, **given: Any) -> pl.DataFrame:
        return make_frame(
            [
                make_receivable(receivable_id=f"r{i}", gross_minor=g, **given)
                for i, g in enumerate(gross)
            ]
        )

    return build


def test_limits_are_shares_of_the_last_year(
    sold: Callable[..., pl.DataFrame], policy: Policy
) -> None:
    found = limits(sold(400_000_000, 800_000_000), NOBODY, policy, TODAY)
    assert found["seller", "s1", "EUR"] == 300_000_000
    assert found["debtor", "d1", "EUR"] == policy.minor(1_000_000, "EUR")


def test_the_floor_holds_for_small_books(sold: Callable[..., pl.DataFrame], policy: Policy) -> None:
    found = limits(sold(100), NOBODY, policy, TODAY)
    assert set(found.values()) == {policy.minor(25_000, "EUR")}


def test_the_bureau_can_only_lower_a_limit(
    sold: Callable[..., pl.DataFrame], policy: Policy
) -> None:
    advised = pl.DataFrame(
        {"debtor_id": ["d1"], "bureau_limit_minor": [90_000], "bureau_currency": ["USD"]}
    )
    found = limits(sold(1_200_000_000), advised, policy, TODAY)
    assert found["debtor", "d1", "EUR"] == 81_000
    assert found["seller", "s1", "EUR"] > 81_000


def test_older_and_annulled_sales_do_not_count(
    sold: Callable[..., pl.DataFrame], policy: Policy
) -> None:
    assert limits(sold(10**9, issued_on=date(2025, 6, 1)), NOBODY, policy, TODAY) == {}
    assert limits(sold(10**9, status="void"), NOBODY, policy, TODAY) == {}


def test_exposure_adds_up_per_limit_and_currency() -> None:
    exposure = Exposure.of([("debtor", "d", "EUR", 5), ("debtor", "d", "EUR", 6)])
    exposure.add(("debtor", "d", "USD"), 1)
    assert exposure.of_key(("debtor", "d", "EUR")) == 11
    assert exposure.of_key(("debtor", "d", "USD")) == 1
    assert exposure.of_key(("seller", "d", "EUR")) == 0
