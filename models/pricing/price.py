"""What the money costs: the floor, the price, and what is disclosed.

    floor = funding A·cof·d/360 + EL + opex + capital A·k·(ROE/(1−tax) − cof)·d/365
    fee   = max(minimum · d/30, floor · (1 + margin)), posted half-even to the minor unit

with EL = PD·d/365 · LGD · A + max(0, dilution − (1 − A/face)) · face (DOMAIN section 8 stage 7).
Decimals only, under a context of our own; money is posted once, at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

_CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN)
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """Rates as decimal fractions per year, read once from the policy.

    Attributes:
        cost_of_funds: What the money costs us.
        lgd: Share lost when the debtor defaults.
        opex_fixed: Cost per purchase, minor units.
        opex_rate: Cost as a share of the advance.
        capital_ratio: Equity held against the advance.
        return_on_equity: What that equity must earn after tax.
        tax: Tax rate.
        margin: Added to the floor.
        min_price_30d: Least discount per 30 days.
        funding_days: Day count of funding, 360 or 365.
        year_days: Day count of risk and capital.
    """

    cost_of_funds: Decimal
    lgd: Decimal
    opex_fixed: Decimal
    opex_rate: Decimal
    capital_ratio: Decimal
    return_on_equity: Decimal
    tax: Decimal
    margin: Decimal
    min_price_30d: Decimal
    funding_days: int = 360
    year_days: int = 365


@dataclass(frozen=True, slots=True)
class Floor:
    """The parts of the floor, unrounded, in minor units.

    Attributes:
        expected_loss: Credit and dilution loss expected.
        funding: Interest on the advance.
        opex: Cost of doing it.
        capital: Cost of the equity behind it.
        total: Their sum.
    """

    expected_loss: Decimal
    funding: Decimal
    opex: Decimal
    capital: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """A posted price.

    Attributes:
        fee_minor: Discount in money.
        price_ppm: Discount over the face, parts per million.
        price_30d_ppm: The same per 30 days.
        expected_loss_minor: Rounded expected loss.
        el_bps: Expected loss over the advance.
        apr_ppm: Simple yearly rate, fee / advance · 365 / days.
        raroc_ppm: Return on the equity behind it after tax, per year.
    """

    fee_minor: int
    price_ppm: int
    price_30d_ppm: int
    expected_loss_minor: int
    el_bps: int
    apr_ppm: int
    raroc_ppm: int


NO_PRICE = Price(0, 0, 0, 0, 0, 0, 0)
"""The price of nothing advanced."""


def floor(
    terms: PriceTerms,
    *,
    advance_minor: int,
    face_minor: int,
    days: int,
    pd_ppm: int,
    dilution_ppm: int = 0,
) -> Floor:
    """Give the least that covers all costs of one purchase."""
    with localcontext(_CONTEXT):
        advance, term = Decimal(advance_minor), Decimal(days)
        year = Decimal(terms.year_days)
        credit = Decimal(pd_ppm) / _MILLION * term / year * terms.lgd * advance
        diluted = Decimal(dilution_ppm) / _MILLION * face_minor - (face_minor - advance)
        loss = credit + max(Decimal(0), diluted)
        funding = advance * terms.cost_of_funds * term / terms.funding_days
        opex = terms.opex_fixed + terms.opex_rate * advance
        hurdle = terms.return_on_equity / (1 - terms.tax) - terms.cost_of_funds
        capital = advance * terms.capital_ratio * hurdle * term / year
        return Floor(loss, funding, opex, capital, loss + funding + opex + capital)


def price(
    terms: PriceTerms,
    *,
    advance_minor: int,
    face_minor: int,
    days: int,
    pd_ppm: int,
    dilution_ppm: int = 0,
) -> Price:
    """Price one purchase; all zero when nothing is advanced."""
    if advance_minor <= 0 or face_minor <= 0:
        return NO_PRICE
    parts = floor(
        terms,
        advance_minor=advance_minor,
        face_minor=face_minor,
        days=days,
        pd_ppm=pd_ppm,
        dilution_ppm=dilution_ppm,
    )
    with localcontext(_CONTEXT):
        least = terms.min_price_30d * face_minor * days / 30
        fee = _whole(max(least, parts.total * (1 + terms.margin)))
        earned = (fee - parts.funding - parts.expected_loss - parts.opex) * (1 - terms.tax)
        equity = advance_minor * terms.capital_ratio
        return Price(
            fee_minor=fee,
            price_ppm=_whole(fee * _MILLION / face_minor),
            price_30d_ppm=_whole(fee * _MILLION * 30 / (Decimal(face_minor) * days)),
            expected_loss_minor=_whole(parts.expected_loss),
            el_bps=_whole(parts.expected_loss * 10_000 / advance_minor),
            apr_ppm=_whole(fee * _MILLION * terms.year_days / (Decimal(advance_minor) * days)),
            raroc_ppm=_whole(earned * _MILLION * terms.year_days / (equity * days))
            if equity
            else 0,
        )


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
