"""How much of a receivable is paid at once.

    rate = min(grid(grade), product cap, 100 % - dilution - haircuts), floored to 0.5 %

Below the policy's minimum the purchase is uneconomic and the rate is 0 (DOMAIN section 8 stage 6).
All rates are basis points.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.decisions.policy import Policy

GRADE_BOUNDS_PPM = (866, 2_449, 5_657, 10_954, 21_213, 42_426, 84_853, 173_205, 500_000)
"""Upper bounds of grades 1 to 9: geometric means of the master scale's mid-points 0.05, 0.15, 0.4,
0.8, 1.5, 3, 6, 12, 25 and 100 %."""

PD_FLOOR_PPM = 500


def grade(pd_ppm: int) -> int:
    """Place a probability of default on the master scale, 1 (best) to 10."""
    return 1 + sum(pd_ppm > bound for bound in GRADE_BOUNDS_PPM)


@dataclass(frozen=True, slots=True)
class AdvanceTerms:
    """The policy's numbers for the advance, read once.

    Attributes:
        grid: Highest rate per grade, best first.
        thin_bps: Cap for debtors with little history and no bureau report.
        cap_bps: Cap of the product.
        tenor_free_days: Days without a haircut.
        tenor_step_days: Days per further step.
        tenor_step_bps: Haircut per started step.
        fx_bps: Haircut when the currency is not the seller's own.
        new_debtor_paid: Payments that make a debtor known.
        new_debtor_bps: Haircut until then.
        unverified_bps: Haircut without a purchase order.
        dilution_cap_bps: Most that dilution takes away.
        step_bps: Rates are floored to a multiple of this.
        minimum_bps: Below it, 0.
    """

    grid: tuple[int, ...]
    thin_bps: int
    cap_bps: int
    tenor_free_days: int
    tenor_step_days: int
    tenor_step_bps: int
    fx_bps: int
    new_debtor_paid: int
    new_debtor_bps: int
    unverified_bps: int
    dilution_cap_bps: int
    step_bps: int
    minimum_bps: int

    @classmethod
    def of(cls, policy: Policy) -> AdvanceTerms:
        """Read the numbers from a policy."""
        return cls(
            grid=tuple(g.advance_bps for g in policy.grades),
            thin_bps=policy.whole("thin_file.advance_bps"),
            cap_bps=policy.whole("advance.product_cap_bps"),
            tenor_free_days=policy.whole("advance.tenor_free_days"),
            tenor_step_days=policy.whole("advance.tenor_step_days"),
            tenor_step_bps=policy.whole("advance.tenor_step_bps"),
            fx_bps=policy.whole("advance.fx_haircut_bps"),
            new_debtor_paid=policy.whole("advance.new_debtor_paid"),
            new_debtor_bps=policy.whole("advance.new_debtor_bps"),
            unverified_bps=policy.whole("advance.unverified_haircut_bps"),
            dilution_cap_bps=policy.whole("advance.dilution_cap_bps"),
            step_bps=policy.whole("advance.round_to_bps"),
            minimum_bps=policy.whole("advance.uneconomic_below_bps"),
        )


def advance_bps(
    terms: AdvanceTerms,
    *,
    risk_grade: int,
    is_thin: bool,
    dilution_bps: int,
    tenor_days: int,
    is_foreign_currency: bool,
    paid: int,
    is_verified: bool,
) -> int:
    """Give the advance rate in basis points; 0 when it would be uneconomic."""
    started = -(-max(0, tenor_days - terms.tenor_free_days) // terms.tenor_step_days)
    haircuts = (
        min(dilution_bps, terms.dilution_cap_bps)
        + started * terms.tenor_step_bps
        + (terms.fx_bps if is_foreign_currency else 0)
        + (terms.new_debtor_bps if paid < terms.new_debtor_paid else 0)
        + (0 if is_verified else terms.unverified_bps)
    )
    rate = min(terms.grid[risk_grade - 1], terms.cap_bps, 10_000 - haircuts)
    if is_thin:
        rate = min(rate, terms.thin_bps)
    rate -= rate % terms.step_bps
    return rate if rate >= terms.minimum_bps else 0
