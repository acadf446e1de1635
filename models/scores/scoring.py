"""All scores of a block of features: points, probabilities, days to pay, reasons.

features ──► lateness card (champion) ─┐
         ──► boosted trees (challenger) ├─► one row per receivable
         ──► default card               │
         ──► days to pay, 10/50/90 %   ─┘
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from models.domain.matrix import MISSING, Ints, Matrix
from models.scores import card as cards
from models.scores import expert
from models.scores.card import Card
from models.scores.ensemble import UNIT, Ensemble

REASONS_SHOWN = 4
EARLIEST, LATEST = 0, 730
EXPECTED_FROM = ("dts_mean_365_mdays", "dts_mean_all_mdays", "dts_sd_365_mdays", "terms_days")
"""What days to pay are guessed from while there are no trees for it."""

NUMBERS = (
    "late_points", "late_thousandths", "late_ppm", "challenger_late_ppm", "challenger_late_points",
    "default_points", "default_ppm", "days_to_pay_p10", "days_to_pay_p50", "days_to_pay_p90",
)  # fmt: skip
SCHEMA: dict[str, pl.DataType] = {
    "receivable_id": pl.String(),
    **dict.fromkeys(NUMBERS, pl.Int64()),
    "reason_codes": pl.List(pl.String()),
    "reason_values": pl.List(pl.Int64()),
    "reason_points_lost": pl.List(pl.Int64()),
}

ScoredReason = tuple[str, int | None, int]
"""Code, feature value, points lost."""


class Scored(NamedTuple):
    """The scores of one receivable; see ``SCHEMA`` for the frame's names.

    Attributes:
        late_points: Points of the lateness card.
        late_thousandths: The same, finer, for ranking.
        late_ppm: Probability of late payment.
        challenger_late_ppm: The challenger's opinion.
        challenger_late_points: The same in points.
        default_points: Points of the default card.
        default_ppm: Probability of default within twelve months.
        days_to_pay_p10: Days from issue that 10 % are paid by.
        days_to_pay_p50: Days from issue that half are paid by.
        days_to_pay_p90: Days from issue that 90 % are paid by.
        reasons: What costs most points, worst first.
    """

    late_points: int
    late_thousandths: int
    late_ppm: int
    challenger_late_ppm: int
    challenger_late_points: int
    default_points: int
    default_ppm: int
    days_to_pay_p10: int
    days_to_pay_p50: int
    days_to_pay_p90: int
    reasons: tuple[ScoredReason, ...]


@dataclass(frozen=True)
class Scores:
    """The scores of a block, rows in its order.

    Attributes:
        numbers: One column per name in ``NUMBERS``.
        reasons: Reasons per row.
    """

    numbers: Ints
    reasons: list[tuple[ScoredReason, ...]]

    def rows(self) -> Iterator[Scored]:
        """Give the rows one by one."""
        for row, reasons in zip(self.numbers.tolist(), self.reasons, strict=True):
            yield Scored._make((*row, reasons))

    def frame(self, receivable_ids: pl.Series) -> pl.DataFrame:
        """Give a frame of ``SCHEMA``."""
        block = Matrix(NUMBERS, self.numbers)
        columns = {
            "receivable_id": receivable_ids,
            **{series.name: series for series in block.series()},
            "reason_codes": [[code for code, _, _ in row] for row in self.reasons],
            "reason_values": [[value for _, value, _ in row] for row in self.reasons],
            "reason_points_lost": [[lost for _, _, lost in row] for row in self.reasons],
        }
        return pl.DataFrame(columns, schema=SCHEMA)


@dataclass(frozen=True)
class ScoreModels:
    """Every model that takes part in a decision.

    Attributes:
        lateness: Champion card for late payment.
        default: Card for default within twelve months.
        challenger: Boosted trees for late payment; may be absent.
        challenger_scale: Thousandths of a point at even odds and per unit of log-odds, which
            carry the challenger's calibration.
        days_to_pay: Quantile trees for 10, 50 and 90 %; may be absent.
        hashes: Model name to hash of its stored form, set by the registry.
    """

    lateness: Card
    default: Card
    challenger: Ensemble | None = None
    challenger_scale: tuple[int, int] = (487_123, 28_854)
    days_to_pay: tuple[Ensemble, Ensemble, Ensemble] | None = None
    hashes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def expert(cls) -> ScoreModels:
        """Give the hand-written models."""
        return cls(lateness=expert.lateness(), default=expert.default())

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Names of all columns any model reads, in alphabetical order."""
        names = {a.feature for card in (self.lateness, self.default) for a in card.attributes}
        for ensemble in (self.challenger, *(self.days_to_pay or ())):
            names |= set(ensemble.features) if ensemble else set()
        if self.days_to_pay is None:
            names |= set(EXPECTED_FROM)
        return tuple(sorted(names))

    def score(self, features: pl.DataFrame) -> pl.DataFrame:
        """Score a frame of ``receivable_id`` and feature columns; absent columns are missing."""
        block = Matrix.of(features, self.features, optional=True)
        return self.read(block).frame(features["receivable_id"])

    def read(self, features: Matrix) -> Scores:
        """Score a block that holds all of :attr:`features`."""
        late = self.lateness.contributions(features)
        default = self.default.contributions(features)
        late_thousandths = self.lateness.thousandths(late)
        late_points = cards.points(late_thousandths)
        default_points = cards.points(self.default.thousandths(default))
        challenger = self._challenger_points(features, late_points)
        numbers = (
            late_points,
            late_thousandths,
            cards.probability_ppm(late_points),
            cards.probability_ppm(challenger),
            challenger,
            default_points,
            cards.probability_ppm(default_points),
            *self._days(features),
        )
        return Scores(np.stack(numbers, axis=1), self._reasons(features, default, late))

    def _challenger_points(self, features: Matrix, champion: Ints) -> Ints:
        if self.challenger is None:
            return champion
        offset, factor = self.challenger_scale
        log_odds_of_good = -self.challenger.evaluate(features) // 1000
        return cards.points(offset + factor * log_odds_of_good // (UNIT // 1000))

    def _days(self, features: Matrix) -> tuple[Ints, ...]:
        if self.days_to_pay is not None:
            half = UNIT // 2
            raw = [(e.evaluate(features) + half) // UNIT for e in self.days_to_pay]
            ordered = np.sort(np.stack(raw), axis=0)
        else:
            ordered = _expected_days(features)
        return tuple(np.minimum(np.maximum(ordered, EARLIEST), LATEST))

    def _reasons(
        self, features: Matrix, default: Ints, late: Ints
    ) -> list[tuple[ScoredReason, ...]]:
        """Rank what costs most points; ties go to the default card, then to its order."""
        attributes = [*self.default.attributes, *self.lateness.attributes]
        lost = np.concatenate((self.default.lost(default), self.lateness.lost(late)), axis=1)
        order = np.argsort(-lost, axis=1, kind="stable").tolist()
        values = features.columns([a.feature for a in attributes]).tolist()
        codes = [a.reason for a in attributes]
        found = []
        for places, costs, row in zip(order, lost.tolist(), values, strict=True):
            chosen: dict[str, ScoredReason] = {}
            for place in places:
                if costs[place] < 1000 or len(chosen) == REASONS_SHOWN:
                    break
                shown = None if row[place] == MISSING else row[place]
                reason = (codes[place], shown, (costs[place] + 500) // 1000)
                chosen.setdefault(codes[place], reason)
            found.append(tuple(chosen.values()))
        return found


def _expected_days(features: Matrix) -> Ints:
    """Guess the quantiles from the debtor's mean and spread; from the terms without history."""
    year, ever = features.column("dts_mean_365_mdays"), features.column("dts_mean_all_mdays")
    terms = (features.column("terms_days") + 3) * 1000
    mean = np.where(year != MISSING, year, np.where(ever != MISSING, ever, terms)) // 1000
    spread = features.column("dts_sd_365_mdays")
    spread = np.where(spread == MISSING, 10_000, spread) * 128 // 100_000
    spread = np.minimum(np.maximum(spread, 2), 60)
    return np.stack([mean - spread, mean, mean + spread])
