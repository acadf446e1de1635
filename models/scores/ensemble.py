"""Boosted trees as plain integers, evaluated by a small loop of our own.

Trees come from scikit-learn's histogram boosting. Features are integers, so a split ``x <= 12.5``
is ``x <= 12`` exactly; leaf values become whole billionths. Sums of integers do not depend on the
order or the size of a batch, rounding keeps a monotone model monotone, and the JSON form can be
read by anyone, which a pickle cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
UNIT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree; node 0 is the root, a leaf points at itself.

    Attributes:
        feature: Column number per node.
        threshold: Largest value that goes left.
        left: Next node for small values.
        right: Next node for large values.
        missing_left: 1 when a missing value goes left.
        value: Leaf value in billionths, 0 for inner nodes.
    """

    feature: tuple[int, ...]
    threshold: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    missing_left: tuple[int, ...]
    value: tuple[int, ...]


@dataclass(frozen=True)
class Ensemble:
    """A sum of trees.

    Attributes:
        features: Column names in the order of the numbers.
        baseline: Value before any tree, billionths.
        trees: The trees.
        depth: Longest way from a root to a leaf.
    """

    features: tuple[str, ...]
    baseline: int
    trees: tuple[Tree, ...]
    depth: int

    def evaluate(self, frame: pl.DataFrame) -> Ints:
        """Give the raw prediction of each row in billionths."""
        values, missing = self._matrix(frame)
        total = np.full(len(frame), self.baseline, dtype=np.int64)
        if not self.trees:
            return total
        nodes = self._nodes
        rows = np.arange(len(frame))[:, None]
        place = np.broadcast_to(nodes["root"], (len(frame), len(self.trees)))
        for _ in range(self.depth):
            feature = nodes["feature"][place]
            small = values[rows, feature] <= nodes["threshold"][place]
            absent = missing[rows, feature]
            left = np.where(absent, nodes["missing_left"][place] == 1, small)
            place = np.where(left, nodes["left"][place], nodes["right"][place])
        return np.asarray(total + nodes["value"][place].sum(axis=1, dtype=np.int64))

    @cached_property
    def _nodes(self) -> dict[str, Ints]:
        """All trees in one array each, child numbers moved to absolute places."""
        roots: list[int] = []
        parts: dict[str, list[int]] = {
            n: [] for n in ("feature", "threshold", "missing_left", "value")
        }
        left: list[int] = []
        right: list[int] = []
        for tree in self.trees:
            root = len(left)
            roots.append(root)
            left.extend(root + child for child in tree.left)
            right.extend(root + child for child in tree.right)
            for name, column in parts.items():
                column.extend(getattr(tree, name))
        columns = {**parts, "left": left, "right": right, "root": roots}
        return {name: np.asarray(column, dtype=np.int64) for name, column in columns.items()}

    def _matrix(self, frame: pl.DataFrame) -> tuple[Ints, npt.NDArray[np.bool_]]:
        columns = [frame[name] for name in self.features]
        values = np.stack([c.fill_null(0).to_numpy().astype(np.int64) for c in columns], axis=1)
        missing = np.stack([c.is_null().to_numpy() for c in columns], axis=1)
        return values, missing


def exported(
    model: Any,  # noqa: ANN401 - scikit-learn has no types
    features: tuple[str, ...],
) -> Ensemble:
    """Turn a fitted histogram boosting model of scikit-learn into integers.

    Args:
        model: ``HistGradientBoostingClassifier`` (binary) or ``…Regressor``, fitted on integers.
        features: Names of its columns.
    """
    trees, depth = [], 0
    for (predictor,) in model._predictors:  # noqa: SLF001 - scikit-learn has no public form
        nodes = predictor.nodes
        inner = [not bool(n["is_leaf"]) for n in nodes]
        trees.append(
            Tree(
                feature=tuple(
                    int(n["feature_idx"]) if i else 0 for n, i in zip(nodes, inner, strict=True)
                ),
                threshold=tuple(
                    floor(float(n["num_threshold"])) if i else 0
                    for n, i in zip(nodes, inner, strict=True)
                ),
                left=tuple(
                    int(n["left"]) if i else at
                    for at, (n, i) in enumerate(zip(nodes, inner, strict=True))
                ),
                right=tuple(
                    int(n["right"]) if i else at
                    for at, (n, i) in enumerate(zip(nodes, inner, strict=True))
                ),
                missing_left=tuple(
                    int(n["missing_go_to_left"]) if i else 0
                    for n, i in zip(nodes, inner, strict=True)
                ),
                value=tuple(
                    0 if i else round(float(n["value"]) * UNIT)
                    for n, i in zip(nodes, inner, strict=True)
                ),
            )
        )
        depth = max(depth, int(nodes["depth"].max()))
    baseline = float(np.asarray(model._baseline_prediction).ravel()[0])  # noqa: SLF001
    return Ensemble(features, round(baseline * UNIT), tuple(trees), depth)
