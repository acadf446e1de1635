"""`ifp evaluate`."""

from __future__ import annotations


def evaluate() -> None:
    """Say nothing yet."""
