"""Rows that only add up other rows: recognised, held against the rows above, and left out.

A total agrees when it equals everything above, or everything since an earlier total that agreed;
so subtotals by customer, sums of subtotals and the grand total all pass. One that does not agree
is kept for a person: a row above it may be missing.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

_WORDS = frozenset(
    [
        *("total", "totals", "grandtotal", "subtotal", "sum", "balance", "summe", "gesamt"),
        *("gesamtsumme", "zwischensumme", "endsumme", "saldo", "somme", "soustotal"),
        *("totalgeneral", "suma", "razem", "totale", "totali", "subtotale", "totaal"),
        *("subtotaal", "eindtotaal", "totais", "subtotais", "summa", "totalt", "delsumma"),
        *("ogolem", "ogółem"),
    ]
)
_LETTERS = re.compile(r"[^\W\d_]+")
_ALL = ""


def names_total(text: str) -> bool:
    """Whether a cell's first words, or all its letters together, mean a total."""
    words = _LETTERS.findall(text.casefold())
    tried = (words[:1], words[:2], words)
    return any("".join(some) in _WORDS for some in tried)


class Running:
    """Sums of the rows above, by currency and over all."""

    def __init__(self) -> None:
        self._sums: dict[str, Decimal] = {_ALL: Decimal(0)}
        self._marks: dict[str, set[Decimal]] = {}

    def add(self, currency: str, amount: Decimal) -> None:
        """Count one row."""
        self._sums[_ALL] += amount
        self._sums[currency] = self._sums.get(currency, Decimal(0)) + amount

    def agrees(self, amount: Decimal, currency: str | None) -> bool:
        """Tell whether a total equals the rows above it, or those since an earlier total."""
        asked = [currency] if currency in self._sums else [*self._sums]
        return any(self._fits(one, amount) for one in asked if one is not None)

    def passed(self) -> None:
        """Note that a total has stood here."""
        for currency, total in self._sums.items():
            self._marks.setdefault(currency, set()).add(total)

    def above(self, currency: str | None) -> Decimal:
        """Return what the rows above add up to."""
        return self._sums[currency if currency in self._sums and currency else _ALL]

    def add_sums(self, sums: Iterable[tuple[str, Decimal]]) -> None:
        """Count many rows, added up by currency."""
        for currency, amount in sums:
            self.add(currency, amount)

    def _fits(self, currency: str, amount: Decimal) -> bool:
        total = self._sums[currency]
        return total == amount or (total - amount) in self._marks.get(currency, ())
