"""Whether one document number is another typed again: a prefix, a suffix letter, or one swap.

Numbers come in their normal form: upper case, no separators, no leading zeros of a run of digits.
"""

from __future__ import annotations

import polars as pl


def stem(column: str) -> pl.Expr:
    """Give a number without its leading letters and one letter after its last digit."""
    return pl.col(column).str.replace(r"^[A-Z]+", "").str.replace(r"([0-9])[A-Z]$", "$1")


def characters(column: str) -> pl.Expr:
    """Give what a number is made of whatever the order, zeros apart; equal where one is swapped."""
    return pl.col(column).str.replace_all("0", "").str.split("").list.sort().list.join("")


def transposed(left: str, right: str) -> bool:
    """Tell whether two numbers differ by exactly one swap of neighbours.

    Normal forms have lost their leading zeros, so the last digit runs are filled up again first:
    a swap of a leading zero (``F000826``, ``F008026``) is a swap too.
    """
    left, right = _filled(left, right), _filled(right, left)
    if len(left) != len(right):
        return False
    different = [i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    return (
        len(different) == 2
        and different[1] == different[0] + 1
        and left[different[0]] == right[different[1]]
        and left[different[1]] == right[different[0]]
    )


def _filled(number: str, other: str) -> str:
    digits = len(number) - len(number.rstrip("0123456789"))
    if not digits:
        return number
    head, run = number[:-digits], number[-digits:]
    return head + run.zfill(len(other) - len(other.rstrip("0123456789")))
