"""Web pages that programs write and call ``.xls``: the cells of their tables.

Every row of every table is a row; a cell that spans columns is followed by empty ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path

from ingestion.documents.chunk import Chunk, chunks_of
from ingestion.documents.kinds import is_utf16

_MOST_SPANNED = 100


@dataclass(frozen=True)
class WebPage:
    """The rows of a page."""

    rows: list[list[str]]

    def head(self, count: int) -> list[list[str]]:
        """Return the first rows."""
        return self.rows[:count]

    def chunks(self, skip: int, width: int) -> Iterator[Chunk]:
        """Yield what stands below the first ``skip`` rows."""
        return chunks_of(islice(self.rows, skip, None), width)


def opened(path: Path) -> WebPage:
    """Read the tables of a page."""
    content = path.read_bytes()
    encoding = is_utf16(content[:4096]) or "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    reader = _Tables()
    reader.feed(text)
    reader.close()
    widest = max(map(len, reader.rows), default=0)
    return WebPage([[*row, *[""] * (widest - len(row))] for row in reader.rows])


class _Tables(HTMLParser):
    """Collects rows of cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self._spanned = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._end_cell()
            self.rows.append([])
        elif tag in {"td", "th"}:
            self._end_cell()
            self._cell = []
            span = dict(attrs).get("colspan") or "1"
            self._spanned = min(int(span), _MOST_SPANNED) if span.isdecimal() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "tr", "table"}:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None:
            if not self.rows:
                self.rows.append([])
            text = " ".join("".join(self._cell).split())
            self.rows[-1] += [text, *[""] * (self._spanned - 1)]
            self._cell = None
