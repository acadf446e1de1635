"""How good the lateness models are, measured on data they have not seen.

    settled invoices ──split by time──► train before, test after ──► AUC, Brier, KS, MAE of days
                     beside: the best single history feature, and a constant

Figures carry 95 % intervals from a bootstrap that draws whole debtors, since invoices of one debtor
are not independent; differences are paired on the same draws. The best single feature is chosen on
the training rows, as it would have to be in life. No dispute flag is used anywhere: it becomes
known after issue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from models.domain.matrix import MISSING, Matrix
from models.scores.scoring import ScoreModels

Floats = npt.NDArray[np.float64]
SINGLE_FEATURES = (
    "late_rate_all_ppm", "late_rate_365_ppm", "dts_mean_all_mdays", "dts_mean_365_mdays",
    "dbt_mean_all_mdays", "dbt_mean_365_mdays", "last3_dbt_mean_mdays", "last3_late_rate_ppm",
    "late_amount_rate_365_ppm",
)  # fmt: skip
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure with its 95 % interval.

    Attributes:
        value: The figure.
        low: Lower bound.
        high: Upper bound.
    """

    value: float
    low: float
    high: float

    def body(self) -> dict[str, int]:
        """Give parts per million, for records that hold no floats."""
        return {n: round(getattr(self, n) * 1_000_000) for n in ("value", "low", "high")}


@dataclass(frozen=True)
class Evaluation:
    """Measured quality at one origin.

    Attributes:
        origin: Trained on invoices settled before, tested on those issued from this day on.
        train_count: Training examples.
        test_count: Test invoices.
        debtor_count: Debtors among them.
        late_share: Share of the test invoices paid late.
        single_feature: Name of the best single history feature.
        auc: Model name to AUC: ``card``, ``challenger``, ``single``, ``constant``.
        gain: Paired AUC difference card − single.
        challenger_gain: Paired AUC difference challenger − card.
        brier: Model name to Brier score: ``card``, ``challenger``, ``constant``.
        ks: Kolmogorov–Smirnov distance of the card.
        mae_days: ``model``, ``debtor_mean``, ``median`` to the mean absolute error in days.
        coverage: Share of invoices paid between the 10 and 90 % quantiles.
        origin_kind: ``trained`` or ``expert`` card.
    """

    origin: date
    train_count: int
    test_count: int
    debtor_count: int
    late_share: float
    single_feature: str
    auc: Mapping[str, Figure]
    gain: Figure
    challenger_gain: Figure
    brier: Mapping[str, float]
    ks: float
    mae_days: Mapping[str, float]
    coverage: float
    origin_kind: str

    def body(self) -> dict[str, object]:
        """Give the figures as integers (parts per million; days in thousandths) and texts."""
        return {
            "origin": self.origin.isoformat(),
            "train_count": self.train_count,
            "test_count": self.test_count,
            "debtor_count": self.debtor_count,
            "late_share_ppm": round(self.late_share * 1_000_000),
            "single_feature": self.single_feature,
            "auc_ppm": {name: figure.body() for name, figure in self.auc.items()},
            "gain_ppm": self.gain.body(),
            "challenger_gain_ppm": self.challenger_gain.body(),
            "brier_ppm": {name: round(v * 1_000_000) for name, v in self.brier.items()},
            "ks_ppm": round(self.ks * 1_000_000),
            "mae_mdays": {name: round(v * 1000) for name, v in self.mae_days.items()},
            "coverage_ppm": round(self.coverage * 1_000_000),
            "card": self.origin_kind,
        }


def measure(
    models: ScoreModels,
    train: pl.DataFrame,
    test: pl.DataFrame,
    origin: date,
    *,
    draws: int = DRAWS,
) -> Evaluation:
    """Measure models on test examples.

    Args:
        models: Trained on ``train`` only.
        train: Training examples; baselines are chosen here.
        test: Feature columns, ``debtor_id``, ``is_late``, ``days_to_pay``.
        origin: The day that parts them.
        draws: Bootstrap draws.
    """
    late = test["is_late"].to_numpy().astype(np.float64)
    scored = models.score(test)
    champion = -scored["late_thousandths"].to_numpy().astype(np.float64)
    single = best_single(train)
    rankings = {
        "card": champion,
        "challenger": _challenger(models, test, champion),
        "single": _filled(test, single, train),
        "constant": np.zeros(len(test)),
    }
    samples = _samples(test["debtor_id"], draws)
    drawn = {name: np.array([auc(late[s], r[s]) for s in samples]) for name, r in rankings.items()}
    values = {name: auc(late, ranking) for name, ranking in rankings.items()}
    days = test["days_to_pay"].to_numpy().astype(np.float64)
    p10, p50, p90 = (scored[f"days_to_pay_{q}"].to_numpy() for q in ("p10", "p50", "p90"))
    return Evaluation(
        origin=origin,
        train_count=len(train),
        test_count=len(test),
        debtor_count=test["debtor_id"].n_unique(),
        late_share=float(late.mean()),
        single_feature=single,
        auc={name: _figure(values[name], drawn[name]) for name in rankings},
        gain=_figure(values["card"] - values["single"], drawn["card"] - drawn["single"]),
        challenger_gain=_figure(
            values["challenger"] - values["card"], drawn["challenger"] - drawn["card"]
        ),
        brier={
            "card": _brier(late, scored["late_ppm"].to_numpy() / 1_000_000),
            "challenger": _brier(late, scored["challenger_late_ppm"].to_numpy() / 1_000_000),
            "constant": _brier(late, np.full(len(late), float(train["is_late"].mean() or 0))),  # type: ignore[arg-type]
        },
        ks=ks(late, champion),
        mae_days={
            "model": float(np.abs(p50 - days).mean()),
            "debtor_mean": float(np.abs(_debtor_mean(test, train) - days).mean()),
            "median": float(np.abs(float(train["days_to_pay"].median() or 0) - days).mean()),  # type: ignore[arg-type]
        },
        coverage=float(((p10 <= days) & (days <= p90)).mean()),
        origin_kind=models.lateness.origin,
    )


def best_single(train: pl.DataFrame) -> str:
    """Name the history feature that ranks the training rows best."""
    late = train["is_late"].to_numpy().astype(np.float64)
    return max(SINGLE_FEATURES, key=lambda name: auc(late, _filled(train, name, train)))


def auc(bad: Floats, ranking: Floats) -> float:
    """Give the area under the ROC curve, ties counted half; 0.5 when a class is absent."""
    positives = bad.sum()
    negatives = len(bad) - positives
    if not positives or not negatives:
        return 0.5
    _, inverse, counts = np.unique(ranking, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    return float(
        (ranks[bad == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives)
    )


def ks(bad: Floats, ranking: Floats) -> float:
    """Give the largest distance between the two classes' distributions."""
    positives = bad.sum()
    negatives = len(bad) - positives
    if not positives or not negatives:
        return 0.0
    values, inverse = np.unique(ranking, return_inverse=True)
    hits = np.bincount(inverse, weights=bad, minlength=len(values)).cumsum() / positives
    misses = np.bincount(inverse, weights=1 - bad, minlength=len(values)).cumsum() / negatives
    return float(np.abs(hits - misses).max())


def _challenger(models: ScoreModels, test: pl.DataFrame, champion: Floats) -> Floats:
    if models.challenger is None:
        return champion
    block = Matrix.of(test, models.challenger.features)
    return models.challenger.evaluate(block).astype(np.float64)


def _filled(frame: pl.DataFrame, name: str, train: pl.DataFrame) -> Floats:
    """Give a feature with missing values at the training mean."""
    values = Matrix.of(frame, [name]).column(name)
    known = train[name].drop_nulls()
    usual = float(known.mean()) if len(known) else 0.0  # type: ignore[arg-type]
    return np.where(values == MISSING, usual, values.astype(np.float64))


def _debtor_mean(test: pl.DataFrame, train: pl.DataFrame) -> Floats:
    """Give the debtor's mean days to settle as known at each issue, the usual one without any."""
    return _filled(test, "dts_mean_all_mdays", train) / 1000


def _samples(debtors: pl.Series, draws: int) -> Sequence[npt.NDArray[np.int64]]:
    """Draw debtors with replacement, from a fixed seed, and give their rows."""
    numbers = debtors.rank("dense").to_numpy().astype(np.int64) - 1
    order = np.argsort(numbers, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
    generator = np.random.default_rng(20260101)
    picks = generator.integers(0, len(groups), size=(draws, len(groups)))
    return [np.concatenate([groups[i] for i in pick]) for pick in picks]


def _figure(value: float, drawn: Floats) -> Figure:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Figure(value, float(low), float(high))


def _brier(late: Floats, probability: Floats) -> float:
    return float(np.mean((probability - late) ** 2))
