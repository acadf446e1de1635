"""Amounts as people write them: exact, with their sign and the currency they name.

The decimal mark is decided per column and never guessed: ``1,234`` alone is a thousand or one
and a bit. Nothing passes through a double.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from ingestion.documents.currencies import CURRENCIES
from ingestion.documents.refusal import DocumentRefused

SIGNS: Mapping[str, tuple[str, ...]] = {
    "€": ("EUR",),
    "£": ("GBP", "EGP", "GIP", "FKP", "SHP"),
    "¥": ("JPY", "CNY"),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
}
"""What a sign may stand for; one that may stand for several names none by itself."""

_SURE = {"€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₩": "KRW", "₴": "UAH", "₽": "RUB"}
_WORDS = {
    "euro": "EUR",
    "euros": "EUR",
    "zł": "PLN",
    "zl": "PLN",
    "kč": "CZK",
    "kc": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "fr": "CHF",
    "sfr": "CHF",
    "us$": "USD",
    "r$": "BRL",
    "a$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "hk$": "HKD",
    "nz$": "NZD",
    "s$": "SGD",
}
_CREDITS = frozenset(["cr", "c", "h", "haben", "credit", "avoir"])
_DEBITS = frozenset(["dr", "d", "s", "soll", "debit"])
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_WORD = re.compile(r"[^\W\d_]+\$?|[$€£¥₹₺₩₴₽]")
_SPACE = re.compile(r"[\s_\u00a0\u2007\u2009\u202f]")
_MINUS = str.maketrans("−–‒", "---")
_NO_CENTS = re.compile(r"(?<=\d)[.,]-{1,2}$")
_GROUPED = {
    ".": re.compile(r"(\d{0,3}(?:[,'’]\d{2,3})*[,'’]\d{3}|\d*)(?:\.(\d*))?"),
    ",": re.compile(r"(\d{0,3}(?:[.'’]\d{2,3})*[.'’]\d{3}|\d*)(?:,(\d*))?"),
}
_THOUSAND = 3
_LONGEST_GROUP = 3


class Written(NamedTuple):
    """An amount as written.

    Attributes:
        amount: In major units, signed.
        currency: The ISO code, or the sign of several currencies, that stands beside it.
    """

    amount: Decimal
    currency: str | None = None


def amount_reader(mark: str) -> Callable[[str], Written]:
    """Return the function that reads amounts with one decimal mark; it raises ``ValueError``.

    Signs may stand before, behind (``123,45-``), as parentheses or as a word (``CR``).
    """
    if mark not in _GROUPED:
        message = f"{mark!r} is no decimal mark: write . or , in decimal_marks."
        raise DocumentRefused("mapping", message)

    def read(text: str) -> Written:
        if mark == "." and _PLAIN.fullmatch(text):
            return Written(Decimal(text))
        digits, currency, is_credit = _without_words(text.translate(_MINUS))
        digits = _NO_CENTS.sub("", digits)
        negative = digits.startswith("(") and digits.endswith(")")
        digits = digits.strip("()")
        if digits.endswith("-"):
            digits, negative = digits[:-1], not negative
        elif digits.startswith(("-", "+")):
            digits, negative = digits[1:], negative ^ (digits[0] == "-")
        value = _value(digits, mark)
        return Written(-value if negative ^ is_credit else value, currency)

    return read


def _value(digits: str, mark: str) -> Decimal:
    match = _GROUPED[mark].fullmatch(digits)
    if match is None and digits.count(mark) == 1:
        message = "its grouping marks do not stand at thousands before the decimal mark"
        raise ValueError(message)
    if match is None or not (match[1] or match[2]):
        message = "it is no number"
        raise ValueError(message)
    whole = re.sub(r"[.,'’]", "", match[1])
    try:
        return Decimal(f"{whole}.{match[2]}" if match[2] else whole)
    except InvalidOperation as error:
        message = "it is no number"
        raise ValueError(message) from error


def _without_words(text: str) -> tuple[str, str | None, bool]:
    """Take currency and debit or credit out of an amount."""
    currency, is_credit = None, False
    for word in _WORD.findall(text):
        plain = word.casefold()
        if plain in _CREDITS:
            is_credit = True
        elif plain not in _DEBITS:
            named = _named(word, plain)
            if currency is not None and currency != named:
                message = f"it names two currencies, {currency} and {named}"
                raise ValueError(message)
            currency = named
    return _SPACE.sub("", _WORD.sub("", text)), currency, is_credit


def currency_of(text: str) -> str:
    """Return the code that a currency cell means; the text itself where it means none."""
    sure = _SURE.get(text) or _WORDS.get(text.casefold())
    return sure or text.upper()


def _named(word: str, plain: str) -> str:
    code = _SURE.get(word) or _WORDS.get(plain) or word.upper()
    if code in CURRENCIES:
        return code
    if plain in SIGNS:
        return plain
    message = f"it is no number: {word!r} is neither a currency nor debit or credit"
    raise ValueError(message)


def decimal_mark(column: str, texts: Mapping[str, int] | Iterable[str]) -> str:
    """Find the decimal mark of a column, ``.`` or ``,``.

    Args:
        column: Its name, for the message.
        texts: Its values, with the rows where they stand if known.

    Raises:
        DocumentRefused: Every mark could as well group thousands, or both marks are used.
    """
    places = texts if isinstance(texts, Mapping) else dict.fromkeys(reversed([*texts]), 0)
    first: dict[str, str] = {}
    for text in sorted(places, key=lambda text: places[text]):
        first.setdefault(mark_of(text), text)

    def shown(mark: str) -> str:
        row = places[first[mark]]
        return f"{first[mark]} (row {row})" if row else first[mark]

    if "." in first and "," in first:
        message = (
            f"{column!r} mixes decimal marks: {shown('.')} and {shown(',')}. Write one mark"
            " throughout, or set decimal_marks to . or , for it; then the others are set aside."
        )
        raise DocumentRefused("amount_ambiguous", message)
    for mark in (".", ","):
        if mark in first:
            return mark
    if "?" in first:
        message = (
            f"{column!r} may have thousands or decimals: {shown('?')}."
            " Set decimal_marks to . or , for it in the mapping, or write two decimals."
        )
        raise DocumentRefused("amount_ambiguous", message)
    return "."


def mark_of(text: str) -> str:
    """Tell the decimal mark of one number; ``?`` when it could group, empty when it has none."""
    digits = re.sub(r"[^\d.,'’]", "", text).rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return ""
    mark, other = digits[last], "," if digits[last] == "." else "."
    if other in digits[:last]:
        return mark
    if digits.count(mark) > 1:
        return other
    before, after = digits[:last], digits[last + 1 :]
    if "'" in before or "’" in before:
        return mark
    could_group = len(after) == _THOUSAND and 0 < len(before) <= _LONGEST_GROUP
    return "?" if could_group and not before.startswith("0") else mark
