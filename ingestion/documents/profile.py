"""What the columns of a sheet hold, looked through once, chunk by chunk.

Everything a mapping has to decide (date orders, decimal marks, currencies, which columns make a
key) depends on all values, but only on different ones; so only those are looked at one by one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.documents.amounts import amount_reader, mark_of
from ingestion.documents.chunk import Chunk, ahead
from ingestion.documents.dates import day_part
from ingestion.documents.sheet import Sheet

SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What ``str.strip`` takes away."""

_MARK_CLEAR = {
    ".": r"^-?(\d*\.(\d{1,2}|\d{4,})|\d{4,}\.\d{3}|0\d*\.\d{3}|\d{1,3}(,\d{3})+\.\d+)$",
    ",": r"^-?(\d*,(\d{1,2}|\d{4,})|\d{4,},\d{3}|0\d*,\d{3}|\d{1,3}(\.\d{3})+,\d+)$",
    "": r"^-?\d+$",
}
"""Amounts whose decimal mark shows at once."""


@dataclass
class Profile:
    """What was found.

    Attributes:
        rows: How many rows are not blank.
        dates: By column, its different days as text with the row where each stands first.
        marks: By column, an amount for each reading of its decimal mark, with its row.
        currencies: By column, what stands beside its amounts, with how many rows; the empty
            text counts those with nothing.
        filled: Columns with any value.
        documents: How many rows have a number and a date.
        different: How many of those the narrowest key tells apart.
    """

    rows: int = 0
    documents: int = 0
    different: int = 0
    dates: dict[str, dict[str, int]] = field(default_factory=dict)
    marks: dict[str, dict[str, int]] = field(default_factory=dict)
    currencies: dict[str, dict[str, int]] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)


def look(sheet: Sheet, dates: Sequence[str], amounts: Sequence[str], key: Sequence[str]) -> Profile:
    """Look through a sheet.

    Args:
        sheet: The file.
        dates: Columns of dates.
        amounts: Columns of amounts.
        key: Columns of the narrowest key, its number last.
    """
    places = {name: place for place, name in enumerate(sheet.header)}
    profile = Profile()
    dates, amounts = ([one for one in names if one in places] for names in (dates, amounts))
    hashes = []
    for chunk in ahead(sheet.chunks()):
        texts = {one: trimmed(chunk.columns[places[one]]) for one in (*dates, *amounts)}
        first = sheet.line_of(chunk.first)
        profile.rows += _filled_rows(chunk)
        profile.filled.update(one for one in texts.keys() - profile.filled if _has_any(texts[one]))
        for name in dates:
            _collect_days(texts[name], first, profile.dates.setdefault(name, {}))
        for name in amounts:
            if name not in sheet.numbers:
                marks = profile.marks.setdefault(name, {})
                beside = profile.currencies.setdefault(name, {})
                _collect_marks(texts[name], first, marks, beside)
        if key and key[-1] in places:
            own = [places[one] for one in key if one in places]
            hashes.append(_documents(chunk, own, own[-1], [places[one] for one in dates]))
    every = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
    profile.documents, profile.different = len(every), _different(every)
    return profile


def distinct(sheet: Sheet, columns: Sequence[str], number: str, dates: Iterable[str]) -> int:
    """Count the different documents of a sheet as far as some columns tell them apart.

    Args:
        sheet: The file.
        columns: What tells documents apart.
        number: A row without a value here is no document …
        dates: … and neither is one without a value in any of these.
    """
    places = [sheet.header.index(name) for name in columns]
    needed = sheet.header.index(number)
    dated = [sheet.header.index(name) for name in dates]
    hashes = [_documents(chunk, places, needed, dated) for chunk in sheet.chunks()]
    return _different(np.concatenate(hashes)) if hashes else 0


def _different(hashes: npt.NDArray[np.uint64]) -> int:
    """Count different hashes; sorting is many times faster here than numpy's hash table."""
    ordered = np.sort(hashes)
    return len(ordered) and 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def _documents(
    chunk: Chunk, places: Sequence[int], number: int, dated: Sequence[int]
) -> npt.NDArray[np.uint64]:
    """Hash some columns of the rows that are documents."""
    dates = [pc.not_equal(chunk.columns[at], "") for at in dated]
    is_document = pc.not_equal(trimmed(chunk.columns[number]), "")
    if dates:
        is_document = pc.and_(is_document, reduce(pc.or_, dates))
    columns = {str(at): pl.Series(trimmed(chunk.columns[at])) for at in places}
    documents = pl.DataFrame(columns).filter(pl.Series(is_document))
    hashes: npt.NDArray[np.uint64] = documents.hash_rows(seed=7).to_numpy()
    return hashes


def trimmed(column: pa.Array) -> pa.Array:
    """Strip texts as ``str.strip`` does."""
    return pc.utf8_trim(column, characters=SPACES)


def _filled_rows(chunk: Chunk) -> int:
    blank = None
    for column in chunk.columns:
        empty = pc.equal(trimmed(column), "")
        blank = empty if blank is None else pc.and_(blank, empty)
        if not pc.any(blank).as_py():
            return len(chunk)
    odd = sum(any(cell.strip() for cell in cells) for cells in chunk.odd.values())
    return len(chunk) - int(pc.sum(blank).as_py() or 0) + odd


def _has_any(texts: pa.Array) -> bool:
    return bool(pc.any(pc.not_equal(texts, "")).as_py())


def _collect_days(column: pa.Array, first: int, found: dict[str, int]) -> None:
    encoded = pc.dictionary_encode(column)
    days = [day_part(text) for text in encoded.dictionary.to_pylist()]
    unseen = [code for code, day in enumerate(days) if day and day not in found]
    if unseen:
        codes, at = np.unique(encoded.indices.to_numpy(), return_index=True)
        for code, row in zip(codes.tolist(), at.tolist(), strict=True):
            if days[code]:
                found.setdefault(days[code], first + row)


def _collect_marks(
    column: pa.Array, first: int, marks: dict[str, int], beside: dict[str, int]
) -> None:
    """Find one example of each reading; texts whose reading shows at once are not looked at."""
    unclear = pc.not_equal(column, "")
    seen = {mark_of(text) for text in marks}
    for mark, pattern in _MARK_CLEAR.items():
        is_clear = pc.match_substring_regex(column, pattern)
        unclear = pc.and_not(unclear, is_clear)
        at = pc.index(is_clear, True).as_py()
        if at >= 0:
            beside[""] = beside.get("", 0) + int(pc.sum(is_clear).as_py())
            if mark not in seen:
                marks.setdefault(column[at].as_py(), first + at)
                seen.add(mark)
    if not pc.any(unclear).as_py():
        return
    readers = [amount_reader(mark) for mark in (".", ",")]
    indices = pc.indices_nonzero(unclear)
    for text, count, row in _counted(column.take(indices), indices, first):
        mark = mark_of(text)
        if mark not in seen:
            marks.setdefault(text, row)
            seen.add(mark)
        named = _currency_beside(text, readers)
        if named is not None:
            beside[named] = beside.get(named, 0) + count


def _currency_beside(text: str, readers: Sequence[object]) -> str | None:
    """Name the currency beside an amount; ``None`` when it is no amount at all."""
    for read in readers:
        try:
            return read(text).currency or ""  # type: ignore[operator]
        except ValueError:
            continue
    return None


def _counted(column: pa.Array, indices: pa.Array, first: int) -> Iterable[tuple[str, int, int]]:
    encoded = pc.dictionary_encode(column)
    texts = encoded.dictionary.to_pylist()
    _, at, counts = np.unique(encoded.indices.to_numpy(), return_index=True, return_counts=True)
    rows = indices.to_numpy()[at]
    for text, count, row in zip(texts, counts, rows, strict=True):
        yield text, int(count), first + int(row)
