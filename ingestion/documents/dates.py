"""Dates as people write them: every form that is clear by itself, and one order decided a column.

``2026-03-31``, ``20260331``, ``31.03.2026``, ``31 mars 2026`` and a spreadsheet's day number each
say what they mean; ``03/04/2026`` does not. Its order is decided by the other values of its
column, or by a person in the mapping; it is never guessed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache

from ingestion.documents.refusal import DocumentRefused

ORDERS = ("dmy", "mdy", "ymd", "compact", "serial", "named")
_TIME_OF_DAY = re.compile(r"[T ]\d{1,2}:\d{2}.*$")
_NUMERIC = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})\.?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_WEEKDAY = r"(?:[^\W\d]{2,}\.?,?\s+(?:den\s+|le\s+|the\s+)?)?"
_DAY = r"(\d{1,2})(?:\.|er|st|nd|rd|th|[ºª°])?"
_MONTH = r"([^\W\d]{3,})"
_YEAR = r"(\d{4}|\d{2})"
_OF = r"[-. /]*(?:de |del |di |of |d')?"
_DAY_FIRST = re.compile(f"{_WEEKDAY}{_DAY}{_OF}{_MONTH}[.,]?{_OF}{_YEAR}", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"{_WEEKDAY}{_MONTH}[.,]?[- ]+{_DAY},?[- ]+{_YEAR}", re.IGNORECASE)
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-. /]+{_MONTH}[-. /]+(\d{{1,2}})", re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen sty",
            "feb fev lut",
            "mar mrt maa mrz",
            "apr avr abr kwi",
            "may mai mag mei maj",
            "jun juin giu cze",
            "jul juil lug lip",
            "aug aou ago sie",
            "sep set wrz",
            "oct okt ott out paz",
            "nov lis",
            "dec dez dic gru",
        ),
        start=1,
    )
    for name in names.split()
}
_SERIAL_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
_PIVOT = 70
_MONTHS_A_YEAR = 12
_DAYS_A_MONTH = 31
_TWO_DIGITS = 2
_SHOWN = 3

Places = Mapping[str, int]
"""Texts of a column, each with the row where it stands first, as a person counts rows."""


def told_orders(texts: Iterable[str]) -> set[str]:
    """Return the orders, ``dmy`` and ``mdy``, that some value can have only."""
    return {form for text in texts if (form := _form(day_part(text))) in {"dmy", "mdy"}}


def date_order(column: str, texts: Places | Iterable[str], told: Iterable[str] = ()) -> str:
    """Find how a column writes dates.

    Args:
        column: Its name, for the message.
        texts: Its values, with the rows where they stand if known.
        told: Orders that the file's other columns show; one alone decides a column that shows
            none, since the same program wrote both.

    Returns:
        ``dmy`` or ``mdy`` where day and month could be confounded, else the form of most values:
        ``ymd``, ``compact`` (``20200331``), ``serial`` or ``named``.

    Raises:
        DocumentRefused: The values fit two orders, or none is a date.
    """
    places = texts if isinstance(texts, Mapping) else dict.fromkeys(reversed([*texts]), 0)
    found: dict[str, list[str]] = {}
    for text in places:
        found.setdefault(_form(day_part(text)), []).append(text)
    if "dmy" in found and "mdy" in found:
        raise _mixed(column, found, places)
    for order in ("dmy", "mdy"):
        if order in found:
            return order
    if "either" in found:
        if len(orders := {*told}) == 1:
            return orders.pop()
        raise _either(column, found["either"], places)
    clear = {form: len(texts) for form, texts in found.items() if form in ORDERS}
    if not clear:
        shown = _shown(found.get("", []), places)
        message = (
            f"no value of {column!r} looks like a date, there is {shown}:"
            " write dates as 2026-03-31, or give another column that meaning in the mapping."
        )
        raise DocumentRefused("date_unreadable", message)
    return max(clear, key=lambda form: clear[form])


def date_reader(order: str) -> Callable[[str], date]:
    """Return the function that reads a column's dates; it raises ``ValueError``.

    Args:
        order: Of the column; it decides nothing but which of two small numbers is the day.
    """
    if order not in ORDERS:
        message = f"{order!r} is no order of dates: write dmy, mdy or ymd in date_orders."
        raise DocumentRefused("mapping", message)

    @lru_cache(maxsize=8192)
    def read(text: str) -> date:
        return _read(day_part(text), order)

    return read


@lru_cache(maxsize=65536)
def day_part(text: str) -> str:
    """Drop the time of day."""
    return _TIME_OF_DAY.sub("", text.strip()).strip()


def _read(text: str, order: str) -> date:
    if match := _NUMERIC.fullmatch(text):
        return _numeric(match, order)
    if match := _COMPACT.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if (match := _SERIAL.fullmatch(text)) and int(match[1]) in _SERIALS:
        return _SERIAL_EPOCH + timedelta(days=int(match[1]))
    if named := _named_parts(text):
        year, month, day = named
        return date(year, month, day)
    message = "it is no date we can read; write it as 2026-03-31"
    raise ValueError(message)


def _form(text: str) -> str:
    """Tell a form of date; ``either`` when day and month can be confounded, empty for none."""
    if match := _NUMERIC.fullmatch(text):
        return _numeric_form(match)
    if _COMPACT.fullmatch(text):
        return "compact"
    if (match := _SERIAL.fullmatch(text)) and int(match[1]) in _SERIALS:
        return "serial"
    return "named" if _named_parts(text) else ""


def _numeric_form(match: re.Match[str]) -> str:
    if len(match[1]) > _TWO_DIGITS:
        return "ymd"
    first, second = int(match[1]), int(match[3])
    as_dmy = first <= _DAYS_A_MONTH and second <= _MONTHS_A_YEAR
    as_mdy = second <= _DAYS_A_MONTH and first <= _MONTHS_A_YEAR and match[2] != "."
    if as_dmy and as_mdy:
        return "either"
    return "dmy" if as_dmy else "mdy" if as_mdy else ""


def _numeric(match: re.Match[str], order: str) -> date:
    if len(match[1]) > _TWO_DIGITS:
        return date(int(match[1]), int(match[3]), int(match[4]))
    if order not in {"dmy", "mdy"}:
        message = "day or month first is not decided: set date_orders to dmy or mdy"
        raise ValueError(message)
    day, month = (1, 3) if order == "dmy" else (3, 1)
    return date(_year(match[4]), int(match[month]), int(match[day]))


def _named_parts(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day where the month is a word we know."""
    for pattern, (year, month, day) in (
        (_DAY_FIRST, (3, 2, 1)),
        (_MONTH_FIRST, (3, 1, 2)),
        (_YEAR_FIRST, (1, 2, 3)),
    ):
        if match := pattern.fullmatch(text):
            folded = unicodedata.normalize("NFKD", match[month].casefold())
            name = "".join(sign for sign in folded if not unicodedata.combining(sign))
            if number := _MONTHS.get(name[:4]) or _MONTHS.get(name[:3]):
                return _year(match[year]), number, int(match[day])
    return None


def _year(text: str) -> int:
    if len(text) > _TWO_DIGITS:
        return int(text)
    return int(text) + (1900 if int(text) >= _PIVOT else 2000)


def _mixed(column: str, found: Mapping[str, list[str]], places: Places) -> DocumentRefused:
    return DocumentRefused(
        "date_ambiguous",
        f"{column!r} has mixed orders: {_shown(found['dmy'], places)} with the day first and"
        f" {_shown(found['mdy'], places)} with the month first. Write one order throughout, best"
        f" 2026-03-31; or set date_orders to dmy or mdy for it, then the others are set aside.",
    )


def _either(column: str, texts: list[str], places: Places) -> DocumentRefused:
    return DocumentRefused(
        "date_ambiguous",
        f"{column!r} has day or month first, and no value that tells which:"
        f" {_shown(texts, places)}: set date_orders to dmy or mdy for it in the mapping,"
        " or write dates as 2026-03-31.",
    )


def _shown(texts: list[str], places: Places) -> str:
    """Quote the first texts with their rows."""
    first = sorted(texts, key=lambda text: places[text])[:_SHOWN]
    shown = [f"{text} (row {places[text]})" if places[text] else text for text in first]
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(shown) + more if shown else "nothing"
