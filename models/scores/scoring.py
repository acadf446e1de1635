"""All scores of a frame of features: points, probabilities, days to pay, reasons.

features ──► lateness card (champion) ─┐
         ──► boosted trees (challenger) ├─► one row per receivable
         ──► default card               │
         ──► days to pay, 10/50/90 %   ─┘
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from models.scores import card as cards
from models.scores import expert
from models.scores.card import Card
from models.scores.ensemble import UNIT, Ensemble
from models.scores.matrix import MISSING, Ints, Matrix

REASONS_SHOWN = 4
EARLIEST, LATEST = 0, 730

SCHEMA: dict[str, pl.DataType] = {
    "receivable_id": pl.String(),
    "late_points": pl.Int64(),
    "late_thousandths": pl.Int64(),
    "late_ppm": pl.Int64(),
    "challenger_late_ppm": pl.Int64(),
    "challenger_late_points": pl.Int64(),
    "default_points": pl.Int64(),
    "default_ppm": pl.Int64(),
    "days_to_pay_p10": pl.Int64(),
    "days_to_pay_p50": pl.Int64(),
    "days_to_pay_p90": pl.Int64(),
    "reason_codes": pl.List(pl.String()),
    "reason_values": pl.List(pl.Int64()),
    "reason_points_lost": pl.List(pl.Int64()),
}


@dataclass(frozen=True)
class ScoreModels:
    """Every model that takes part in a decision.

    Attributes:
        lateness: Champion card for late payment.
        default: Card for default within twelve months.
        challenger: Boosted trees for late payment, with the platform's calibration; may be absent.
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
        """Score each row.

        Args:
            features: ``receivable_id`` and feature columns, integers; bureau columns are optional.

        Returns:
            One row per row of ``features`` in the same order: ``SCHEMA``.
        """
        block = Matrix.of(features, self.features, optional=True)
        late = self.lateness.contributions(block)
        default = self.default.contributions(block)
        late_thousandths = self.lateness.thousandths(late)
        late_points = cards.points(late_thousandths)
        default_points = cards.points(self.default.thousandths(default))
        challenger = self._challenger_points(block, late_points)
        p10, p50, p90 = self._days(block)
        codes, values, lost = self._reasons(block, default, late)
        return pl.DataFrame(
            {
                "receivable_id": features["receivable_id"],
                "late_points": late_points,
                "late_thousandths": late_thousandths,
                "late_ppm": cards.probability_ppm(late_points),
                "challenger_late_ppm": cards.probability_ppm(challenger),
                "challenger_late_points": challenger,
                "default_points": default_points,
                "default_ppm": cards.probability_ppm(default_points),
                "days_to_pay_p10": p10,
                "days_to_pay_p50": p50,
                "days_to_pay_p90": p90,
                "reason_codes": codes,
                "reason_values": values,
                "reason_points_lost": lost,
            },
            schema=SCHEMA,
        )

    def _challenger_points(self, features: Matrix, champion: Ints) -> Ints:
        if self.challenger is None:
            return champion
        offset, factor = self.challenger_scale
        log_odds_of_good = -self.challenger.evaluate(features) // 1000
        return cards.points(offset + factor * log_odds_of_good // (UNIT // 1000))

    def _days(self, features: Matrix) -> tuple[Ints, Ints, Ints]:
        if self.days_to_pay is not None:
            raw = [np.round(e.evaluate(features) / UNIT).astype(np.int64) for e in self.days_to_pay]
            ordered = np.sort(np.stack(raw), axis=0)
        else:
            ordered = _expected_days(features)
        clipped = np.clip(ordered, EARLIEST, LATEST)
        return clipped[0], clipped[1], clipped[2]

    def _reasons(
        self, features: Matrix, default: Ints, late: Ints
    ) -> tuple[list[list[str]], list[list[int | None]], list[list[int]]]:
        """Rank what costs most points: the default card first, lateness where it adds a code."""
        attributes = [*self.default.attributes, *self.lateness.attributes]
        lost = np.concatenate((self.default.lost(default), self.lateness.lost(late)), axis=1)
        order = np.argsort(-lost, axis=1, kind="stable")
        values_by_place = features.columns([a.feature for a in attributes])
        codes: list[list[str]] = []
        values: list[list[int | None]] = []
        points_lost: list[list[int]] = []
        for row in range(len(features)):
            chosen: dict[str, tuple[int | None, int]] = {}
            for place in order[row]:
                cost = int(lost[row, place])
                if cost < 1000 or len(chosen) == REASONS_SHOWN:
                    break
                value = int(values_by_place[row, place])
                shown = None if value == MISSING else value
                chosen.setdefault(attributes[place].reason, (shown, (cost + 500) // 1000))
            codes.append(list(chosen))
            values.append([value for value, _ in chosen.values()])
            points_lost.append([cost for _, cost in chosen.values()])
        return codes, values, points_lost


def _expected_days(features: Matrix) -> Ints:
    """Guess the quantiles from the debtor's mean and spread; from the terms without history."""
    year, ever = features.column("dts_mean_365_mdays"), features.column("dts_mean_all_mdays")
    terms = (features.column("terms_days") + 3) * 1000
    mean = np.where(year != MISSING, year, np.where(ever != MISSING, ever, terms)) // 1000
    spread = features.column("dts_sd_365_mdays")
    spread = np.where(spread == MISSING, 10_000, spread) * 128 // 100_000
    spread = np.minimum(np.maximum(spread, 2), 60)
    return np.stack([mean - spread, mean, mean + spread])


EXPECTED_FROM = ("dts_mean_365_mdays", "dts_mean_all_mdays", "dts_sd_365_mdays", "terms_days")
