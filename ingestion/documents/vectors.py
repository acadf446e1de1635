"""Vector operations on columns of text, each doing what a function does to one text.

A null stands for a value that is not there; a mask says which rows are still plain, and every
operation takes those out that it cannot do exactly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.documents.amounts import Written
from ingestion.quarantine import Unlandable

Mask: TypeAlias = npt.NDArray[np.bool_]

_EXACT = r"^(-?[1-9]\d{0,10}(\.\d{1,9})?|0(\.\d{1,9})?|-?0\.\d{0,8}[1-9])$"
"""Amounts whose text is what their decimal prints, small enough for every currency."""

_SHAPES = {
    ".": (r"^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$", ","),
    ",": (r"^-?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$", "."),
}
"""By decimal mark: amounts without anything around them, and the sign that groups thousands."""

_FLOAT_KEY = r"^(\p{Nd}+)\.0+$"
_SCIENTIFIC = r"^\p{Nd}([.,]\p{Nd}+)?[eE]\+?\p{Nd}+$"
_TO_ESCAPE = r'["\\\x00-\x1f]'
_SPECIAL = bytes((*range(0x20), *b'"\\'))


@dataclass(frozen=True)
class Column:
    """Values of one meaning.

    Attributes:
        values: Text or null.
        beside: For amounts, the currency that stood beside each; ``None`` when none did.
    """

    values: pa.Array
    beside: pa.Array | None = None


def mask(column: pa.Array) -> Mask:
    """Return truth values as a mask."""
    found: Mask = pc.fill_null(column, False).to_numpy(zero_copy_only=False)
    return found


def or_null(texts: pa.Array) -> pa.Array:
    """Turn empty texts into nulls."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def unnulled(texts: pa.Array) -> pa.Array:
    """Turn nulls into empty texts."""
    return pc.fill_null(texts, "")


def each(
    texts: pa.Array, plain: Mask, read: Callable[[str], str | None], *, also_empty: bool = False
) -> Column:
    """Apply a function once to each different text; texts it refuses are not plain."""
    encoded = pc.dictionary_encode(texts)
    values: list[str | None] = []
    fits = np.ones(len(encoded.dictionary), np.bool_)
    for place, text in enumerate(encoded.dictionary.to_pylist()):
        value = None
        if text or also_empty:
            try:
                value = read(text)
            except (Unlandable, ValueError, OverflowError):
                fits[place] = False
        values.append(value)
    if not fits.all():
        plain &= fits[encoded.indices.to_numpy()]
    return Column(pa.array(values, pa.string()).take(encoded.indices))


def amounts(texts: pa.Array, plain: Mask, mark: str, read: Callable[[str], Written]) -> Column:
    """Read amounts: those that are digits only by their shape, the others one by one."""
    shape, grouping = _SHAPES[mark]
    fits = pc.match_substring_regex(texts, shape)
    plainly = texts
    if mark == "," or pc.any(pc.match_substring(texts, grouping)).as_py():
        plainly = pc.replace_substring(texts, grouping, "")
        plainly = pc.replace_substring(plainly, ",", ".") if mark == "," else plainly
    fits = pc.and_(fits, pc.match_substring_regex(plainly, _EXACT))
    others = pc.and_not(pc.not_equal(texts, ""), fits)
    values = pc.if_else(fits, plainly, pa.scalar(None, pa.string()))
    if not pc.any(others).as_py():
        return Column(values)
    beside: dict[str, str | None] = {}

    def written(text: str) -> str:
        found = read(text)
        beside[text] = found.currency
        return f"{found.amount:f}"

    asked = texts.filter(others)
    exact = np.ones(len(asked), np.bool_)
    own = each(asked, exact, written).values
    exact &= mask(pc.match_substring_regex(own, _EXACT))
    plain[mask(others)] &= exact
    values = pc.replace_with_mask(values, others, own)
    if not any(beside.values()):
        return Column(values)
    signs = each(asked, np.ones(len(asked), np.bool_), lambda text: beside.get(text)).values
    nothing = pa.nulls(len(texts), pa.string())
    return Column(values, pc.replace_with_mask(nothing, others, signs))


def numbers(texts: pa.Array, plain: Mask) -> pa.Array:
    """Read document numbers; see ``values.key_text``."""
    rounded = pc.match_substring_regex(texts, _SCIENTIFIC)
    if pc.any(rounded).as_py():
        plain &= ~mask(rounded)
    if pc.any(pc.match_substring_regex(texts, _FLOAT_KEY)).as_py():
        return pc.replace_substring_regex(texts, _FLOAT_KEY, r"\1")
    return texts


def escaped(texts: pa.Array) -> pa.Array:
    """Write texts as they stand inside a JSON string."""
    data = texts.buffers()[2]
    if data is None or _is_clean(data.to_pybytes()):
        return texts
    special = pc.match_substring_regex(texts, _TO_ESCAPE)
    if not pc.any(special).as_py():
        return texts
    found = [msgspec.json.encode(text)[1:-1].decode() for text in texts.filter(special).to_pylist()]
    return pc.replace_with_mask(texts, special, pa.array(found, pa.string()))


def _is_clean(data: bytes) -> bool:
    return len(data.translate(None, _SPECIAL)) == len(data)


def quoted(texts: pa.Array, *, is_clean: bool) -> "list[str | pa.Array | pl.Series]":
    """Write texts as JSON strings, nulls as ``null``; return the parts to concatenate."""
    if texts.null_count == len(texts):
        return ["null"]
    written = texts if is_clean else escaped(texts)
    if not texts.null_count:
        return ['"', written, '"']
    both = pl.concat_str(pl.lit('"'), pl.col("text"), pl.lit('"'))
    frame = pl.DataFrame({"text": pl.Series(written)})
    return [frame.select(both.fill_null("null")).to_series()]


def joined(columns: Sequence[pa.Array], separator: str = "/") -> pa.Array:
    """Join texts row by row."""
    if len(columns) == 1:
        return columns[0]
    return pc.binary_join_element_wise(*columns, separator)


def concatenated(parts: Sequence["str | pa.Array | pl.Series"], count: int) -> pa.Array:
    """Write constant and varying parts one behind the other, row by row."""
    columns: dict[str, pl.Series] = {}
    asked: list[pl.Expr] = []
    constant = ""
    for part in parts:
        if isinstance(part, str):
            constant += part
            continue
        name = str(len(columns))
        columns[name] = pl.Series(part)
        asked += [pl.lit(constant), pl.col(name)]
        constant = ""
    made = pl.DataFrame(columns, height=count).select(pl.concat_str(*asked, pl.lit(constant)))
    return made.to_series().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.string())
