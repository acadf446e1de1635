"""Amounts of the world: integers in minor units, written as the ledger software does."""

from __future__ import annotations

_EXPONENTS = {"JPY": 0, "KWD": 3}


def exponent(currency: str) -> int:
    """Return the number of minor digits of the currencies this world trades in."""
    return _EXPONENTS.get(currency, 2)


def major_text(minor: int, currency: str) -> str:
    """Write an amount as a JSON number: two decimals, three where the currency has three."""
    if currency == "JPY":
        return f"{minor}.00"
    scale = 1000 if currency == "KWD" else 100
    sign, size = ("-", -minor) if minor < 0 else ("", minor)
    return f"{sign}{size // scale}.{size % scale:0{3 if scale == 1000 else 2}d}"


def share_of(minor: int, percent: int) -> int:
    """Return `percent` of an amount, half a minor unit rounded up."""
    return (minor * percent + 50) // 100
