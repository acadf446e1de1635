"""Whether a score still sees the population it was made for.

PSI = Σ (actual − expected) · ln(actual / expected) over bins. The customary bounds 0.10 and 0.25
ignore the sample size; the critical value χ² · (1/N + 1/M) does not (Yurdakul and Naranjo, 2020).
Both are reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from scipy.stats import chi2

AMBER, RED = 0.10, 0.25
LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Stability:
    """A measured shift.

    Attributes:
        psi: The index.
        critical: Value that chance alone exceeds in 5 % of cases.
    """

    psi: float
    critical: float

    @property
    def is_shifted(self) -> bool:
        """The shift is more than chance."""
        return self.psi > self.critical


def stability(expected: Sequence[int], actual: Sequence[int]) -> Stability:
    """Compare two counts over the same bins.

    Raises:
        ValueError: The bins differ in number, or one side is empty.
    """
    n, m = sum(expected), sum(actual)
    if len(expected) != len(actual) or len(expected) < 2 or not n or not m:
        raise ValueError("two filled counts over the same bins are needed")
    shares = [
        (max(e / n, LEAST_SHARE), max(a / m, LEAST_SHARE))
        for e, a in zip(expected, actual, strict=True)
    ]
    psi = sum((a - e) * log(a / e) for e, a in shares)
    critical = float(chi2.ppf(0.95, len(expected) - 1)) * (1 / n + 1 / m)
    return Stability(psi, critical)
