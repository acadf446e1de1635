"""How many records and how much money: counts of a sync, and control totals by currency.

Totals are exact sums of the source's own numbers, computed from what came over the wire, apart
from the rows that land, so that a record lost on the way to a mart shows as a difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

_CENTS = 2


@dataclass(frozen=True, slots=True)
class Described:
    """What landing needs to know of a record.

    Attributes:
        record_id: The source's own key.
        modified_at: The source's own stamp, if it has one.
        is_deleted: The source says that the record no longer counts.
        currency: Of ``amount``; ``None`` where the entity carries no money.
        amount: In major units, exactly as the source wrote it.
    """

    record_id: str
    modified_at: datetime | None = None
    is_deleted: bool = False
    currency: str | None = None
    amount: Decimal | None = None


@dataclass(slots=True)
class Sum:
    """How many records and how much money of one currency."""

    count: int = 0
    amount: Decimal = Decimal(0)

    def add(self, amount: Decimal, sign: int = 1) -> None:
        """Count one record in or, with ``sign=-1``, out."""
        self.count += sign
        self.amount += sign * amount


@dataclass(slots=True)
class Counts:
    """The reconciliation of one sync of one entity."""

    read: int = 0
    landed: int = 0
    unchanged: int = 0
    duplicate: int = 0
    quarantined: int = 0
    vanished: int = 0
    pages: int = 0

    @property
    def reconciles(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.landed + self.unchanged + self.duplicate + self.quarantined


def shortened(amount: Decimal) -> Decimal:
    """Drop zeros behind the second decimal."""
    plain = amount.normalize()
    exponent = plain.as_tuple().exponent
    is_short = isinstance(exponent, int) and exponent > -_CENTS
    return plain.quantize(Decimal("0.01")) if is_short else plain


def totals(described: Iterable[Described]) -> dict[str, Sum]:
    """Sum the source's own numbers exactly, by currency, deleted records left out."""
    sums: dict[str, Sum] = {}
    for one in described:
        if one.amount is not None and one.currency is not None and not one.is_deleted:
            sums.setdefault(one.currency, Sum()).add(one.amount)
    return sums


def combined(parts: Iterable[tuple[Mapping[str, Sum], int]]) -> dict[str, Sum]:
    """Add up signed sums by currency; currencies that come to nothing are left out."""
    result: dict[str, Sum] = {}
    for sums, sign in parts:
        for currency, one in sums.items():
            total = result.setdefault(currency, Sum())
            total.count += sign * one.count
            total.amount += sign * one.amount
    return {currency: one for currency, one in result.items() if one.count or one.amount}
