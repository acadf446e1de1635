"""Document numbers, and yes and no, as people write them."""

import re

_FLOAT_KEY = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")

_YES = frozenset(["yes", "y", "true", "1", "x", "ja", "oui", "si", "sí", "sim", "tak"])
_NO = frozenset(["no", "n", "false", "0", "nein", "non", "nee", "não", "nao", "nie", "nej", "-"])
_OPEN = frozenset(["open", "offen"])
_CLOSED = frozenset(["closed"])


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
    if plain in _YES or plain in _OPEN:
        return True
    if plain in _NO or plain in _CLOSED:
        return False
    message = "it is neither yes nor no"
    raise ValueError(message)
