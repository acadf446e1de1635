"""Examples to learn from: a world in which lateness follows the features."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from models.features.contract import FEATURES, NULLABLE
from models.scores.scoring import ScoreModels
from models.scores.training import train


def draw_examples(seed: int = 1, rows: int = 1500) -> pl.DataFrame:
    """Draw examples whose chance of being late rises with the late rate and what is past due."""
    rng = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {
        name: rng.integers(0, 1_000_000 if name.endswith("ppm") else 60, rows) for name in FEATURES
    }
    columns["dbt_mean_all_mdays"] = rng.integers(-10_000, 30_000, rows)
    columns["dts_mean_all_mdays"] = columns["dbt_mean_all_mdays"] + 30_000
    columns["n_paid_all"] = rng.integers(3, 60, rows)
    signal = columns["late_rate_all_ppm"] / 250_000 + columns["open_past_due_n"] / 30 - 3
    late = rng.random(rows) < 1 / (1 + np.exp(-signal))
    days = 25 + columns["late_rate_all_ppm"] // 40_000 + rng.integers(-4, 5, rows)
    frame = pl.DataFrame({name: column.astype(np.int64) for name, column in columns.items()})
    blank = rng.random(rows) < 0.1
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    return frame.with_columns(
        pl.when(~pl.Series(blank)).then(pl.col(name)).alias(name) for name in sorted(NULLABLE)
    ).with_columns(
        receivable_id=pl.Series([f"r{i:05d}" for i in range(rows)]),
        debtor_id=pl.Series([f"d{i % 40}" for i in range(rows)]),
        issued_on=pl.Series([(begin + timedelta(hours=8 * i)).date() for i in range(rows)]),
        known_at=pl.Series([begin + timedelta(hours=8 * i) for i in range(rows)]),
        is_late=pl.Series(late).cast(pl.Int64),
        is_default=pl.Series(rng.random(rows) < late * 0.25).cast(pl.Int64),
        days_to_pay=pl.Series(days).cast(pl.Int64),
    )


@pytest.fixture(scope="session")
def examples() -> pl.DataFrame:
    return draw_examples()


@pytest.fixture(scope="session")
def trained(examples: pl.DataFrame) -> ScoreModels:
    return train(examples)
