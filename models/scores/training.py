"""Models from examples: what enters which model, and when there is enough to learn from.

    examples (features as of issue, outcome) ──► lateness card (champion)
                                             ──► monotone boosted trees (challenger)
                                             ──► default card
                                             ──► quantile trees of days to pay

An example is an invoice whose outcome is known, with the features as they were known when it was
issued. Examples of debtors with fewer than three settled invoices are left out: their features say
little, and such receivables are capped by policy anyway. Below 100 bad outcomes the expert card
stays in force (DOMAIN section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from models.domain.errors import InvalidFacts
from models.domain.matrix import MISSING, Ints, Matrix
from models.scores import expert
from models.scores.card import Card
from models.scores.ensemble import UNIT, Ensemble, exported
from models.scores.evaluation import auc
from models.scores.fitting import FACTOR, OFFSET, Candidate, calibration, fit_card
from models.scores.scoring import ScoreModels

EXAMPLE_COLUMNS = ("receivable_id", "known_at", "is_late", "is_default", "days_to_pay")
LEAST_BADS = 100
LEAST_EXAMPLES = 300
LEAST_PAID = 3
LAST_FOLD = 0.2
LEAST_AUC = 0.6
LEAST_GAIN = 0.005
"""A learnt default card is used from this AUC on the last fold and this much above the expert's."""


LATENESS = (
    Candidate("late_rate_all_ppm", 1, "R302"),
    Candidate("dbt_mean_all_mdays", 1, "R305"),
    Candidate("last3_dbt_mean_mdays", 1, "R309"),
    Candidate("open_past_due_n", 1, "R303"),
    Candidate("over30_rate_365_ppm", 1, "R304"),
    Candidate("seller_late_rate_365_ppm", 1, "R311"),
    Candidate("amount_ratio_ppm", 0, "R310"),
    Candidate("amount_to_book_ppm", 0, "R310"),
    Candidate("due_weekday", 0, "R312"),
    Candidate("terms_days", 0, "R312"),
)
"""What may enter the lateness card and the challenger."""

DEFAULT = (
    Candidate("late_rate_365_ppm", 1, "R302"),
    Candidate("dbt_mean_365_mdays", 1, "R305"),
    Candidate("over30_rate_365_ppm", 1, "R304"),
    Candidate("open_past_due_share_ppm", 1, "R303"),
    Candidate("dbt_trend_365_mdays", 1, "R306"),
    Candidate("n_paid_365", -1, "R301"),
)
"""What may enter the default card."""

DAYS = (
    "dts_mean_all_mdays", "dts_mean_365_mdays", "dbt_mean_all_mdays", "last3_dbt_mean_mdays",
    "late_rate_all_ppm", "dts_sd_365_mdays", "n_paid_all", "open_past_due_n",
    "pair_dts_mean_365_mdays",
    "amount_ratio_ppm", "due_weekday", "terms_days",
)  # fmt: skip
QUANTILES = (0.1, 0.5, 0.9)


def train(examples: pl.DataFrame) -> ScoreModels:
    """Learn every model there is enough evidence for.

    Args:
        examples: Feature columns and ``EXAMPLE_COLUMNS``: ``known_at`` (when the features were
            known), ``is_late``, ``is_default`` (0 or 1, null while open), ``days_to_pay``.

    Raises:
        InvalidFacts: A column is missing.
    """
    missing = [name for name in EXAMPLE_COLUMNS if name not in examples.columns]
    if missing:
        raise InvalidFacts(f"columns are missing: {', '.join(missing)}")
    known = examples.filter(pl.col("n_paid_all") >= LEAST_PAID).sort("known_at", "receivable_id")
    settled = known.filter(pl.col("is_late").is_not_null())
    aged = known.filter(pl.col("is_default").is_not_null())
    with threadpool_limits(limits=1):  # frames are small: threads cost more than they bring
        challenger, scale = _challenger(settled)
        return ScoreModels(
            lateness=_card("payment_lateness", "is_late", settled, LATENESS) or expert.lateness(),
            default=_default_card(aged),
            challenger=challenger,
            challenger_scale=scale,
            days_to_pay=_days_to_pay(settled),
        )


def _enough(outcome: Ints) -> bool:
    bads = int(outcome.sum())
    return len(outcome) >= LEAST_EXAMPLES and min(bads, len(outcome) - bads) >= LEAST_BADS


def _card(
    name: str, label: str, examples: pl.DataFrame, candidates: Sequence[Candidate]
) -> Card | None:
    bad = _outcome(examples, label)
    if not _enough(bad):
        return None
    target = expert.lateness().target if label == "is_late" else expert.default().target
    features = Matrix.of(examples, [c.feature for c in candidates])
    return fit_card(name, target, features, bad, candidates, _last(len(bad)))


def _default_card(examples: pl.DataFrame) -> Card:
    """Learn the default card; the expert card stays unless the learnt one clearly ranks better."""
    judged = expert.default()
    learnt = _card("debtor_default", "is_default", examples, DEFAULT)
    if learnt is None:
        return judged
    last = _last(len(examples))
    bad = _outcome(examples, "is_default")[last].astype(np.float64)
    names = sorted({a.feature for card in (learnt, judged) for a in card.attributes})
    fold = Matrix.of(examples.filter(pl.Series(last)), names, optional=True)
    new, old = (
        auc(bad, -c.thousandths(c.contributions(fold)).astype(np.float64)) for c in (learnt, judged)
    )
    launched = new >= max(LEAST_AUC, old + LEAST_GAIN)
    return _with_bureau(learnt, judged) if launched else judged


def _with_bureau(card: Card, judged: Card) -> Card:
    """Add the expert card's bureau lines: reports are not known back in time, so not learnt."""
    bureau = tuple(a for a in judged.attributes if a.feature in {"failure_percentile", "paydex"})
    notes = (*card.notes, "Bureau lines are judgement.")
    return Card(card.name, card.target, card.origin, card.start, (*card.attributes, *bureau), notes)


def _challenger(examples: pl.DataFrame) -> tuple[Ensemble | None, tuple[int, int]]:
    bad = _outcome(examples, "is_late")
    if not _enough(bad):
        return None, (round(OFFSET * 1000), round(FACTOR * 1000))
    names = tuple(c.feature for c in LATENESS)
    features = Matrix.of(examples, names)
    last = _last(len(bad))
    model = HistGradientBoostingClassifier(
        max_iter=80,
        learning_rate=0.06,
        max_leaf_nodes=4,
        min_samples_leaf=30,
        l2_regularization=5.0,
        monotonic_cst=[c.direction for c in LATENESS],
        early_stopping=False,
        random_state=0,
    ).fit(_floats(features.values)[~last], bad[~last])
    ensemble = exported(model, names)
    log_odds = ensemble.evaluate(Matrix(names, features.values[last])) / UNIT
    slope, shift = calibration(log_odds, bad[last])
    return ensemble, (round((OFFSET - FACTOR * shift) * 1000), round(FACTOR * slope * 1000))


def _days_to_pay(examples: pl.DataFrame) -> tuple[Ensemble, Ensemble, Ensemble] | None:
    if len(examples) < LEAST_EXAMPLES:
        return None
    values = _floats(Matrix.of(examples, DAYS).values)
    days = examples["days_to_pay"].to_numpy().astype(np.float64)
    low, middle, high = (
        exported(
            HistGradientBoostingRegressor(
                loss="quantile",
                quantile=quantile,
                max_iter=100,
                learning_rate=0.05,
                max_leaf_nodes=4,
                min_samples_leaf=50,
                early_stopping=False,
                random_state=0,
            ).fit(values, days),
            DAYS,
        )
        for quantile in QUANTILES
    )
    return low, middle, high


def _outcome(examples: pl.DataFrame, label: str) -> Ints:
    return examples[label].to_numpy().astype(np.int64)


def _last(rows: int) -> npt.NDArray[np.bool_]:
    return np.arange(rows) >= int(rows * (1 - LAST_FOLD))


def _floats(values: Ints) -> npt.NDArray[np.float64]:
    return np.where(values == MISSING, np.nan, values.astype(np.float64))
