"""Fee families and settlement meet the worked examples."""

from decimal import Decimal

import pytest

from models.pricing.fees import daily_fee, interest, settlement, tiered_fee


@pytest.mark.parametrize(("days", "fee"), [(30, 2_000), (31, 2_500), (45, 3_000), (60, 3_500)])
def test_a_tier_starts_with_its_first_day(days: int, fee: int) -> None:
    found = tiered_fee(
        10_000_000,
        days,
        first_rate=Decimal("0.02"),
        first_days=30,
        step_rate=Decimal("0.005"),
        step_days=10,
    )
    assert found == fee * 100


def test_a_daily_fee_runs_by_the_day() -> None:
    assert daily_fee(10_000_000, 45, rate=Decimal("0.0005")) == 225_000


def test_interest_on_funds_is_posted_half_even() -> None:
    assert interest(8_500_000, 45, rate=Decimal("0.105")) == 111_562


def test_a_settlement_gives_rebate_and_cost() -> None:
    done = settlement(
        face_minor=10_000_000,
        advance_minor=8_500_000,
        fees_minor=325_000,
        short_paid_minor=120_000,
        days=45,
    )
    assert done.rebate_minor == 1_055_000
    assert done.cost_minor == 325_000
    assert round(done.simple_apr * 100, 2) == Decimal("31.01")
    assert round(done.effective_apr * 100, 2) == Decimal("35.57")
