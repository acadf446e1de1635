"""Statements written in SQLAlchemy Core, made ready for a driver's own cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.compiler import SQLCompiler

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Upsert:
    """An insert that changes the row when its primary key exists, in both dialects.

    Attributes:
        sqlite: For SQLite.
        postgresql: For Postgres.
    """

    sqlite: sqlite.Insert
    postgresql: postgresql.Insert

    @classmethod
    def into(
        cls,
        table: Table,
        *,
        replace: Sequence[str] = (),
        add: Sequence[str] = (),
    ) -> Upsert:
        """Replace some columns of an existing row, and add to others.

        Args:
            table: Where to.
            replace: Columns of an existing row that take the new value.
            add: Columns of an existing row that the new value is added to.
        """
        keys = [column.name for column in table.primary_key]

        def change(excluded: ReadOnlyColumnCollection[str, Any]) -> dict[str, Any]:
            sums = {name: table.c[name] + excluded[name] for name in add}
            return {name: excluded[name] for name in replace} | sums

        lite = sqlite.insert(table)
        full = postgresql.insert(table)
        return cls(
            lite.on_conflict_do_update(index_elements=keys, set_=change(lite.excluded)),
            full.on_conflict_do_update(index_elements=keys, set_=change(full.excluded)),
        )


Statement = ClauseElement | Upsert


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled statement.

    Attributes:
        sql: Its text in the database's dialect.
        constants: Values that stand in the statement itself, by their place among all values.
    """

    sql: str
    constants: tuple[tuple[int, Any], ...]

    @classmethod
    def compiled(cls, statement: Statement, dialect: Dialect) -> Prepared:
        """Compile a statement for a dialect."""
        own = statement
        if isinstance(own, Upsert):
            own = own.sqlite if dialect.name == "sqlite" else own.postgresql
        compiler = cast("SQLCompiler", own.compile(dialect=dialect))
        binds = (compiler.binds[name] for name in compiler.positiontup or ())
        constants = tuple((i, b.value) for i, b in enumerate(binds) if not b.required)
        return cls(compiler.string, constants)

    def bind(self, values: Sequence[Any]) -> Sequence[Any]:
        """Put the constants between the caller's values."""
        if not self.constants:
            return values
        bound = list(values)
        for place, constant in self.constants:
            bound.insert(place, constant)
        return bound
