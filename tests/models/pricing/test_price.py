"""The price covers its floor, meets the worked example, and rises with risk."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pricing.price import PriceTerms, floor, price

TERMS = PriceTerms(
    cost_of_funds=Decimal("0.07"),
    lgd=Decimal("0.45"),
    opex_fixed=Decimal(0),
    opex_rate=Decimal("0.004"),
    capital_ratio=Decimal("0.08"),
    return_on_equity=Decimal("0.15"),
    tax=Decimal("0.25"),
    margin=Decimal("0.10"),
    min_price_30d=Decimal("0.005"),
)
faces = st.integers(min_value=10_000, max_value=10**11)
days = st.integers(min_value=1, max_value=180)
risks = st.integers(min_value=500, max_value=1_000_000)
rates = st.integers(min_value=5_000, max_value=9_000)


def test_the_worked_floor_is_met_to_the_cent() -> None:
    parts = floor(TERMS, advance_minor=8_500_000, face_minor=10_000_000, days=45, pd_ppm=20_000)
    assert round(parts.expected_loss) == 9_432
    assert parts.funding == Decimal(74375)
    assert parts.opex == 34_000
    assert round(parts.capital) == 10_899
    assert round(parts.total) == 128_705


@given(faces, days, risks, risks, rates)
def test_more_risk_never_costs_less(face: int, term: int, a: int, b: int, rate: int) -> None:
    advance = face * rate // 10_000
    low, high = sorted((a, b))
    cheap, dear = (
        price(TERMS, advance_minor=advance, face_minor=face, days=term, pd_ppm=pd)
        for pd in (low, high)
    )
    assert cheap.fee_minor <= dear.fee_minor
    assert cheap.expected_loss_minor <= dear.expected_loss_minor


@given(faces, days, days, risks, rates)
def test_a_longer_tenor_never_costs_less(face: int, a: int, b: int, pd: int, rate: int) -> None:
    advance = face * rate // 10_000
    short, long = sorted((a, b))
    fees = [
        price(TERMS, advance_minor=advance, face_minor=face, days=d, pd_ppm=pd).fee_minor
        for d in (short, long)
    ]
    assert fees[0] <= fees[1]


@given(faces, days, risks, rates, st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_more_dilution_never_costs_less(
    face: int, term: int, pd: int, rate: int, a: int, b: int
) -> None:
    advance = face * rate // 10_000
    fees = [
        price(
            TERMS, advance_minor=advance, face_minor=face, days=term, pd_ppm=pd, dilution_ppm=d
        ).fee_minor
        for d in sorted((a, b))
    ]
    assert fees[0] <= fees[1]


@given(faces, days, risks, rates)
def test_the_fee_covers_the_floor(face: int, term: int, pd: int, rate: int) -> None:
    advance = face * rate // 10_000
    parts = floor(TERMS, advance_minor=advance, face_minor=face, days=term, pd_ppm=pd)
    offer = price(TERMS, advance_minor=advance, face_minor=face, days=term, pd_ppm=pd)
    assert offer.fee_minor >= parts.total - 1


def test_nothing_advanced_costs_nothing() -> None:
    assert price(TERMS, advance_minor=0, face_minor=100, days=30, pd_ppm=500).fee_minor == 0


def test_disclosed_rates_follow_from_the_fee() -> None:
    offer = price(TERMS, advance_minor=8_500_000, face_minor=10_000_000, days=45, pd_ppm=20_000)
    assert offer.apr_ppm == pytest.approx(offer.fee_minor * 365e6 / (8_500_000 * 45), abs=1)
    assert offer.price_30d_ppm == pytest.approx(offer.price_ppm * 30 / 45, abs=1)
    assert offer.raroc_ppm > 0
