"""Dates, amounts and keys as people write them, decided per column and never guessed.

A column whose values could be read in two ways is refused with the line to write into the
mapping: ``03/04/2020`` alone is the third of April or the fourth of March.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from ingestion.documents.sheet import DocumentRefused

_NUMERIC_DATE = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_TIME_OF_DAY = re.compile(r"[T ]\d{1,2}:\d{2}.*$")
_NAMED_DATE = re.compile(
    r"(?:(\d{1,2})[-. ]+([^\W\d]{3,})|([^\W\d]{3,})\.? (\d{1,2})),?[-. ]+(\d{4})"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv ene gen",
            "feb fév fev",
            "mar mär mrt mars",
            "apr avr abr",
            "may mai mag mei",
            "jun juin giu",
            "jul juil lug",
            "aug aoû aou ago",
            "sep set",
            "oct okt ott out",
            "nov",
            "dec dez déc dic",
        ),
        start=1,
    )
    for name in names.split()
}
_SERIAL_EPOCH = date(1899, 12, 30)
_PIVOT = 70
_MONTHS_A_YEAR = 12
_DAYS_A_MONTH = 31
_TWO_DIGITS = 2
_PATTERNS = {"compact": _COMPACT_DATE, "serial": _SERIAL, "named": _NAMED_DATE}
_THOUSAND = 3
_LONGEST_GROUP = 3

_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_NOISE = re.compile(r"[^\d.,'’()+\-A-Za-z]")
_CODES = re.compile(r"[A-Za-z]+")
_FLOAT_KEY = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")

_YES = frozenset(["yes", "y", "true", "1", "x", "ja", "oui", "si", "sí", "sim", "open", "offen"])
_NO = frozenset(["no", "n", "false", "0", "nein", "non", "nee", "não", "nao", "closed"])


def date_order(column: str, values: Iterable[str]) -> str:
    """Find how a column writes dates.

    Returns:
        ``ymd``, ``dmy``, ``mdy``, ``compact`` (``20200331``), ``serial`` or ``named``.

    Raises:
        DocumentRefused: The values fit two orders, or none.
    """
    texts = [_day_part(value) for value in values]
    for order, pattern in _PATTERNS.items():
        if sum(1 for text in texts if pattern.fullmatch(text)) * 2 > len(texts):
            return order
    matches = [match for text in texts if (match := _NUMERIC_DATE.fullmatch(text))]
    if not matches:
        raise DocumentRefused("date_unreadable", f"no value of {column!r} looks like a date.")
    votes = {vote for match in matches if (vote := _only_order(match))}
    if len(votes) == 1:
        return votes.pop()
    unclear = "mixed orders" if votes else "day or month first"
    raise DocumentRefused(
        "date_ambiguous", f"{column!r} has {unclear}: set date_orders to dmy or mdy for it."
    )


def date_reader(order: str) -> Callable[[str], date]:
    """Return the function that reads dates of one order; it raises ``ValueError``."""
    readers: dict[str, Callable[[str], date]] = {
        "compact": lambda text: _numeric(_COMPACT_DATE, text, (1, 2, 3)),
        "ymd": lambda text: _numeric(_NUMERIC_DATE, text, (1, 3, 4)),
        "dmy": lambda text: _numeric(_NUMERIC_DATE, text, (4, 3, 1)),
        "mdy": lambda text: _numeric(_NUMERIC_DATE, text, (4, 1, 3)),
        "serial": _serial,
        "named": _named,
    }
    read = readers[order]

    @lru_cache(maxsize=8192)
    def cached(text: str) -> date:
        return read(_day_part(text))

    return cached


def decimal_mark(column: str, values: Iterable[str]) -> str:
    """Find the decimal mark of a column, ``.`` or ``,``.

    Raises:
        DocumentRefused: Every mark could as well group thousands.
    """
    votes = {mark for value in values if (mark := _mark(_digits(value)))}
    certain = votes & {".", ","}
    if len(certain) == 1:
        return certain.pop()
    if len(certain) > 1:
        raise DocumentRefused("amount_ambiguous", f"{column!r} mixes decimal marks.")
    if "?" in votes:
        raise DocumentRefused(
            "amount_ambiguous",
            f"{column!r} may have thousands or decimals: set decimal_marks to . or , for it.",
        )
    return "."


def amount_reader(mark: str) -> Callable[[str], Decimal]:
    """Return the function that reads amounts with one decimal mark; it raises ``ValueError``.

    Signs may stand before, behind (``123,45-``) or as parentheses; currency signs are dropped.
    """
    grouping = ".'’" if mark == "," else ",'’"
    drop = str.maketrans("", "", grouping)

    def read(text: str) -> Decimal:
        if mark == "." and _PLAIN.fullmatch(text):
            return Decimal(text)
        plain = _NOISE.sub("", text)
        negative = plain.startswith("(") and plain.endswith(")")
        plain = _CODES.sub("", plain).strip("()")
        if plain.endswith("-"):
            plain, negative = plain[:-1], not negative
        whole, _, fraction = plain.partition(mark)
        if any(sign in fraction for sign in grouping):
            message = "a grouping mark stands behind the decimal mark"
            raise ValueError(message)
        try:
            value = Decimal(
                f"{whole.translate(drop)}.{fraction}" if fraction else whole.translate(drop)
            )
        except InvalidOperation as error:
            message = "it is no number"
            raise ValueError(message) from error
        return -value if negative else value

    return read


def key_text(text: str) -> str:
    """Read a document number: ``1930438491.0`` is what a spreadsheet made of ``1930438491``.

    Raises:
        ValueError: It was written as ``1.93E+09``: its digits are lost.
    """
    plain = text.strip()
    if match := _FLOAT_KEY.fullmatch(plain):
        return match[1]
    if _SCIENTIFIC.fullmatch(plain):
        message = "a spreadsheet has rounded this number; export the column as text"
        raise ValueError(message)
    return plain


def flag(text: str) -> bool | None:
    """Read yes and no in common languages; ``None`` for nothing.

    Raises:
        ValueError: It is neither.
    """
    plain = text.strip().casefold()
    if not plain:
        return None
    if plain in _YES or plain in _NO:
        return plain in _YES
    message = "it is neither yes nor no"
    raise ValueError(message)


def _only_order(match: re.Match[str]) -> str | None:
    """Tell the one order a date can have; ``None`` when it can have two, or none."""
    if len(match[1]) > _TWO_DIGITS:
        return "ymd"
    first, second = int(match[1]), int(match[3])
    as_dmy = first <= _DAYS_A_MONTH and second <= _MONTHS_A_YEAR
    as_mdy = second <= _DAYS_A_MONTH and first <= _MONTHS_A_YEAR and match[2] != "."
    if as_dmy == as_mdy:
        return None
    return "dmy" if as_dmy else "mdy"


def _day_part(text: str) -> str:
    return _TIME_OF_DAY.sub("", text.strip())


def _numeric(pattern: re.Pattern[str], text: str, places: tuple[int, int, int]) -> date:
    match = pattern.fullmatch(text)
    if match is None:
        message = "it does not look like the other dates of its column"
        raise ValueError(message)
    year, month, day = (int(match[place]) for place in places)
    if len(match[places[0]]) <= _TWO_DIGITS:
        year += 1900 if year >= _PIVOT else 2000
    return date(year, month, day)


def _serial(text: str) -> date:
    """Read a spreadsheet's day number (1900 system, whose 1900 was a leap year)."""
    return _SERIAL_EPOCH + timedelta(days=int(float(text)))


def _named(text: str) -> date:
    match = _NAMED_DATE.fullmatch(text)
    if match is None:
        message = "it does not look like the other dates of its column"
        raise ValueError(message)
    name = (match[2] or match[3]).casefold()
    month = _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])
    if month is None:
        message = "its month has no name we know"
        raise ValueError(message)
    return date(int(match[5]), month, int(match[1] or match[4]))


def _digits(text: str) -> str:
    return re.sub(r"[^\d.,'’]", "", text)


def _mark(digits: str) -> str:
    """Tell the decimal mark of one number; ``?`` when it could group, empty when it has none."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return ""
    mark, other = digits[last], "," if digits[last] == "." else "."
    if other in digits[:last]:
        return mark
    if digits.count(mark) > 1:
        return other
    before, after = digits[:last], digits[last + 1 :]
    could_group = len(after) == _THOUSAND and 0 < len(before) <= _LONGEST_GROUP
    return "?" if could_group and not before.startswith("0") else mark
