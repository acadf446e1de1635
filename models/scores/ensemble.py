"""Boosted trees as plain integers, evaluated by a small loop of our own.

Trees come from scikit-learn's histogram boosting. Features are integers, so a split ``x <= 12.5``
is ``x <= 12`` exactly; leaf values become whole billionths. Sums of integers do not depend on the
order or the size of a batch, rounding keeps a monotone model monotone, and the JSON form can be
read by anyone, which a pickle cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import floor, isinf
from typing import Any

import numpy as np

from models.domain.matrix import MISSING, Ints, Matrix

UNIT = 1_000_000_000
LARGEST = 2**53 - 1
_BLOCK = 4096


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

    def evaluate(self, features: Matrix) -> Ints:
        """Give the raw prediction of each row in billionths."""
        if not self.trees:
            return np.full(len(features), self.baseline, dtype=np.int64)
        parts = [
            self._walk(features.columns(self.features)[start : start + _BLOCK])
            for start in range(0, len(features), _BLOCK)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def _walk(self, values: Ints) -> Ints:
        """Walk all trees at once, one level per step, for a block that fits the cache.

        Every value stands there twice, a missing one first as the smallest and then as the largest
        number, so that a node sends it left or right by which of the two it looks at.
        """
        nodes = self._nodes
        last = np.where(values == MISSING, np.iinfo(np.int64).max, values)
        twice = np.concatenate((values, last), axis=1)
        rows = np.arange(len(values))[:, None] * twice.shape[1]
        place = np.broadcast_to(nodes["root"], (len(values), len(self.trees)))
        for _ in range(self.depth):
            seen = twice.take(rows + nodes["feature"].take(place))
            left = seen <= nodes["threshold"].take(place)
            place = np.where(left, nodes["left"].take(place), nodes["right"].take(place))
        total = self.baseline + nodes["value"].take(place).sum(axis=1, dtype=np.int64)
        return np.asarray(total, dtype=np.int64)

    @cached_property
    def _nodes(self) -> dict[str, Ints]:
        """All trees in one array each, child numbers moved to absolute places.

        Where missing values go right, the feature is that of the second half; see `_walk`.
        """
        roots: list[int] = []
        parts: dict[str, list[int]] = {n: [] for n in ("feature", "threshold", "value")}
        left: list[int] = []
        right: list[int] = []
        for tree in self.trees:
            root = len(left)
            roots.append(root)
            left.extend(root + child for child in tree.left)
            right.extend(root + child for child in tree.right)
            parts["feature"].extend(
                feature if goes_left else feature + len(self.features)
                for feature, goes_left in zip(tree.feature, tree.missing_left, strict=True)
            )
            parts["threshold"].extend(tree.threshold)
            parts["value"].extend(tree.value)
        columns = {**parts, "left": left, "right": right, "root": roots}
        return {name: np.asarray(column, dtype=np.int64) for name, column in columns.items()}


def exported(
    model: Any,  # noqa: ANN401 - scikit-learn has no types
    features: tuple[str, ...],
) -> Ensemble:
    """Turn a fitted histogram boosting model of scikit-learn into integers.

    Args:
        model: ``HistGradientBoostingClassifier`` (binary) or ``…Regressor``, fitted on integers.
        features: Names of its columns.
    """
    nodes = [predictor.nodes for (predictor,) in model._predictors]  # noqa: SLF001 - no public form
    baseline = float(np.asarray(model._baseline_prediction).ravel()[0])  # noqa: SLF001
    depth = max((int(table["depth"].max()) for table in nodes), default=0)
    return Ensemble(features, round(baseline * UNIT), tuple(_tree(table) for table in nodes), depth)


def _tree(nodes: Any) -> Tree:  # noqa: ANN401 - a structured array of scikit-learn
    leaf = [bool(node["is_leaf"]) for node in nodes]
    places = range(len(leaf))

    def inner(column: str) -> tuple[int, ...]:
        return tuple(0 if leaf[at] else int(nodes[at][column]) for at in places)

    return Tree(
        feature=inner("feature_idx"),
        threshold=tuple(0 if leaf[at] else _whole(nodes[at]["num_threshold"]) for at in places),
        left=tuple(at if leaf[at] else int(nodes[at]["left"]) for at in places),
        right=tuple(at if leaf[at] else int(nodes[at]["right"]) for at in places),
        missing_left=inner("missing_go_to_left"),
        value=tuple(round(float(nodes[at]["value"]) * UNIT) if leaf[at] else 0 for at in places),
    )


def _whole(threshold: float) -> int:
    """Round a threshold down; an infinite one parts missing values from all others."""
    return LARGEST if isinf(threshold) else floor(float(threshold))
