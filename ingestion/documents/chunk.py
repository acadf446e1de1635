"""Some rows of a file at once: a column of text per header cell, and the rows that do not fit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import pyarrow as pa

ROWS = 50_000
"""Rows in a chunk built from rows."""


T = TypeVar("T")


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows below the header.

    Attributes:
        first: Position of the first row, counted from the one below the header.
        columns: One array of text per column of the header, all of one length, without nulls.
        odd: By index in the chunk, the cells of rows that have more or fewer than the header;
            their places in ``columns`` hold empty texts.
    """

    first: int
    columns: Sequence[pa.Array]
    odd: Mapping[int, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns[0])

    def cells(self, index: int) -> list[str]:
        """Return the cells of one row as they were."""
        if index in self.odd:
            return self.odd[index]
        return [column[index].as_py() for column in self.columns]

    def rows(self) -> Iterator[list[str]]:
        """Yield the cells of every row."""
        columns = [column.to_pylist() for column in self.columns]
        for index, cells in enumerate(zip(*columns, strict=True)):
            yield self.odd[index] if index in self.odd else list(cells)


def chunk_of(first: int, rows: Sequence[list[str]], width: int) -> Chunk:
    """Turn rows into columns."""
    odd = {index: cells for index, cells in enumerate(rows) if len(cells) != width}
    if odd:
        blank = [""] * width
        rows = [blank if index in odd else cells for index, cells in enumerate(rows)]
    columns = zip(*rows, strict=True) if rows else [()] * width
    return Chunk(first, [pa.array(column, pa.string()) for column in columns], odd)


def chunks_of(rows: Iterable[list[str]], width: int, first: int = 0) -> Iterator[Chunk]:
    """Cut a stream of rows into chunks."""
    source = iter(rows)
    while part := list(islice(source, ROWS)):
        yield chunk_of(first, part, width)
        first += len(part)


def ahead(source: Iterator[T]) -> Iterator[T]:
    """Yield what a source gives while a thread works on its next one."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        job = pool.submit(next, source, None)
        while (found := job.result()) is not None:
            job = pool.submit(next, source, None)
            yield found
