"""Learning from history: examples, training and honest evaluation.

    receivables ──features as of each issue──► examples ──train──► ModelRecord
    any file of settled invoices ──► rolling origins ──► Evaluation per origin

Composes the feature and score stages, which do not know each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl

from models.domain.errors import InvalidFacts
from models.domain.terms import due_dates
from models.features.contract import HISTORY_COLUMNS
from models.features.history import ANNULLED
from models.features.payment_behaviour import features
from models.scores import registry
from models.scores.evaluation import DRAWS, Evaluation, measure
from models.scores.registry import ModelRecord, hashed
from models.scores.scoring import ScoreModels
from models.scores.training import train as train_models

DEFAULT_DAYS = 90
SETTLED_COLUMNS = ("debtor", "due_on", "cleared_on", "amount_minor")
SHARES = (0.4, 0.5, 0.6, 0.7, 0.8)
"""Rolling origins: shares of the issue dates that lie before them."""


def examples(history: pl.DataFrame, as_of: datetime, *, most: int | None = None) -> pl.DataFrame:
    """Describe each past invoice as it looked when it was issued, with what became of it.

    Args:
        history: ``features.contract.HISTORY_COLUMNS``.
        as_of: Outcomes recorded later are unknown.
        most: Describe only so many, the newest; their features still see all of the history.

    Returns:
        One row per invoice recorded by ``as_of``: features, ``debtor_id``, ``issued_on``,
        ``known_at``, ``is_late``, ``days_to_pay`` (null while unsettled) and ``is_default``
        (1 when 90 days past due; null until that day has come, also for those that were paid,
        or the young ones would all look good).
    """
    history = history.select(HISTORY_COLUMNS)
    invoices = history.filter(
        (pl.col("document_type") == "invoice")
        & ~pl.col("status").is_in((*ANNULLED, "credited"))
        & (pl.col("recorded_at") <= as_of)
    ).with_columns(decided_at=pl.col("recorded_at"))
    if most is not None and len(invoices) > most:
        invoices = invoices.sort("recorded_at", "receivable_id").tail(most)
    described = features(history, invoices, as_of)
    settled = pl.when(pl.col("settled_recorded_at") <= as_of).then("settled_on")
    due = due_dates()
    beyond = (pl.coalesce(settled, pl.lit(as_of.date())) - due).dt.total_days()
    outcomes = invoices.select(
        "receivable_id",
        "debtor_id",
        "issued_on",
        known_at=pl.col("recorded_at"),
        is_late=(settled > due).cast(pl.Int64),
        days_to_pay=(settled - pl.col("issued_on")).dt.total_days(),
        is_default=pl.when(due + pl.duration(days=DEFAULT_DAYS) <= as_of.date()).then(
            (beyond >= DEFAULT_DAYS).cast(pl.Int64)
        ),
    )
    return outcomes.join(described, on="receivable_id", how="left", maintain_order="left")


def train(
    history: pl.DataFrame, as_of: datetime, *, draws: int = 200, most: int | None = None
) -> ModelRecord:
    """Train all models on a tenant's history and measure them on its last fifth.

    The published models are trained on everything known; the figures in the record come from
    models trained on the earlier part and tested on the later.

    Args:
        history: ``features.contract.HISTORY_COLUMNS``.
        as_of: Knowledge time.
        draws: Bootstrap draws for the figures.
        most: Learn from so many examples at most, the newest.
    """
    known = examples(history, as_of, most=most)
    models = hashed(train_models(known))
    settled = known.filter(pl.col("is_late").is_not_null())
    metrics: dict[str, object] = {"lateness_card": models.lateness.origin}
    if len(settled):
        origin = settled.sort("issued_on")["issued_on"][int(len(settled) * 0.8)]
        evaluation = _at(history, settled, origin, draws, most)
        if evaluation is not None:
            metrics["out_of_time"] = evaluation.body()
    return ModelRecord(
        models=models,
        trained_as_of=as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        data_hash=registry.data_hash(known),
        examples=len(known),
        metrics=metrics,
    )


def expert_record(as_of: datetime) -> ModelRecord:
    """Give the hand-written models as a record, for a tenant without history."""
    return ModelRecord(
        models=hashed(ScoreModels.expert()),
        trained_as_of=as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        data_hash="",
        examples=0,
        metrics={"lateness_card": "expert"},
    )


def evaluate(
    settled: pl.DataFrame, origins: Sequence[date] | None = None, *, draws: int = DRAWS
) -> list[Evaluation]:
    """Evaluate the lateness models on any file of settled invoices, at several origins.

    Args:
        settled: ``debtor`` (text), ``due_on``, ``cleared_on`` (dates), ``amount_minor``; optional
            ``issued_on`` (30 days before the due date when absent), ``currency``, ``seller``.
            Rows without a clear date take part as open invoices.
        origins: Days that part training and test; by default five, by share of issue dates.
        draws: Bootstrap draws.

    Returns:
        One evaluation per origin that leaves both classes on both sides, in the order given.
    """
    history = settled_history(settled)
    latest: datetime = history.select(
        pl.max_horizontal(pl.col("settled_recorded_at").max(), pl.col("recorded_at").max())
    ).item()
    known = examples(history, latest).filter(pl.col("is_late").is_not_null())
    days = known["issued_on"].sort()
    chosen = origins or sorted({days[int(len(days) * share)] for share in SHARES})
    found = (_at(history, known, origin, draws) for origin in chosen)
    return [evaluation for evaluation in found if evaluation is not None]


def settled_history(settled: pl.DataFrame) -> pl.DataFrame:
    """Turn a file of settled invoices into back-filled history rows.

    Raises:
        InvalidFacts: A column is missing or no row is usable.
    """
    missing = [name for name in SETTLED_COLUMNS if name not in settled.columns]
    if missing:
        raise InvalidFacts(f"columns are missing: {', '.join(missing)}")
    issued = (
        pl.coalesce("issued_on", pl.col("due_on") - pl.duration(days=30))
        if "issued_on" in settled.columns
        else pl.col("due_on") - pl.duration(days=30)
    )
    rows = settled.filter(
        pl.col("debtor").is_not_null() & pl.col("due_on").is_not_null()
    ).with_columns(issued_on=issued.cast(pl.Date))
    if rows.is_empty():
        raise InvalidFacts("no row has a debtor and a due date")
    text = {"seller": "seller", "currency": "currency"}
    given = [
        pl.col(name).cast(pl.String).fill_null("-") if name in rows.columns else pl.lit("-")
        for name in text
    ]
    return (
        rows.with_columns(given[0].alias("seller_id"), given[1].alias("currency"))
        .with_row_index("line")
        .select(
            tenant_id=pl.lit("file"),
            receivable_id=pl.format("line {}", pl.col("line").cast(pl.String).str.zfill(9)),
            seller_id="seller_id",
            debtor_id=pl.col("debtor").cast(pl.String),
            document_type=pl.lit("invoice"),
            status=pl.when(pl.col("cleared_on").is_null())
            .then(pl.lit("open"))
            .otherwise(pl.lit("paid")),
            currency="currency",
            gross_minor=pl.col("amount_minor").cast(pl.Int64),
            issued_on="issued_on",
            due_on="due_on",
            terms_days=(pl.col("due_on") - pl.col("issued_on")).dt.total_days(),
            settled_on="cleared_on",
            settled_recorded_at=_midnight("cleared_on"),
            recorded_at=_midnight("issued_on"),
        )
    )


def _midnight(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _at(
    history: pl.DataFrame,
    known: pl.DataFrame,
    origin: date,
    draws: int,
    most: int | None = None,
) -> Evaluation | None:
    """Train on what was settled before the origin, test on what was issued from it on."""
    test = known.filter(pl.col("issued_on") >= origin)
    before = datetime(origin.year, origin.month, origin.day, tzinfo=UTC) - timedelta(microseconds=1)
    train_rows = examples(history, before, most=most)
    seen = train_rows.filter(pl.col("is_late").is_not_null())
    if min(seen["is_late"].n_unique(), test["is_late"].n_unique()) < 2:
        return None
    return measure(train_models(train_rows), seen, test, origin, draws=draws)
