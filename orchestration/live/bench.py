"""A warehouse in memory that runs the marts' SQL on the raw rows of one record.

::

    envelope rows ─► raw tables in memory ─► the chain, model by model ─► rows of the marts

Planning the SQL costs more than running it on one record, so each model is a prepared statement;
and a model all of whose raw tables are empty makes nothing, so it is not run.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from ingestion.tables import RAW_TABLES, create_tables, in_memory
from orchestration import lineage
from orchestration.live.sql import MOMENT
from orchestration.settings import ROOT

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from ingestion.connection import System
    from orchestration.live.sql import Chain, Model

RECEIVABLES, DEBTORS = "marts_risk.fct_receivables", "marts_risk.dim_debtors"
PARTIES = "intermediate.int_parties__identified"

_CLOCK = "live.clock"
_BY_STATISTICS = "statistics_propagation,compressed_materialization"
"""Optimisers that trust what the tables held when a statement was prepared: nothing."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_SYNCED = (
    "insert into raw_sync.entities select 'live', ?, ?, ?, ?, true, 0, 0, 0, 0, 0, 0, 0,"
    " ?, ?, ?, 'ok', null, null"
)


class Bench:
    """Holds one record's raw rows at a time, and the tables made of them.

    The knowledge time stands in a table of its own, so that no plan depends on it.

    Args:
        models: The chain to run.

    Attributes:
        connection: Holds the tables.
        desk: Another warehouse in memory, for questions that must not disturb the plans.
    """

    def __init__(self, models: Chain) -> None:
        import duckdb

        self.chain = models
        self.connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        self.connection.execute("set timezone = 'UTC'; set threads = 1")
        self.connection.execute(f"set disabled_optimizers = '{_BY_STATISTICS}'")
        self.desk: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        self.desk.execute("set timezone = 'UTC'; set threads = 1")
        self.connection.execute(f"create schema live; create table {_CLOCK} (moment timestamptz)")
        create_tables(in_memory(self.connection))
        self._filled: list[str] = []
        self._seed()
        self._prepare()
        self._of_nothing = frozenset(range(len(models.models)))
        self.run({}, as_of=_LONG_AGO)
        self._of_nothing = frozenset(
            number for number, model in enumerate(models.models) if self._is_made_of_nothing(model)
        )
        self._hashes: dict[str, str] = {}

    def close(self) -> None:
        """Forget everything."""
        self.connection.close()
        self.desk.close()

    def run(self, raw: Mapping[str, pa.Table], *, as_of: datetime) -> None:
        """Make every table of the chain from raw rows.

        A record that comes by itself was told when it was fetched: the first syncs of its
        connection lie behind it.

        Args:
            raw: Envelope rows by ``system.entity``.
            as_of: Knowledge time.
        """
        self.connection.begin()
        try:
            self._empty()
            self.connection.execute(f"insert into {_CLOCK} values (?)", [as_of.astimezone(UTC)])  # noqa: S608
            self._fill(raw)
            for number, model in enumerate(self.chain.models):
                if number in self._of_nothing or not raw.keys().isdisjoint(model.sources):
                    self.connection.execute(f"execute model_{number}")
                    self._filled.append(model.relation)
            self.connection.commit()
        except BaseException:
            self.connection.rollback()
            raise

    def rows(self, relation: str, condition: str = "true", *values: object) -> pa.Table:
        """Read rows of a table."""
        sql = f"select * from {relation} where {condition}"  # noqa: S608 - our own names
        return self.connection.execute(sql, list(values)).to_arrow_table()

    def hash_sql(self, schema: str, table: str) -> str:
        """Give the expression of a record's hash, looked up once per table."""
        name = f"{schema}.{table}"
        if name not in self._hashes:
            self._hashes[name] = lineage.row_hash_sql(self.connection, schema, table)
        return self._hashes[name]

    def _is_made_of_nothing(self, model: Model) -> bool:
        """Tell whether a model has rows although nothing was told, or stands on no record."""
        return not model.sources or self.rows(model.relation).num_rows > 0

    def _empty(self) -> None:
        for name in (_CLOCK, "raw_sync.entities", *dict.fromkeys(self._filled)):
            self.connection.execute(f"delete from {name}")  # noqa: S608 - our own names
        self._filled = []

    def _fill(self, raw: Mapping[str, pa.Table]) -> None:
        synced = {}
        for name, rows in raw.items():
            system, entity = name.split(".")
            listed = [*rows.column_names, "_dlt_load_id"]
            marks = ", ".join("?" for _ in listed)
            told = rows.to_pylist()
            self.connection.executemany(
                f"insert into raw_{system}.{entity} ({', '.join(listed)}) values ({marks})",  # noqa: S608
                [[*row.values(), "live"] for row in told],
            )
            self._filled.append(f"raw_{system}.{entity}")
            synced[system] = (told[0]["tenant_id"], told[0]["connection_id"])
        moments = [_LONG_AGO] * 3
        accounts = [
            [*account, system, entity, *moments]
            for system, account in synced.items()
            for entity in RAW_TABLES[cast("System", system)]
        ]
        if accounts:
            self.connection.executemany(_SYNCED, accounts)

    def _seed(self) -> None:
        self.connection.execute("create schema if not exists seeds")
        for relation, (path, types) in self.chain.seeds.items():
            listed = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
            read = f"read_csv('{ROOT / path}', header = true, columns = {{{listed}}})"
            self.connection.execute(f"create table {relation} as from {read}")

    def _prepare(self) -> None:
        """Plan every model once all tables stand: a plan made before is made again at each run."""
        clock = f"(select moment from {_CLOCK})"  # noqa: S608 - our own name
        texts = [model.sql.replace(f"'{MOMENT}'", clock) for model in self.chain.models]
        for model, sql in zip(self.chain.models, texts, strict=True):
            schema = model.relation.partition(".")[0]
            self.connection.execute(f"create schema if not exists {schema}")
            self.connection.execute(f"create table {model.relation} as {sql}")
            self._filled.append(model.relation)
        for number, (model, sql) in enumerate(zip(self.chain.models, texts, strict=True)):
            self.connection.execute(f"prepare model_{number} as insert into {model.relation} {sql}")
