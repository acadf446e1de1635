"""Points cards in integer arithmetic.

    feature value ──knots──► thousandths of a point ──sum──► points ──table──► probability

Each attribute is a broken line over one feature: points at knots, straight between them, flat
outside, and its own points for a missing value. Sum, rounding and table are integers, so one row
alone and a million together score the same on every machine. Scale: 600 points are odds of 50:1,
20 points double the odds (DOMAIN section 3.2).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property

import numpy as np

from models.domain.matrix import MISSING, Ints, Matrix

POINTS_AT_BASE = 600
BASE_ODDS = 50
POINTS_TO_DOUBLE = 20
LOWEST, HIGHEST = 0, 1000
_CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One line of a card.

    Attributes:
        feature: Column it reads; integers, null for missing.
        knots: Feature values in rising order.
        points: Thousandths of a point at each knot.
        missing: Thousandths of a point for a null.
        neutral: What the average receivable gets; reasons are measured from here.
        reason: Reason code when it costs points.
    """

    feature: str
    knots: tuple[int, ...]
    points: tuple[int, ...]
    missing: int
    neutral: int
    reason: str

    def evaluate(self, values: Ints) -> Ints:
        """Give thousandths of a point for each value."""
        if len(values) == 1:
            return np.array([self._alone(int(values[0]))], dtype=np.int64)
        knots = np.asarray(self.knots, dtype=np.int64)
        points = np.asarray(self.points, dtype=np.int64)
        x = np.minimum(np.maximum(values, knots[0]), knots[-1])
        low = np.minimum(np.searchsorted(knots, x, side="right") - 1, max(len(knots) - 2, 0))
        high = np.minimum(low + 1, len(knots) - 1)
        step = np.maximum(knots[high] - knots[low], 1)
        line = points[low] + (points[high] - points[low]) * (x - knots[low]) // step
        return np.asarray(np.where(values == MISSING, self.missing, line), dtype=np.int64)

    def _alone(self, value: int) -> int:
        """Give the same for one value, without arrays: a single request has many attributes."""
        if value == MISSING:
            return self.missing
        knots, points = self.knots, self.points
        x = min(max(value, knots[0]), knots[-1])
        low = min(bisect_right(knots, x) - 1, max(len(knots) - 2, 0))
        high = min(low + 1, len(knots) - 1)
        step = max(knots[high] - knots[low], 1)
        return points[low] + (points[high] - points[low]) * (x - knots[low]) // step


@dataclass(frozen=True)
class Card:
    """A published points card.

    Attributes:
        name: Model name.
        target: What the probability is of, in words.
        origin: ``trained`` or ``expert``.
        start: Thousandths of a point before any attribute.
        attributes: Lines in fixed order; the order breaks ties between reasons.
    """

    name: str
    target: str
    origin: str
    start: int
    attributes: tuple[Attribute, ...]
    notes: tuple[str, ...] = field(default=())

    def contributions(self, features: Matrix) -> Ints:
        """Give thousandths of a point per row and attribute."""
        lines = [a.evaluate(features.column(a.feature)) for a in self.attributes]
        return np.stack(lines, axis=1) if lines else np.zeros((len(features), 0), dtype=np.int64)

    def thousandths(self, contributions: Ints) -> Ints:
        """Sum a row's contributions; finer than points, for ranking."""
        return np.asarray(contributions.sum(axis=1, dtype=np.int64) + self.start, dtype=np.int64)

    @cached_property
    def neutral(self) -> Ints:
        """Neutral thousandths per attribute."""
        return np.asarray([a.neutral for a in self.attributes], dtype=np.int64)

    def lost(self, contributions: Ints) -> Ints:
        """Give thousandths lost against the neutral value, at least 0."""
        return np.asarray(np.maximum(self.neutral - contributions, 0), dtype=np.int64)


def points(thousandths: Ints) -> Ints:
    """Round thousandths to whole points between 0 and 1,000."""
    return np.clip((thousandths + 500) // 1000, LOWEST, HIGHEST)


def probability_ppm(whole_points: Ints) -> Ints:
    """Look up the probability of the bad outcome, parts per million."""
    return np.asarray(_TABLE[whole_points], dtype=np.int64)


def points_of(probability: Decimal) -> Decimal:
    """Give the (fractional) points of a probability, the inverse of the table."""
    odds = (1 - probability) / probability
    doublings = _CONTEXT.divide(
        _CONTEXT.ln(_CONTEXT.divide(odds, Decimal(BASE_ODDS))), _CONTEXT.ln(Decimal(2))
    )
    return POINTS_AT_BASE + POINTS_TO_DOUBLE * doublings


def _probability(whole_points: int) -> int:
    doublings = _CONTEXT.divide(Decimal(whole_points - POINTS_AT_BASE), Decimal(POINTS_TO_DOUBLE))
    odds = BASE_ODDS * _CONTEXT.power(Decimal(2), doublings)
    return int((1_000_000 / (1 + odds)).to_integral_value(ROUND_HALF_EVEN))


_TABLE = np.asarray([_probability(p) for p in range(LOWEST, HIGHEST + 1)], dtype=np.int64)
