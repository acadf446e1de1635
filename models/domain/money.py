"""Money as integer minor units beside a currency, and the exact way between the two notations.

``Money(12345, "EUR")`` is 123.45 euros, ``Money(12345, "JPY")`` is 12,345 yen. There is no float
anywhere; a value with more digits than the currency has is refused unless a rounding is named.
Exponents: ISO 4217 table A.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal

from models.domain.errors import CurrencyMismatch, InexactAmount, UnknownCurrency

_CODE = re.compile(r"[A-Z]{3}")
_WIDE = Context(prec=60)

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(
        (
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
            "VND", "VUV", "XAF", "XOF", "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip
"""Digits after the decimal point, where they are not two."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency.

    Attributes:
        amount_minor: Whole number of the currency's smallest unit; negative for credits.
        currency: ISO 4217 code.
    """

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount_minor, bool) or not isinstance(self.amount_minor, int):
            raise InexactAmount(self.amount_minor, self.currency, 0)
        exponent(self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __str__(self) -> str:
        return f"{self.currency} {to_decimal(self):,f}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.amount_minor


def exponent(currency: str) -> int:
    """Give the number of decimals of a currency.

    Raises:
        UnknownCurrency: The code is not three capital letters.
    """
    if not _CODE.fullmatch(currency):
        raise UnknownCurrency(currency)
    return EXPONENTS.get(currency, 2)


def to_minor(value: Decimal, currency: str, *, rounding: str | None = None) -> int:
    """Turn a decimal amount into minor units.

    Args:
        value: The amount in major units; must be finite.
        currency: ISO 4217 code.
        rounding: One of the ``decimal.ROUND_*`` names; without it excess digits are refused.

    Raises:
        InexactAmount: The value is not finite, or has excess digits and no rounding is named.
    """
    digits = exponent(currency)
    if not value.is_finite():
        raise InexactAmount(value, currency, digits)
    scaled = value.scaleb(digits, context=_WIDE)
    whole = scaled.to_integral_value(rounding=rounding, context=_WIDE)
    if rounding is None and whole != scaled:
        raise InexactAmount(value, currency, digits)
    return int(whole)


def to_decimal(money: Money) -> Decimal:
    """Give the amount in major units with exactly the currency's decimals."""
    return Decimal(money.amount_minor).scaleb(-exponent(money.currency), context=_WIDE)
