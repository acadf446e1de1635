"""The contract names every feature once and its expectations hold on a drawn book."""

from collections.abc import Callable
from datetime import datetime

import polars as pl

from models.features.contract import EXPECTATIONS, FEATURES, NULLABLE, SCHEMA
from models.features.payment_behaviour import features


def test_the_frame_has_the_promised_schema(
    make_economy: Callable[..., pl.DataFrame], as_of: datetime
) -> None:
    history = make_economy()
    assert dict(features(history, history, as_of).schema) == SCHEMA


def test_expectations_speak_of_known_columns_only() -> None:
    assert {e["kwargs"]["column"] for e in EXPECTATIONS} <= set(SCHEMA)
    assert set(FEATURES) >= NULLABLE


def test_bounds_hold_on_a_drawn_book(
    make_economy: Callable[..., pl.DataFrame], as_of: datetime
) -> None:
    history = make_economy(2)
    frame = features(history, history, as_of)
    for expectation in EXPECTATIONS:
        column = frame[str(expectation["kwargs"]["column"])]
        if expectation["type"].endswith("NotBeNull"):
            assert column.null_count() == 0
        if expectation["type"].endswith("BeBetween"):
            low, high = expectation["kwargs"]["min_value"], expectation["kwargs"]["max_value"]
            known = column.drop_nulls()
            assert low is None or (known >= low).all()
            assert high is None or (known <= high).all()
