"""The block keeps values and knows what is missing."""

import polars as pl
import pytest

from models.domain.errors import InvalidFacts
from models.domain.matrix import MISSING, Matrix


def test_nulls_and_absent_columns_are_missing() -> None:
    frame = pl.DataFrame({"a": [1, None]}, schema={"a": pl.Int64})
    block = Matrix.of(frame, ["b", "a"], optional=True)
    assert block.values.tolist() == [[MISSING, 1], [MISSING, MISSING]]
    assert block.column("a").tolist() == [1, MISSING]


def test_an_absent_column_is_refused_unless_optional() -> None:
    with pytest.raises(InvalidFacts, match="b"):
        Matrix.of(pl.DataFrame({"a": [1]}), ["a", "b"])


def test_columns_come_in_the_order_asked_for() -> None:
    block = Matrix.of(pl.DataFrame({"a": [1], "b": [2]}), ["a", "b"])
    assert block.columns(["b", "a"]).tolist() == [[2, 1]]
    assert len(block) == 1
