"""Which column means what, by its name: synonyms in nine languages around particles and codes."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from ingestion.documents.amounts import SIGNS
from ingestion.documents.currencies import CURRENCIES
from ingestion.documents.sheet import DocumentRefused, Sheet
from ingestion.documents.synonyms import RANKS, SYNONYMS

REQUIRED = (
    ("amount",),
    ("invoice_number", "document_id"),
    ("issued_on", "due_on"),
    ("customer_code", "customer_name"),
)
"""Of each group at least one must be there."""

_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o", "å": "a"})
_PARTICLES = frozenset(
    ["d", "de", "del", "della", "des", "di", "do", "du", "l", "la", "le", "the", "of", "van"]
)
_SPLIT = re.compile(r"[^a-z0-9]+")
_LIKE_WORDS = frozenset(["ALL", "COP", "CUP", "GEL", "LAK", "MAD", "MOP", "TOP", "TRY", "VND"])
_SHOWN = 12


def header_score(row: Sequence[str]) -> int:
    """Count how many different meanings a row's cells name."""
    return len({RANKS[name][0] for cell in row if (name := _known(cell))})


def columns_of(sheet: Sheet, named: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give each meaning the column whose name ranks best for it.

    A list of open items may hold nothing but what is still open: that is then the amount.

    Args:
        sheet: The opened file.
        named: Columns that a person named for a meaning; they stand for nothing else.

    Raises:
        DocumentRefused: Something needed has no column.
    """
    named = named or {}
    if wrong := [one for one in named if one not in SYNONYMS]:
        message = f"{', '.join(wrong)} is no meaning: columns names some of {', '.join(SYNONYMS)}."
        raise DocumentRefused("mapping", message)
    if absent := [column for column in named.values() if column not in sheet.header]:
        raise _absent(sheet, absent)
    found = {meaning: (-1, column) for meaning, column in named.items()}
    for column in sheet.header:
        if column not in named.values() and (name := _known(column)):
            meaning, rank = RANKS[name]
            if meaning not in found or rank < found[meaning][0]:
                found[meaning] = (rank, column)
    if "amount" not in found and "open_amount" in found:
        found["amount"] = found.pop("open_amount")
    missing = [group for group in REQUIRED if not any(one in found for one in group)]
    if missing:
        raise _missing(sheet, missing)
    return {meaning: found[meaning][1] for meaning in SYNONYMS if meaning in found}


def says_only_open(column: str) -> bool:
    """Tell whether a column that is read as the amount says by its name what is still open."""
    name = _known(column)
    return name is not None and RANKS[name][0] == "open_amount"


def currency_named(column: str) -> str | None:
    """Return the currency that a column's name holds: ``Amount (EUR)``, ``Betrag in €``."""
    codes = [word.upper() for word in _words(column) if _is_currency(word)]
    codes += [code for sign, (code, *rest) in _sorted_signs() if sign in column and not rest]
    return codes[0] if len(set(codes)) == 1 else None


def _sorted_signs() -> list[tuple[str, list[str]]]:
    sure = {"€": ["EUR"], "£": ["GBP"]}
    return [(sign, sure.get(sign, list(codes))) for sign, codes in SIGNS.items()]


def _missing(sheet: Sheet, missing: Sequence[Sequence[str]]) -> DocumentRefused:
    wanted = "; ".join(" or ".join(group) for group in missing)
    return DocumentRefused(
        "columns_missing",
        f"no column found for {wanted} in {_header(sheet)}:"
        " rename a column, or name it under columns in the mapping.",
    )


def _absent(sheet: Sheet, absent: Sequence[str]) -> DocumentRefused:
    return DocumentRefused(
        "columns_missing",
        f"there is no column {', '.join(map(repr, absent))} in {_header(sheet)}:"
        " correct columns in the mapping.",
    )


def _header(sheet: Sheet) -> str:
    there = ", ".join(map(repr, sheet.header[:_SHOWN]))
    more = f" and {len(sheet.header) - _SHOWN} more" if len(sheet.header) > _SHOWN else ""
    return f"row {sheet.line_of(-1)}, which reads {there}{more}"


def _known(header: str) -> str | None:
    """Return the synonym a column name stands for, also around particles and a currency code."""
    words = _words(header)
    plain = [word for word in words if word not in _PARTICLES]
    for tried in (words, plain, [word for word in plain if not _is_currency(word)]):
        name = "".join(tried)
        if name in RANKS:
            return name
    bare = [word for word in plain if not _is_currency(word) and word != "in"]
    name = "".join(bare)
    return name if name in RANKS else None


def _words(header: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    folded = unicodedata.normalize("NFKD", spaced.casefold().translate(_FOLDED))
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return [word for word in _SPLIT.split(plain) if word]


def _is_currency(word: str) -> bool:
    return word.upper() in CURRENCIES - _LIKE_WORDS
