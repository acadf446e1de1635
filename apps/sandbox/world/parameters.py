"""What decides a world: its size, its seed and the day it is looked at."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date

GENERATOR_VERSION = 4
MONTHS_BEYOND = 4


@dataclass(frozen=True)
class WorldParameters:
    """Size and seed of a world; two equal values give the same world, byte for byte.

    Attributes:
        seed: Start of every random stream.
        sellers: Number of organisations with an ERP, at least 1.
        debtors: Number of companies they bill, at least 3.
        invoices: Sales invoices issued up to `as_of`; planted frauds come on top.
        months: Length of the history before `as_of`.
        as_of: Day the sandbox clock starts at; the world runs on four months beyond it.
        keeps_history: Whether record versions replaced before `as_of` are kept, so that the
            clock may also be set back. Very large worlds do without.
    """

    seed: int = 7
    sellers: int = 20
    debtors: int = 300
    invoices: int = 12_000
    months: int = 24
    as_of: date = date(2026, 6, 30)
    keeps_history: bool = True

    def __post_init__(self) -> None:
        """Refuse sizes that cannot make a world."""
        if self.sellers < 1 or self.debtors < 3 or self.invoices < 0 or self.months < 1:
            raise ValueError(
                "a world needs at least 1 seller, 3 debtors, 0 invoices and 1 month; "
                f"got {self.sellers}, {self.debtors}, {self.invoices}, {self.months}"
            )

    @property
    def first_day(self) -> int:
        """Ordinal of the first day of trading."""
        return self.as_of.toordinal() - round(self.months * 30.4375) + 1

    @property
    def as_of_day(self) -> int:
        """Ordinal of the day the clock starts at."""
        return self.as_of.toordinal()

    @property
    def last_day(self) -> int:
        """Ordinal of the last day that can become visible."""
        return self.as_of_day + round(MONTHS_BEYOND * 30.4375)

    def as_json(self) -> str:
        """Return the parameters as one canonical JSON line, to compare stored worlds with."""
        values = asdict(self) | {"as_of": self.as_of.isoformat(), "version": GENERATOR_VERSION}
        return json.dumps(values, sort_keys=True)
