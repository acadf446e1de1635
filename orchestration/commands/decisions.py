"""`ifp decisions`."""

from __future__ import annotations


def decisions() -> None:
    """Say nothing yet."""
