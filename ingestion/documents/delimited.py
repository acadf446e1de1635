"""CSV in bounded memory: blocks of whole records, cut into columns by vector operations.

::

    bytes ─► UTF-8 blocks ─► cut at the last record that ends in the block ─► columns of text
                 │ stray quotes or lone carriage returns: from here on, row by row

Both ways cut alike, as Python's ``csv`` does: a quote opens a field only at its start. A block
in which any row has another number of cells is cut row by row, so that no cell is lost.
"""

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from ingestion.documents.chunk import Chunk, chunk_of, chunks_of
from ingestion.documents.kinds import is_utf16
from ingestion.documents.refusal import DocumentRefused

DELIMITERS = (",", ";", "\t", "|")
FIRST_BLOCK = 64 * 1024
BLOCK = 2 * 1024 * 1024
_PIECE = 1024 * 1024
_LINES_TRIED = 30
_NAMED_SEPARATOR = re.compile(r"\s*sep=([\t -~])\s*$", re.IGNORECASE)
_NOT_IN_CP1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_QUOTE, _NEWLINE, _RETURN = b'"\n\r'


@dataclass(frozen=True)
class Delimited:
    """A CSV file, opened.

    Attributes:
        encoding: As Python names it.
        delimiter: One sign.
        blocks: Bytes read at first, and from then on.
    """

    path: Path
    encoding: str
    delimiter: str
    blocks: tuple[int, int] = (FIRST_BLOCK, BLOCK)

    def head(self, count: int) -> list[list[str]]:
        """Return the first rows."""
        text = next(_blocks(self.path, self.encoding, self.blocks), b"").decode("utf-8", "ignore")
        rows: list[list[str]] = []
        try:
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter):
                rows.append(row)
                if len(rows) == count:
                    break
        except csv.Error as error:
            raise _broken(len(rows), error) from error
        return rows

    def chunks(self, skip: int, width: int) -> Iterator[Chunk]:
        """Yield what stands below the first ``skip`` rows, cut into ``width`` columns."""
        cut = _Cut(self.delimiter, width, _blocks(self.path, self.encoding, self.blocks))
        return cut.chunks(skip)


def opened(path: Path, encoding: str | None, delimiter: str | None) -> tuple[Delimited, str]:
    """Find out how a CSV file is written where that is not given; also return its hash.

    Raises:
        DocumentRefused: It is not written in the encoding given.
    """
    sha256, found = _survey(path, encoding)
    encoding = encoding or found
    if delimiter is None:
        start = next(_blocks(path, encoding), b"").decode("utf-8", "ignore")
        delimiter = _delimiter(start)
    return Delimited(path, encoding, delimiter), sha256


def _survey(path: Path, given: str | None) -> tuple[str, str]:
    """Read a file once: its hash, and the first encoding that all of it fits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        encoding = given or is_utf16(file.read(_PIECE)) or "utf-8-sig"
        try:
            decoder = codecs.getincrementaldecoder(encoding)()
        except LookupError as error:
            message = f"there is no encoding {encoding!r}: set encoding in the mapping's layout."
            raise DocumentRefused("encoding", message) from error
        file.seek(0)
        fits, has_unknown = True, False
        while piece := file.read(_PIECE):
            digest.update(piece)
            has_unknown = has_unknown or len(piece.translate(None, _NOT_IN_CP1252)) < len(piece)
            fits = fits and _fits(decoder, piece)
    fits = fits and _fits(decoder, b"", final=True)
    if not fits and (given or encoding != "utf-8-sig"):
        message = (
            f"it is not written in {encoding}: set encoding in the mapping's layout"
            " (utf-8-sig, cp1252, utf-16 …) or save it as UTF-8."
        )
        raise DocumentRefused("encoding", message)
    if fits:
        return digest.hexdigest(), encoding
    return digest.hexdigest(), "latin-1" if has_unknown else "cp1252"


def _fits(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """Take the one that cuts most of the first rows into the same number of cells."""
    lines = text.splitlines(keepends=True)[:_LINES_TRIED]
    if lines and (named := _NAMED_SEPARATOR.match(lines[0])):
        return named[1]
    joined = "".join(lines)

    def evenness(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(joined, newline=""), delimiter=delimiter)
        try:
            widths = [len(row) for row in rows if row]
        except csv.Error:
            return (0, 0)
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=evenness)


def _blocks(
    path: Path, encoding: str, sizes: tuple[int, int] = (FIRST_BLOCK, BLOCK)
) -> Iterator[bytes]:
    """Yield the file in UTF-8: first a small block, then large ones."""
    if encoding in {"utf-8", "utf-8-sig"}:
        with path.open("rb") as raw:
            yield raw.read(sizes[0]).removeprefix(codecs.BOM_UTF8)
            while block := raw.read(sizes[1]):
                yield block
        return
    with path.open(encoding=encoding, newline="") as text:
        yield text.read(sizes[0]).removeprefix("\ufeff").encode()
        while part := text.read(sizes[1]):
            yield part.encode()


class _Cut:
    """Cuts the blocks of one file."""

    def __init__(self, delimiter: str, width: int, blocks: Iterator[bytes]) -> None:
        self._delimiter = delimiter
        self._width = width
        self._blocks = blocks
        self._names = [str(place) for place in range(width)]
        self._first = 0

    def chunks(self, skip: int) -> Iterator[Chunk]:
        rest = b""
        for block in self._blocks:
            rest += block
            end = _whole_records(rest, self._delimiter)
            if end is None:
                yield from self._by_row(chain([rest], self._blocks), skip)
                return
            if end:
                chunk, skip = self._chunk(rest[:end], skip)
                rest = rest[end:]
                if len(chunk):
                    yield chunk
        if rest:
            yield from self._by_row([rest], skip)

    def _chunk(self, block: bytes, skip: int) -> tuple[Chunk, int]:
        """Cut whole records; the first ``skip`` of them are passed over."""
        columns = None if skip else self._columns(block)
        if columns is not None:
            chunk = Chunk(self._first, columns)
        else:
            text = io.StringIO(block.decode(), newline="")
            rows = list(self._rows(text))
            chunk = chunk_of(self._first, rows[skip:], self._width)
            skip = max(0, skip - len(rows))
        self._first += len(chunk)
        return chunk, skip

    def _columns(self, block: bytes) -> list[pa.Array] | None:
        """Cut by vector operations; ``None`` when a row has another number of cells."""
        is_odd = False

        def odd(_: object) -> str:
            nonlocal is_odd
            is_odd = True
            return "skip"

        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            read_options=arrow_csv.ReadOptions(
                column_names=self._names, use_threads=False, block_size=len(block) + 1
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=odd,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(self._names, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        if is_odd:
            return None
        return [column.combine_chunks() for column in table.columns]

    def _by_row(self, blocks: Iterable[bytes], skip: int) -> Iterator[Chunk]:
        lines = io.TextIOWrapper(io.BufferedReader(_Joined(blocks)), "utf-8", newline="")
        rows = self._rows(lines)
        for _ in range(skip):
            next(rows, None)
        yield from chunks_of(rows, self._width, self._first)

    def _rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        reader = csv.reader(lines, delimiter=self._delimiter)
        try:
            yield from reader
        except csv.Error as error:
            raise _broken(self._first + reader.line_num, error) from error


def _broken(line: int, error: Exception) -> DocumentRefused:
    return DocumentRefused(
        "csv",
        f"near line {line} a quote is opened and not closed ({error}):"
        ' close it, or write a quote inside a cell twice ("").',
    )


def _whole_records(block: bytes, delimiter: str) -> int | None:
    """Tell where the last record of a block ends, 0 when none does.

    ``None`` says that quotes stand where they open or close nothing, or that lines end in a lone
    carriage return: then only a reader that goes sign by sign knows.
    """
    if b"\r" in block and block.count(b"\r") != block.count(b"\r\n") + block.endswith(b"\r"):
        return None
    if b'"' not in block:
        return block.rfind(b"\n") + 1
    signs = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(signs == _QUOTE)
    edges = np.array([_QUOTE, _NEWLINE, _RETURN, ord(delimiter)], np.uint8)
    before, behind = quotes[::2] - 1, quotes[1::2] + 1
    before, behind = before[before >= 0], behind[behind < len(signs)]
    if not (np.isin(signs[before], edges).all() and np.isin(signs[behind], edges).all()):
        return None
    end = block.rfind(b"\n")
    while end >= 0 and np.searchsorted(quotes, end) % 2:
        end = block.rfind(b"\n", 0, end)
    return None if end < 0 and len(block) > BLOCK else end + 1


class _Joined(io.RawIOBase):
    """Blocks as one stream of bytes."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever can be written into
        while not self._left:
            try:
                self._left = memoryview(next(self._blocks))
            except StopIteration:
                return 0
        target = memoryview(buffer)
        count = min(len(target), len(self._left))
        target[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
