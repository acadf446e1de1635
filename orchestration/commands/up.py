"""`ifp up`."""

from __future__ import annotations


def up() -> None:
    """Say nothing yet."""
