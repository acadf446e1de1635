"""Fee families and what a purchase cost in hindsight (DOMAIN section 2.3).

Amounts are minor units, rates decimal fractions; posted half-even.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

_CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN)


def tiered_fee(
    face_minor: int,
    days: int,
    *,
    first_rate: Decimal,
    first_days: int,
    step_rate: Decimal,
    step_days: int,
) -> int:
    """Give a fee of a first rate and an increment per started step."""
    started = -(-max(0, days - first_days) // step_days)
    with localcontext(_CONTEXT):
        return _whole(face_minor * (first_rate + started * step_rate))


def daily_fee(face_minor: int, days: int, *, rate: Decimal) -> int:
    """Give a fee per day on the face."""
    with localcontext(_CONTEXT):
        return _whole(face_minor * rate * days)


def interest(funds_minor: int, days: int, *, rate: Decimal, year_days: int = 360) -> int:
    """Give interest on funds in use (prime plus spread), actual days over the day count."""
    with localcontext(_CONTEXT):
        return _whole(funds_minor * rate * days / year_days)


@dataclass(frozen=True, slots=True)
class Settlement:
    """A purchase after the debtor paid.

    Attributes:
        rebate_minor: What is left of the reserve for the seller.
        cost_minor: What the seller paid in fees.
        simple_apr: Cost / advance · 365 / days, a fraction.
        effective_apr: (1 + cost / advance) ^ (365 / days) − 1, a fraction.
    """

    rebate_minor: int
    cost_minor: int
    simple_apr: Decimal
    effective_apr: Decimal


def settlement(
    *, face_minor: int, advance_minor: int, fees_minor: int, short_paid_minor: int, days: int
) -> Settlement:
    """Settle a purchase: rebate = collected − advance − fees."""
    with localcontext(_CONTEXT):
        share = Decimal(fees_minor) / advance_minor
        periods = Decimal(365) / days
        return Settlement(
            rebate_minor=face_minor - short_paid_minor - advance_minor - fees_minor,
            cost_minor=fees_minor,
            simple_apr=share * periods,
            effective_apr=(1 + share) ** periods - 1,
        )


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
