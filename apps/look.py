"""The visual language, once: the colours, and how figures, dates and changes are written.

Screens, reports and workbooks take both from here, so a figure reads the same wherever it stands.
Key figures carry three significant digits (`EUR 1.24 M`), tables the exact value; what is unknown
is written `–` and never 0.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from models.domain.money import exponent

UNKNOWN = "–"


class Colour(StrEnum):
    """The palette. Red is for what needs a person now, amber for attention, nothing else."""

    INK = "#1B2430"
    PAPER = "#FBFAF7"
    ACCENT = "#0F766E"
    ATTENTION = "#B45309"
    ACT_NOW = "#B91C1C"
    REST = "#64748B"
    RULE = "#E2DFD6"
    WASH = "#F2F0EA"


ORDERED = ("#CFE6E2", "#9FCEC7", "#68B0A7", "#338F85", "#0F6B64", "#0A4743")
"""One hue from light to dark for ordered things: six ageing buckets, or grades folded to six."""

BUCKET_LABELS = {
    "not_due": "Not due",
    "1_30": "1–30 days",
    "31_60": "31–60 days",
    "61_90": "61–90 days",
    "91_120": "91–120 days",
    "over_120": "Over 120 days",
}
"""Ageing buckets in order, as a reader says them."""

OUTCOME_LABELS = {"approve": "Approved", "refer": "Referred", "reject": "Rejected"}
"""Outcomes in order, as a reader says them."""

_SCALES = ((Decimal(10) ** 9, " B"), (Decimal(10) ** 6, " M"), (Decimal(10) ** 3, " k"))
_SIGNIFICANT = 3
_PPM_PER_PERCENT = 10_000


def major(amount_minor: int, currency: str) -> Decimal:
    """Turn minor units into the exact decimal amount of a currency."""
    return Decimal(amount_minor).scaleb(-exponent(currency))


def exact(amount_minor: int | None, currency: str) -> str:
    """Write the exact amount, thousands separated, without the currency: `1,240,310.50`."""
    if amount_minor is None:
        return UNKNOWN
    return f"{major(amount_minor, currency):,.{exponent(currency)}f}"


def money(amount_minor: int | None, currency: str) -> str:
    """Write the exact amount with its currency code: `EUR 1,240,310.50`."""
    return UNKNOWN if amount_minor is None else f"{currency} {exact(amount_minor, currency)}"


def key_money(amount_minor: int | None, currency: str) -> str:
    """Write an amount as a key figure of three significant digits: `EUR 1.24 M`."""
    if amount_minor is None:
        return UNKNOWN
    return f"{currency} {significant(major(amount_minor, currency))}"


def significant(value: Decimal) -> str:
    """Write a number with three significant digits and a scale word: `1.24 M`, `310 k`, `7.00`."""
    for scale, word in _SCALES:
        scaled = value / scale
        if abs(scaled) >= Decimal("0.9995"):
            return f"{_three_digits(scaled)}{word}"
    return _three_digits(value)


def count(number: int | None) -> str:
    """Write a count, thousands separated."""
    return UNKNOWN if number is None else f"{number:,}"


def percent(ppm: int | None, digits: int = 1) -> str:
    """Write parts per million as a percentage: 124_300 → `12.4 %`."""
    if ppm is None:
        return UNKNOWN
    step = Decimal(1).scaleb(-digits)
    rounded = (Decimal(ppm) / _PPM_PER_PERCENT).quantize(step, ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,f} %"


def share_ppm(part: int, whole: int) -> int | None:
    """Return a part of a whole in parts per million, none when there is no whole."""
    return None if whole == 0 else part * 1_000_000 // whole


def day(value: date | None) -> str:
    """Write a calendar date as `2026-11-22`."""
    return UNKNOWN if value is None else value.isoformat()[:10]


def moment(value: datetime | None) -> str:
    """Write an instant with its zone: `2026-11-22 06:30 UTC`."""
    return UNKNOWN if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def short_hash(value: Any) -> str:  # noqa: ANN401 - bytes from the ledger, text from a snapshot
    """Write the first twelve characters of a hash; tooltips and exports carry the whole."""
    if value is None:
        return UNKNOWN
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text[:12]


def sentence_list(parts: Iterable[str]) -> str:
    """Join parts as prose does: `a, b and c`."""
    listed = list(parts)
    if len(listed) <= 1:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} and {listed[-1]}"


def plural(number: int, noun: str) -> str:
    """Write a count with its noun: `1 invoice`, `1,204 invoices`, `2 currencies`."""
    if number == 1:
        return f"1 {noun}"
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count(number)} {many}"


def _three_digits(value: Decimal) -> str:
    """Round to three significant digits in plain notation."""
    if value == 0:
        return "0"
    digits = max(0, _SIGNIFICANT - 1 - value.adjusted())
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if rounded.adjusted() > value.adjusted() and digits:
        rounded = rounded.quantize(Decimal(1).scaleb(1 - digits))
    return f"{rounded:,f}"
