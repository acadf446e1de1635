"""Normal forms by which numbers, names and tax ids of different systems are compared.

Each form is a chain of plain replacements, so that the SQL macros of ``transform/macros`` can do
the same step by step. The raw value is always kept beside the normal form.

number_norm: NFKC, upper case, letters and digits only; a single letter O between two digits
becomes 0, a single I or L between two digits becomes 1 (each replacement runs twice, so that
neighbours that share a digit are both found); leading zeros of every digit run are dropped, the
last zero stays.
tax_id_norm: NFKC, upper case, letters and digits only; nothing left means no tax id.
name_norm: NFKD without marks, case folded, letters and digits only, legal forms removed,
abbreviations written out, tokens sorted.
"""

from __future__ import annotations

import re
import unicodedata

_O_BETWEEN_DIGITS = re.compile(r"([0-9])O([0-9])")
_I_BETWEEN_DIGITS = re.compile(r"([0-9])[IL]([0-9])")
_LEADING_ZEROS = re.compile(r"(^|[^0-9])0+([0-9])")

LEGAL_FORMS: frozenset[str] = frozenset(
    (
        "ab", "ag", "aps", "as", "asa", "bv", "co", "corp", "corporation", "cv", "cyf",
        "doo", "eeig", "eood", "eurl", "gbr", "gmbh", "inc", "incorporated", "kft", "kg",
        "kgaa", "kk", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv", "nyrt",
        "ohg", "oy", "oyj", "plc", "pllc", "pte", "pty", "pvt", "ou", "rt", "sa", "sarl",
        "sas", "sasu", "sca", "scs", "se", "sl", "slu", "snc", "sp", "spa", "spj", "sprl",
        "srl", "sro", "tbk", "ug", "ulc", "unlimited", "vof", "zoo", "zrt", "company",
    )
)  # fmt: skip
"""Tokens that name a legal form; they say nothing about which company it is."""

ABBREVIATIONS: dict[str, str] = {
    "assoc": "associates",
    "bldg": "building",
    "bros": "brothers",
    "ctr": "centre",
    "center": "centre",
    "dept": "department",
    "eng": "engineering",
    "grp": "group",
    "hldg": "holding",
    "hldgs": "holdings",
    "ind": "industries",
    "int": "international",
    "intl": "international",
    "mfg": "manufacturing",
    "mgmt": "management",
    "natl": "national",
    "svc": "services",
    "svcs": "services",
    "sys": "systems",
    "tech": "technologies",
    "transp": "transport",
    "univ": "university",
}

_TRANSLITERATION = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)


def number_norm(value: str | None) -> str:
    """Normalise a document number; an empty text when nothing is left."""
    if not value:
        return ""
    kept = _alphanumeric(unicodedata.normalize("NFKC", value).upper())
    for _ in range(2):
        kept = _O_BETWEEN_DIGITS.sub(r"\g<1>0\g<2>", kept)
    for _ in range(2):
        kept = _I_BETWEEN_DIGITS.sub(r"\g<1>1\g<2>", kept)
    return _LEADING_ZEROS.sub(r"\g<1>\g<2>", kept)


def tax_id_norm(value: str | None) -> str | None:
    """Normalise a tax or registration id; ``None`` when nothing is left."""
    if not value:
        return None
    return _alphanumeric(unicodedata.normalize("NFKC", value).upper()) or None


def name_norm(value: str | None) -> str:
    """Normalise a company name to its sorted, telling tokens.

    When a name consists of legal forms only, they are kept: an empty form would equal every other
    empty form.
    """
    if not value:
        return ""
    folded = unicodedata.normalize("NFKD", value).casefold().translate(_TRANSLITERATION)
    unmarked = "".join(c for c in folded if not unicodedata.combining(c))
    joined = unmarked.replace("&", " and ").replace("'", "").replace(".", "")
    tokens = "".join(c if c.isalnum() else " " for c in joined).split()
    telling = [ABBREVIATIONS.get(t, t) for t in tokens if t not in LEGAL_FORMS]
    return " ".join(sorted(telling or tokens))


def _alphanumeric(value: str) -> str:
    return "".join(c for c in value if c.isalnum())
