"""What the terminal sees: plain lines, small tables, progress, or one JSON document.

Quiet and exact: progress and errors go to standard error, results to standard output; without a
terminal every line is plain, and ``NO_COLOR`` is respected.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status


_PLAIN_WIDTH = 400
"""Without a terminal nothing is folded: lines are read by programs."""


class ExitCode(IntEnum):
    """How a command ends; `ifp --help` lists them."""

    OK = 0
    FELL_SHORT = 1
    USAGE = 2
    BUSY = 3
    UNREACHABLE = 4
    INTERRUPTED = 130


EXIT_CODES = (
    "Exit codes: 0 done · 1 ran, but something fell short (a check, a total, a proof) ·"
    " 2 wrong call or settings · 3 the warehouse or a port is in use ·"
    " 4 a counterpart cannot be reached · 130 interrupted"
)


def out() -> Console:
    """Return a console on standard output."""
    from rich.console import Console

    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=_PLAIN_WIDTH)


def err() -> Console:
    """Return a console on standard error."""
    from rich.console import Console

    if sys.stderr.isatty():
        return Console(stderr=True, highlight=False)
    return Console(stderr=True, highlight=False, width=_PLAIN_WIDTH)


def show_json(value: object) -> None:
    """Write one JSON document to standard output."""
    sys.stdout.write(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n")


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table: text to the left, figures to the right, unknown as a dash.

    Args:
        title: One line above it; may be empty.
        columns: Headings.
        rows: Cells in the order of the headings.
    """
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for place, name in enumerate(columns):
        cells = [row[place] for row in rows if row[place] is not None]
        is_figure = bool(cells) and all(isinstance(cell, int | Decimal) for cell in cells)
        table.add_column(name, justify="right" if is_figure else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out().print(table)


def _cell(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return str(value)


class Progress:
    """Tells how far a run is: a live line on a terminal, one line per finished step everywhere.

    Args:
        is_quiet: Say nothing, for ``--json``.
    """

    def __init__(self, *, is_quiet: bool = False) -> None:
        self._is_quiet = is_quiet
        self._console = None if is_quiet else err()
        self._status: Status | None = None

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Show a step for the length of the block."""
        started = time.monotonic()
        self.began(words)
        try:
            yield
        except BaseException:
            self._stop()
            raise
        self.ended(words, time.monotonic() - started)

    def began(self, words: str) -> None:
        """Show that a step runs, on a terminal."""
        self._stop()
        if self._console is not None and self._console.is_terminal:
            self._status = self._console.status(words)
            self._status.start()

    def ended(self, words: str, seconds: float) -> None:
        """Write a line for a step that ended."""
        self._stop()
        if self._console is not None:
            self._console.print(f"  {words:<44}{seconds:6.1f} s", style="dim", markup=False)

    def told(self, words: str) -> None:
        """Change the live line of the step that runs, on a terminal."""
        if self._status is not None:
            self._status.update(words)

    def counter(self, words: str, total: int) -> Callable[[int], None]:
        """Return what tells how many of a total are done, and when the rest will be."""
        started = time.monotonic()

        def tell(done: int) -> None:
            left = (time.monotonic() - started) * (total - done) / max(done, 1)
            self.told(f"{words}, {done:,} of {total:,}, about {left:.0f} s left")

        return tell

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def fail(message: str, code: ExitCode) -> SystemExit:
    """Write what went wrong and what to do to standard error; raise the result."""
    err().print(f"error: {message}", style="red", markup=False)
    return SystemExit(int(code))
