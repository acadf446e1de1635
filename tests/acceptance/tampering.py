"""Promise 5: verification names what is wrong after each kind of tampering.

The ledger of a finished run is copied, altered by SQL as somebody with the file in hand would, and
verified by the public command, without and with a checkpoint kept outside the database.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from measurement import Finished, Measurement, ifp

LINE = 5
AT = 7
TAIL = 5


@dataclass(frozen=True)
class Tampering:
    """One way to falsify a ledger.

    Attributes:
        name: What was done.
        alter: The statements.
        kind: The kind of problem that the report must name.
        index: The index that it must name; `None` when it is about the whole.
    """

    name: str
    alter: Callable[[sqlite3.Connection], object]
    kind: str
    index: int | None = AT


def _change_a_byte(database: sqlite3.Connection) -> None:
    (canonical,) = database.execute("select canonical from entries where idx = ?", [AT]).fetchone()
    changed = bytearray(canonical)
    changed[len(changed) // 2] ^= 1
    database.execute("update entries set canonical = ? where idx = ?", [bytes(changed), AT])


def _swap_two(database: sqlite3.Connection) -> None:
    for old, new in ((AT, -1), (AT + 1, AT), (-1, AT + 1)):
        database.execute("update entries set idx = ? where idx = ?", [new, old])


def _remove_one(database: sqlite3.Connection) -> None:
    database.execute("delete from entries where idx = ?", [AT])


def _cut_the_tail(database: sqlite3.Connection) -> None:
    (size,) = database.execute("select count(*) from entries").fetchone()
    database.execute("delete from entries where idx >= ?", [size - TAIL])


TAMPERINGS = (
    Tampering("a changed byte of a stored value", _change_a_byte, "entry_changed"),
    Tampering("two entries swapped", _swap_two, "entry_moved"),
    Tampering("one entry removed", _remove_one, "entry_missing"),
    Tampering("the tail cut", _cut_the_tail, "tail_missing", index=None),
)


def trials(finished: Path, scratch: Path) -> list[Measurement]:
    """Try every tampering on copies of the ledger in `finished`."""
    scratch.mkdir(parents=True, exist_ok=True)
    untouched = ifp("audit", "verify", "--json", var=finished)
    rows = [
        Measurement(LINE, "verify, untouched", "exit 0, ok", _said(untouched), _is_fine(untouched))
    ]
    checkpoint = scratch / "checkpoint.txt"
    checkpoint.write_text(str(untouched.json().get("checkpoint", "")), encoding="utf-8")
    for tampering in TAMPERINGS:
        copy = _copy(finished, scratch / tampering.name.replace(" ", "-"))
        _alter(copy / "ledger" / "ledger.sqlite", tampering.alter)
        rows.append(_trial(tampering, copy, checkpoint))
    rows.append(_restored_copy(finished, scratch, checkpoint))
    return rows


def _trial(tampering: Tampering, var: Path, checkpoint: Path) -> Measurement:
    arguments = ["--checkpoint", str(checkpoint)] if tampering.kind == "tail_missing" else []
    done = ifp("audit", "verify", "--json", *arguments, var=var)
    problems = done.json().get("problems", [])
    named = [
        problem
        for problem in problems
        if problem["kind"] == tampering.kind and tampering.index in {None, problem["index"]}
    ]
    where = "" if tampering.index is None else f" at {tampering.index}"
    return Measurement(
        LINE,
        f"verify after {tampering.name}",
        f"{tampering.kind}{where}",
        f"{named[0]['kind']} at {named[0]['index']}" if named else _said(done),
        done.code not in {0, 124} and bool(named),
    )


def _restored_copy(finished: Path, scratch: Path, checkpoint: Path) -> Measurement:
    """Yesterday's copy is whole in itself; only the checkpoint taken later shows it."""
    yesterday = _copy(finished, scratch / "yesterday")
    today = _copy(finished, scratch / "today")
    added = ifp("run", "--json", var=today)
    later = ifp("audit", "verify", "--json", var=today)
    checkpoint.write_text(str(later.json().get("checkpoint", "")), encoding="utf-8")
    alone = ifp("audit", "verify", "--json", var=yesterday)
    held = ifp("audit", "verify", "--json", "--checkpoint", str(checkpoint), var=yesterday)
    is_ok = (
        added.code == 0
        and _is_fine(alone)
        and held.code not in {0, 124}
        and "tail_missing" in {problem["kind"] for problem in held.json().get("problems", [])}
    )
    return Measurement(
        LINE,
        "verify yesterday's copy, restored",
        "fine alone, tail_missing against today's checkpoint",
        f"alone: {_said(alone)}; against it: {_said(held)}",
        is_ok,
    )


def _copy(finished: Path, target: Path) -> Path:
    shutil.copytree(finished, target, ignore=shutil.ignore_patterns("logs", "dagster"))
    return target


def _alter(file: Path, alter: Callable[[sqlite3.Connection], object]) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        for (name,) in database.execute(
            "select name from sqlite_master where type = 'trigger'"
        ).fetchall():
            database.execute(f'drop trigger "{name}"')
        alter(database)


def _is_fine(done: Finished) -> bool:
    return done.code == 0 and done.json().get("ok") is True


def _said(done: Finished) -> str:
    report = done.json()
    if not report:
        return done.last_words
    problems = report.get("problems", [])
    if not problems:
        return f"ok, {report.get('size')} entries"
    first = problems[0]
    return f"{len(problems)} named; first: {first.get('kind')} at {first.get('index')}"
