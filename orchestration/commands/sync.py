"""`ifp sync`."""

from __future__ import annotations


def sync() -> None:
    """Say nothing yet."""
