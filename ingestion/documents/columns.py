"""Many rows at once, mapped to what ``rows.Reader`` makes of each, byte for byte.

::

    chunk ─► different texts of a column ─► the row reader's own functions ─► back to all rows
        amounts and numbers: vector expressions for what is clear by its shape
        whatever does not fit: the row reader itself, in place

A value is read by the same function as in a single row, only once per different text, so both ways
agree by construction. Amounts stay text; sums are exact decimals.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.bulk import AMOUNT, Refused, Sound
from ingestion.documents.amounts import Written
from ingestion.documents.chunk import Chunk
from ingestion.documents.mapping import AMOUNTS, DATES
from ingestion.documents.profile import trimmed
from ingestion.documents.rows import KEYS, MEANINGS, Reader, Row, country, document_type
from ingestion.documents.vectors import (
    Column,
    Mask,
    amounts,
    concatenated,
    each,
    escaped,
    joined,
    mask,
    numbers,
    or_null,
    quoted,
    unnulled,
)

_MOST_TOTALS = 500
_CLEAN = frozenset(
    (*DATES, *AMOUNTS, "currency", "customer_country", "is_disputed", "document_type")
)
"""Meanings whose values hold nothing that JSON escapes."""


class Columns:
    """Maps the chunks of one sheet, in order."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._days = {meaning: _days(read) for meaning, read in reader.dates.items()}

    def mapped(self, chunk: Chunk) -> tuple[Sound, list[Refused]]:
        """Map a chunk: the rows that can land, in file order, and those that cannot."""
        plain = np.ones(len(chunk), np.bool_)
        plain[list(chunk.odd)] = False
        found = {one: self._column(chunk, one, plain) for one in MEANINGS if one in self._place}
        undated = self._undated(found, len(chunk))
        plain &= ~undated
        self._need(found, plain)
        if int(undated.sum()) > _MOST_TOTALS:
            plain[:] = False
        sound = self._sound(chunk, found, plain)
        read, refused = self._by_row(chunk, sound, plain, undated)
        return (_merged(sound, read) if read else sound), refused

    @property
    def _place(self) -> Mapping[str, int]:
        return self._reader.place

    def _column(self, chunk: Chunk, meaning: str, plain: Mask) -> Column:
        texts = trimmed(chunk.columns[self._place[meaning]])
        reader = self._reader
        if meaning in DATES:
            return each(texts, plain, self._days[meaning])
        if meaning in AMOUNTS:
            mark = reader.mapping.decimal_marks.get(reader.mapping.columns[meaning], ".")
            return amounts(texts, plain, mark, reader.amounts[meaning])
        if meaning in KEYS:
            return Column(or_null(numbers(texts, plain)))
        if meaning == "is_disputed":
            return each(texts, plain, reader.disputed)
        if meaning == "customer_country":
            return each(texts, plain, country)
        return Column(or_null(texts))

    def _undated(self, found: Mapping[str, Column], count: int) -> Mask:
        """Find rows without any date, among which total rows are."""
        undated = np.ones(count, np.bool_)
        for meaning in DATES:
            if meaning in found:
                undated &= mask(pc.is_null(found[meaning].values))
        return undated

    def _need(self, found: Mapping[str, Column], plain: Mask) -> None:
        """Leave rows without an amount or a number to the row reader."""
        plain &= mask(pc.is_valid(found["amount"].values))
        numbered = np.zeros(len(plain), np.bool_)
        for meaning in ("document_id", "invoice_number"):
            if meaning in found:
                numbered |= mask(pc.is_valid(found[meaning].values))
        plain &= numbered

    def _sound(self, chunk: Chunk, found: Mapping[str, Column], plain: Mask) -> Sound:
        count = len(chunk)
        nothing = pa.nulls(count, pa.string())
        values = {one: found[one].values if one in found else nothing for one in MEANINGS}
        values["currency"] = self._currencies(found, plain, count)
        texts = pc.if_else(pa.array(plain), values["amount"], "0")
        sums = pc.cast(texts, AMOUNT)
        values["document_type"] = _types(values["document_type"], sums)
        number, document = values["invoice_number"], values["document_id"]
        values["invoice_number"] = pc.coalesce(number, document)
        values["document_id"] = pc.coalesce(document, number)
        keys = {**values, **{one: found[one].values for one in KEYS if one in found}}
        record_ids = joined([unnulled(keys.get(one, nothing)) for one in self._reader.mapping.key])
        payloads = self._payloads(chunk, record_ids, values)
        keep = pa.array(plain)
        positions = pa.array(np.arange(chunk.first, chunk.first + count))
        every = (record_ids, payloads, positions, values["currency"], sums)
        return Sound(*(column if plain.all() else column.filter(keep) for column in every))

    def _currencies(self, found: Mapping[str, Column], plain: Mask, count: int) -> pa.Array:
        """Tell the currency of every row from its column, its amounts and the mapping."""
        stated = found["currency"].values if "currency" in found else pa.nulls(count, pa.string())
        currencies = self._agreed(stated, found["amount"].beside, plain)
        beside = found["open_amount"].beside if "open_amount" in found else None
        if beside is not None:
            there = mask(pc.is_valid(beside))
            alike = plain.copy()
            self._agreed(currencies, beside, alike)
            plain &= alike | ~there
        return currencies

    def _agreed(self, stated: pa.Array, beside: pa.Array | None, plain: Mask) -> pa.Array:
        if beside is None:
            texts = unnulled(stated)
        else:
            texts = joined([unnulled(stated), unnulled(beside)], "\x1f")

        def read(text: str) -> str:
            own, _, other = text.partition("\x1f")
            return self._reader.currency(own, Written(Decimal(0), other or None))

        return each(texts, plain, read, also_empty=True).values

    def _payloads(
        self, chunk: Chunk, record_ids: pa.Array, values: Mapping[str, pa.Array]
    ) -> pa.Array:
        parts: list[str | pa.Array] = []
        before = "{"
        for name, column in (("record_id", record_ids), *((one, values[one]) for one in MEANINGS)):
            parts += [f'{before}"{name}":', *quoted(column, is_clean=name in _CLEAN)]
            before = ","
        before = ',"source":{'
        for name, column in zip(self._reader.header, chunk.columns, strict=True):
            parts += [f'{before}{msgspec.json.encode(name).decode()}:"', escaped(column)]
            before = '",'
        return concatenated([*parts, '"}}'], len(chunk))

    def _by_row(
        self, chunk: Chunk, sound: Sound, plain: Mask, undated: Mask
    ) -> tuple[list[Row], list[Refused]]:
        """Read one by one what is left, with the sums of the rows above each total."""
        read: list[Row] = []
        refused: list[Refused] = []
        reader, done = self._reader, 0
        before = np.concatenate([[0], np.cumsum(plain)])
        for index in np.flatnonzero(~plain).tolist():
            if undated[index]:
                reader.running.add_sums(sound.sums(done, int(before[index])))
                done = int(before[index])
            row = reader.row(chunk.first + index, chunk.cells(index))
            if row is not None and row.problem is not None:
                refused.append(Refused(row.position, row.payload, row.problem))
            elif row is not None:
                read.append(row)
        reader.running.add_sums(sound.sums(done, len(sound)))
        return read, refused


def _days(read: Callable[[str], date]) -> Callable[[str], str]:
    """Return the function that reads a day as ISO text, remembering what it has read."""

    @lru_cache(maxsize=65536)
    def written(text: str) -> str:
        return read(text).isoformat()

    return written


def _types(words: pa.Array, sums: pa.Array) -> pa.Array:
    """Tell invoices from credit notes by their word and their sign."""
    everything = np.ones(len(words), np.bool_)
    positive = each(
        unnulled(words), everything, lambda word: document_type(word, is_negative=False)
    )
    plain = pc.fill_null(positive.values, document_type("", is_negative=False))
    return pc.if_else(pc.less(sums, 0), document_type("", is_negative=True), plain)


def _merged(sound: Sound, read: list[Row]) -> Sound:
    """Put rows that were read one by one where they stand in the file."""
    records = [row.record or {} for row in read]
    own = Sound(
        pa.array([one["record_id"] for one in records], pa.string()),
        pa.array([row.payload.decode() for row in read], pa.string()),
        pa.array([row.position for row in read], pa.int64()),
        pa.array([one["currency"] for one in records], pa.string()),
        pa.array([Decimal(one["amount"]) for one in records], AMOUNT),
    )
    return sound.with_rows(own)
