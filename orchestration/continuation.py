"""Whether a build of the marts may go on from the one before, and the note it leaves for the next.

::

    note of the last build ──► equal code, first syncs and sellers; time not earlier?
        yes ──► dbt gets `since`, the note's knowledge time: what moved is made anew
        no  ──► dbt builds everything

Every dbt run that may write takes the note away when it begins (``on-run-start``); it is written
again when every model is done. So a build that was killed or failed, or one made by hand, is
followed by a full one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.tables import Warehouse, is_postgres, open_warehouse

_STANDS = """
    select count(*) from information_schema.tables
    where table_schema = 'transform' and table_name = 'builds'
"""
_FIRST_SYNCS = """
    select tenant_id, connection_id, system, entity, cast(min(fetched_at) as text)
    from raw_sync.entities where status = 'ok'
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""
_SELLERS = "select count(*) from raw_xero.organisations"


@dataclass(frozen=True, slots=True)
class Note:
    """What a build stood on.

    Attributes:
        as_of: Its knowledge time as given to dbt.
        ground: Hash of the project's files, of the first syncs and of how many sellers were told.
    """

    as_of: str
    ground: str

    def since(self, before: Note | None) -> str:
        """Give the knowledge time to go on from, or nothing when all must be built."""
        if before is None or before.ground != self.ground or not (self.as_of and before.as_of):
            return ""
        return before.as_of if _moment(before.as_of) <= _moment(self.as_of) else ""


def begin(target: Path | str, *, as_of: str, files: Iterable[Path]) -> tuple[Note, str]:
    """Read the note of the build before; return this build's own and the time to go on from.

    Args:
        target: DuckDB file or Postgres URL.
        as_of: Knowledge time of this build.
        files: The project's files.
    """
    if not is_postgres(target) and not Path(target).is_file():
        return Note(as_of, ""), ""
    with open_warehouse(target) as warehouse:
        if not _counted(warehouse, _STANDS):
            return Note(as_of, _ground(warehouse, files)), ""
        found = warehouse.execute("select as_of, ground from transform.builds")
        note = Note(as_of, _ground(warehouse, files))
        return note, note.since(Note(*found[0]) if len(found) == 1 else None)


def finish(target: Path | str, note: Note) -> None:
    """Leave the note of a build whose every model is done."""
    if not note.ground:
        return
    with open_warehouse(target) as warehouse:
        warehouse.execute("create schema if not exists transform")
        warehouse.execute("drop table if exists transform.builds")
        warehouse.execute("create table transform.builds (as_of text, ground text)")
        warehouse.execute("insert into transform.builds values (?, ?)", [note.as_of, note.ground])


def _ground(warehouse: Warehouse, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for row in warehouse.execute(_FIRST_SYNCS):
        digest.update("\x1f".join(map(str, row)).encode())
    digest.update(str(_counted(warehouse, _SELLERS)).encode())
    return digest.hexdigest()


def _counted(warehouse: Warehouse, query: str) -> int:
    return int(warehouse.execute(query)[0][0])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
