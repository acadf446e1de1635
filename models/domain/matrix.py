"""Features as one block of integers, missing marked by a value no feature can have.

Features are measured into such a block and scores read columns of it; frames are made of it only
for those who want frames. That makes a single request as cheap as its arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from models.domain.errors import InvalidFacts

Ints = npt.NDArray[np.int64]
MISSING = -(2**62)


@dataclass(frozen=True)
class Matrix:
    """A block of features.

    Attributes:
        names: Column names.
        values: One row per receivable, one column per name; ``MISSING`` where there is no value.
    """

    names: tuple[str, ...]
    values: Ints

    @classmethod
    def of(cls, frame: pl.DataFrame, names: Sequence[str], *, optional: bool = False) -> Matrix:
        """Take columns from a frame.

        Args:
            frame: Holds the columns as integers.
            names: Which to take, in order.
            optional: An absent column counts as missing in every row.

        Raises:
            InvalidFacts: A column is absent and not optional.
        """
        absent = [name for name in names if name not in frame.columns]
        if absent and not optional:
            raise InvalidFacts(f"feature columns are missing: {', '.join(absent)}")
        present = [name for name in names if name not in absent]
        filled = frame.select(pl.col(present).cast(pl.Int64).fill_null(MISSING)).to_numpy()
        if not absent:
            return cls(tuple(names), filled)
        values = np.full((len(frame), len(names)), MISSING, dtype=np.int64)
        for place, name in enumerate(names):
            if name not in absent:
                values[:, place] = filled[:, present.index(name)]
        return cls(tuple(names), values)

    def __len__(self) -> int:
        return len(self.values)

    def with_columns(self, more: Matrix) -> Matrix:
        """Put another block of the same rows beside this one."""
        return Matrix((*self.names, *more.names), np.hstack((self.values, more.values)))

    def series(self) -> list[pl.Series]:
        """Give the columns as series with nulls for missing values."""
        found = []
        for place, name in enumerate(self.names):
            column = pl.Series(name, np.ascontiguousarray(self.values[:, place]))
            empty = self.values[:, place] == MISSING
            found.append(column.set(pl.Series(empty), None) if empty.any() else column)
        return found

    def column(self, name: str) -> Ints:
        """Give one column."""
        return np.asarray(self.values[:, self.names.index(name)], dtype=np.int64)

    def columns(self, names: Sequence[str]) -> Ints:
        """Give several columns in the order asked for."""
        return self.values.take(_places(self.names, tuple(names)), axis=1)


@lru_cache(maxsize=256)
def _places(names: tuple[str, ...], wanted: tuple[str, ...]) -> Ints:
    """Find columns by name; models ask for the same ones request after request."""
    return np.array([names.index(name) for name in wanted], dtype=np.int64)
