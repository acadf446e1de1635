"""Reads a world file as of the sandbox clock, and keeps what the counterparts were told since."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.sandbox.world.days import moment_iso


@dataclass(frozen=True)
class Organisation:
    """One seller as the ledger software and the bank know it."""

    number: int
    organisation_id: str
    name: str
    base_currency: str
    country: str
    tax_id: str
    collection_account_id: str
    payout_iban: str
    payload: str


class World:
    """An open world: one connection, one clock; answers show only what has happened by `now_ms`."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.database.executescript(
            "pragma journal_mode=wal; pragma synchronous=normal; pragma cache_size=-65536;"
            "pragma mmap_size=268435456;"
        )
        facts = dict(self.rows("select key, value from facts"))
        self.parameters: dict[str, Any] = json.loads(facts["parameters"])
        self._now_ms = int(facts["now_ms"])
        self.revision = 0
        self.organisations = [
            Organisation(*row) for row in self.rows("select * from organisations order by number")
        ]
        self._by_id = {o.organisation_id: o for o in self.organisations}
        self._counts: dict[tuple[Any, ...], int] = {}

    @property
    def now_ms(self) -> int:
        """Return the sandbox clock in milliseconds since 1970."""
        return self._now_ms

    @property
    def now(self) -> str:
        """Return the sandbox clock as ISO text."""
        return moment_iso(self._now_ms)

    def set_now(self, moment_ms: int) -> None:
        """Move the clock; records with later changes are hidden."""
        self._now_ms = moment_ms
        self.touch()
        self.database.execute(
            "insert or replace into facts values ('now_ms', ?)", (str(moment_ms),)
        )

    def touch(self) -> None:
        """Forget counted pages after a change."""
        self.revision += 1
        self._counts.clear()

    def organisation(self, organisation_id: str) -> Organisation | None:
        """Return the organisation with that tenant id."""
        return self._by_id.get(organisation_id)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.database.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, or none."""
        found: tuple[Any, ...] | None = self.database.execute(sql, values).fetchone()
        return found

    def write(self, sql: str, values: Sequence[object] = ()) -> None:
        """Run one statement that changes the world."""
        self.database.execute(sql, values)

    def count(self, table: str, condition: str, values: Sequence[object]) -> int:
        """Count rows, remembering the answer until the world changes."""
        key = (table, condition, *values)
        if key not in self._counts:
            row = self.row(f"select count(*) from {table} where {condition}", values)  # noqa: S608 - our own texts
            self._counts[key] = int(row[0]) if row else 0
        return self._counts[key]

    def close(self) -> None:
        """Close the file."""
        self.database.close()
