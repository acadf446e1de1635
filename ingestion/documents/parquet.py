"""Parquet files: typed columns as the text that a careful person would write.

Decimals keep their scale, days are ISO, nothing goes through a double that is not one already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.documents.chunk import Chunk
from ingestion.documents.refusal import DocumentRefused
from ingestion.documents.workbook import cell_text

_ROWS = 20_000
_LONGEST_PLAIN = 6
"""Decimals of at most this scale are never written with an exponent."""


@dataclass(frozen=True)
class Parquet:
    """A Parquet file, opened."""

    path: Path

    @property
    def header(self) -> list[str]:
        """Names of the columns."""
        return list(pq.read_schema(self.path).names)

    @property
    def numbers(self) -> frozenset[str]:
        """Names of the columns whose type is a number: their decimal mark is a point."""
        schema = pq.read_schema(self.path)
        return frozenset(one.name for one in schema if _is_number(one.type))

    def head(self, count: int) -> list[list[str]]:
        """Return the header and the first rows."""
        first = next(self._chunks(count), None)
        return [self.header, *(first.rows() if first else ())]

    def chunks(self, skip: int, width: int) -> Iterator[Chunk]:
        """Yield the rows; ``skip`` and ``width`` are the header's, which stands apart here."""
        del skip, width
        return self._chunks(_ROWS)

    def _chunks(self, rows: int) -> Iterator[Chunk]:
        first = 0
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(rows):
                    chunk = Chunk(first, [_text(column) for column in batch.columns])
                    first += len(chunk)
                    yield chunk
        except (pa.ArrowException, OSError) as error:
            raise _damaged() from error


def opened(path: Path) -> Parquet:
    """Open a Parquet file.

    Raises:
        DocumentRefused: It is damaged, or a column holds lists or records.
    """
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged() from error
    for one in schema:
        if pa.types.is_nested(one.type):
            message = f"column {one.name!r} holds {one.type}: write one value per cell."
            raise DocumentRefused("parquet", message)
    return Parquet(path)


def _damaged() -> DocumentRefused:
    return DocumentRefused(
        "parquet", "it cannot be read as Parquet: it is damaged or cut off. Export it again."
    )


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    is_short = pa.types.is_decimal(kind) and 0 <= kind.scale <= _LONGEST_PLAIN
    if is_text or is_short or pa.types.is_integer(kind) or pa.types.is_date32(kind):
        texts = column.cast(pa.string())
        texts.validate(full=True)
    else:
        texts = pa.array([_one(value) for value in column.to_pylist()], pa.string())
    return pc.fill_null(texts, "")


def _one(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return f"{value:f}" if hasattr(value, "as_tuple") else cell_text(value)
