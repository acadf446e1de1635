"""Writes a world file in one pass with flat memory: rows are buffered and flushed in batches."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from apps.sandbox.storage.schema import INDEXES, STATE_TABLES, TABLES

ANSWER_COLUMNS = (
    "fraud_type", "organisation", "seller_number", "document_ids", "number",
    "counterpart_document_id", "counterpart_number", "visible_from", "form",
)  # fmt: skip
LOOKALIKE_COLUMNS = (
    "lookalike_type", "organisation", "seller_number", "document_ids", "number",
    "counterpart_document_id", "counterpart_number", "visible_from", "form",
)  # fmt: skip
CASH_COLUMNS = ("transaction_id", "account_id", "document_id", "number", "amount_minor")
_BATCH = 4000
_INSERTS = {
    "records": "insert into records values (?,?,?,?,?,?,?,?,?,?,?)",
    "transactions": "insert into transactions values (?,?,?,?,?,?,?)",
    "goods_receipts": "insert into goods_receipts values (?,?,?,?,?)",
    "organisations": "insert into organisations values (?,?,?,?,?,?,?,?,?)",
    "accounts": "insert into accounts values (?,?,?,?,?)",
    "companies": "insert into companies values (?,?,?,?,?,?,?)",
    "account_owners": "insert or ignore into account_owners values (?,?,?)",
    "facts": "insert or replace into facts values (?,?)",
}


class WorldWriter:
    """Collects a world in `folder`: `world.sqlite`, `answer_key.csv`, `lookalikes.csv`, cash key.

    The database is built beside its final name and moved there on success, so an interrupted
    generation never leaves half a world behind.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / "world.sqlite.new"
        for leftover in folder.glob("world.sqlite*"):
            leftover.unlink()
        self._database = sqlite3.connect(self._path, isolation_level=None)
        self._database.executescript(
            "pragma journal_mode=off; pragma synchronous=off; pragma page_size=8192;"
            "pragma cache_size=-65536; pragma temp_store=file;" + TABLES
        )
        self._database.execute("begin")
        self._buffers: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _INSERTS}
        self._files: list[IO[str]] = []
        self._answers = self._sheet("answer_key.csv", ANSWER_COLUMNS)
        self._lookalikes = self._sheet("lookalikes.csv", LOOKALIKE_COLUMNS)
        self._cash = self._sheet("cash_key.csv", CASH_COLUMNS)

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file, or drop it when something went wrong."""
        for file in self._files:
            file.close()
        if error is not None:
            self._database.close()
            self._path.unlink(missing_ok=True)
            return
        for table in _INSERTS:
            self._flush(table)
        self._database.execute("commit")
        self._database.executescript(INDEXES + STATE_TABLES + "analyze;")
        self._database.close()
        self._path.rename(self._folder / "world.sqlite")

    def add(self, table: str, row: tuple[Any, ...]) -> None:
        """Add one row to a table of the world."""
        buffer = self._buffers[table]
        buffer.append(row)
        if len(buffer) >= _BATCH:
            self._flush(table)

    def answer(self, row: Iterable[object]) -> None:
        """Add a planted fraud to the answer key."""
        self._answers.writerow(row)

    def lookalike(self, row: Iterable[object]) -> None:
        """Note an honest document that looks like a fraud."""
        self._lookalikes.writerow(row)

    def cash(self, row: Iterable[object]) -> None:
        """Note which invoice a bank transaction pays, and with how much."""
        self._cash.writerow(row)

    def _flush(self, table: str) -> None:
        if self._buffers[table]:
            self._database.executemany(_INSERTS[table], self._buffers[table])
            self._buffers[table].clear()

    def _sheet(self, name: str, columns: tuple[str, ...]) -> Any:  # noqa: ANN401 - csv has no type
        file = (self._folder / name).open("w", encoding="utf-8", newline="")
        self._files.append(file)
        sheet = csv.writer(file)
        sheet.writerow(columns)
        return sheet
