"""`ifp logs`: what the processes of this platform said, in the order in which they said it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.options import AsJson, Limit, Var

if TYPE_CHECKING:
    from rich.console import Console

_LEVELS = ("debug", "info", "warning", "error", "critical")
_SHOWN_ELSEWHERE = {"timestamp", "level", "event", "logger"}
_POLL_SECONDS = 0.5


def logs(
    level: Annotated[
        str, typer.Option("--level", help="Lowest level: debug, info, warning, error, critical.")
    ] = "info",
    event: Annotated[
        str | None, typer.Option("--event", help="Only events that begin so, as `worker.`.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what is said next, until Ctrl-C.")
    ] = False,
    limit: Limit = 50,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Show the newest lines of var/logs/ifp.jsonl; with --json as they stand, one object a line.

    The file is turned over at 10 MB and five older ones are kept. What a service printed besides
    is in a file named after it in the same folder.
    """
    from collections import deque

    from orchestration import logs as written
    from orchestration import settings
    from orchestration.console import ExitCode, fail, out

    if level.lower() not in _LEVELS:
        raise fail(f"no such level: {level}; take one of {', '.join(_LEVELS)}", ExitCode.USAGE)
    wanted = set(_LEVELS[_LEVELS.index(level.lower()) :])
    path = settings.load(var=var).var / "logs" / written.FILE

    def chosen(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        for line in lines:
            found = written.parsed(line)
            if found.get("level", "info") in wanted and (
                event is None or str(found.get("event", "")).startswith(event)
            ):
                yield line, found

    console = out()
    for line, found in deque(chosen(written.lines(path)), maxlen=limit):
        _show(console, line, found, as_json=as_json)
    if follow:
        for line, found in chosen(_following(path)):
            _show(console, line, found, as_json=as_json)


def _following(path: Path) -> Iterator[str]:
    """Give what is added from now on, also after the file was turned over."""
    place = path.stat().st_size if path.is_file() else 0
    known = path.stat().st_ino if path.is_file() else None
    while True:
        time.sleep(_POLL_SECONDS)
        if not path.is_file():
            continue
        found = path.stat()
        if found.st_ino != known or found.st_size < place:
            place, known = 0, found.st_ino
        with path.open(encoding="utf-8") as file:
            file.seek(place)
            while (line := file.readline()).endswith("\n"):
                yield line.rstrip("\n")
                place = file.tell()


def _show(console: Console, line: str, found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        console.out(line, highlight=False)
        return
    rest = " ".join(
        f"{name}={value}" for name, value in found.items() if name not in _SHOWN_ELSEWHERE
    )
    at = str(found.get("timestamp", ""))[:19].replace("T", " ")
    words = f"{at}  {found.get('level', ''):<8}{found.get('event', line)}  {rest}".rstrip()
    style = {"warning": "yellow", "error": "red", "critical": "red"}.get(found.get("level", ""))
    console.print(words, style=style, markup=False)
