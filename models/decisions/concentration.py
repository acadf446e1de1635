"""How much of a book hangs on few debtors.

HHI = Σ share², and its inverse, the number of equal debtors that would give the same (DOMAIN
section 2.4). Whole numbers in, parts per million out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concentration:
    """The concentration of a book.

    Attributes:
        hhi_ppm: Herfindahl index, parts per million; 1,000,000 is one debtor.
        effective_names_milli: 1 / HHI in thousandths of a name.
        top_share_ppm: Share of the largest.
    """

    hhi_ppm: int
    effective_names_milli: int
    top_share_ppm: int


def concentration(amounts: Iterable[int]) -> Concentration:
    """Measure positive amounts per debtor; all zero when there are none."""
    positive = [amount for amount in amounts if amount > 0]
    total = sum(positive)
    if not total:
        return Concentration(0, 0, 0)
    squares = sum(amount * amount for amount in positive)
    return Concentration(
        hhi_ppm=squares * 1_000_000 // (total * total),
        effective_names_milli=total * total * 1000 // squares,
        top_share_ppm=max(positive) * 1_000_000 // total,
    )
