"""The SQL of the marts for one record: the text a batch runs, on a warehouse in memory.

::

    dbt project ──compile, once per version──► models in order ──► var/dbt/live/<version>.json
    raw rows of one record ──► the same models, in memory ──► its rows of the marts

There is no second text that could say otherwise: the knowledge time is compiled as a mark, and the
mark is replaced when the models are run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ingestion.tables import RAW_TABLES, create_tables, in_memory
from orchestration import dbt
from orchestration.settings import ROOT

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from ingestion.connection import System
    from orchestration.places import Places
    from orchestration.settings import Settings

RECEIVABLES, DEBTORS, SELLERS = (
    "marts_risk.fct_receivables",
    "marts_risk.dim_debtors",
    "marts_risk.dim_sellers",
)
PARTIES = "intermediate.int_parties__identified"
MARTS = ("fct_receivables", "dim_debtors", "dim_sellers")

_MOMENT = "as-of-moment"
_CLOCK = "live.clock"
_BY_STATISTICS = "statistics_propagation,compressed_materialization"
"""Optimisers that trust what the tables held when a statement was prepared: nothing."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_SYNCED = (
    "insert into raw_sync.entities select 'live', ?, ?, ?, ?, true, 0, 0, 0, 0, 0, 0, 0,"
    " ?, ?, ?, 'ok', null, null"
)


@dataclass(frozen=True, slots=True)
class Model:
    """One table of the chain.

    Attributes:
        relation: ``schema.name``.
        sql: What it is made by.
    """

    relation: str
    sql: str


@dataclass(frozen=True)
class Chain:
    """The models that the marts of a decision need, in the order of their inputs.

    Attributes:
        version: Hash of the project's files and of the target.
        seeds: By relation, the file and its column types.
        models: Each after what it is made from.
    """

    version: str
    seeds: Mapping[str, tuple[str, Mapping[str, str]]]
    models: tuple[Model, ...]

    def dump(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def parse(cls, text: str) -> Chain:
        """Read what ``dump`` wrote."""
        noted = json.loads(text)
        return cls(
            noted["version"],
            {name: (path, types) for name, (path, types) in noted["seeds"].items()},
            tuple(Model(**model) for model in noted["models"]),
        )


def chain(settings: Settings, where: Places) -> Chain:
    """Give the chain of the project as it stands, compiling it when its files are new."""
    version = _version()
    kept = where.dbt / "live" / f"{version}.json"
    if kept.is_file():
        return Chain.parse(kept.read_text(encoding="utf-8"))
    found = _compiled(settings, where, version)
    partial = kept.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(found.dump(), encoding="utf-8")
    partial.replace(kept)
    return found


class Bench:
    """A warehouse in memory that holds one record's raw rows at a time.

    Each model is a prepared statement, since planning the SQL costs more than running it on one
    record; the knowledge time stands in a table of its own, so that no plan depends on it.

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
        self._seed()
        self._prepare()
        self.run({}, as_of=_LONG_AGO)

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
            self.connection.execute(f"delete from {_CLOCK}")  # noqa: S608 - our own name
            self.connection.execute(f"insert into {_CLOCK} values (?)", [as_of.astimezone(UTC)])  # noqa: S608
            self._fill(raw)
            for model in self.chain.models:
                self.connection.execute(f"delete from {model.relation}")  # noqa: S608
            for number, _ in enumerate(self.chain.models):
                self.connection.execute(f"execute model_{number}")
            self.connection.commit()
        except BaseException:
            self.connection.rollback()
            raise

    def rows(self, relation: str, condition: str = "true", *values: object) -> pa.Table:
        """Read rows of a table."""
        sql = f"select * from {relation} where {condition}"  # noqa: S608 - our own names
        return self.connection.execute(sql, list(values)).to_arrow_table()

    def _fill(self, raw: Mapping[str, pa.Table]) -> None:
        self.connection.execute("delete from raw_sync.entities")
        for kind, entities in RAW_TABLES.items():
            for entity in entities:
                self.connection.execute(f"delete from raw_{kind}.{entity}")  # noqa: S608
        for name, rows in raw.items():
            system, entity = name.split(".")
            listed = [*rows.column_names, "_dlt_load_id"]
            marks = ", ".join("?" for _ in listed)
            self.connection.executemany(
                f"insert into raw_{system}.{entity} ({', '.join(listed)}) values ({marks})",  # noqa: S608
                [[*row.values(), "live"] for row in rows.to_pylist()],
            )
            first = rows.slice(0, 1).to_pylist()[0]
            for told in RAW_TABLES[cast("System", system)]:
                values = [first["tenant_id"], first["connection_id"], system, told]
                self.connection.execute(_SYNCED, [*values, *([_LONG_AGO] * 3)])

    def _seed(self) -> None:
        self.connection.execute("create schema if not exists seeds")
        for relation, (path, types) in self.chain.seeds.items():
            listed = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
            read = f"read_csv('{ROOT / path}', header = true, columns = {{{listed}}})"
            self.connection.execute(f"create table {relation} as from {read}")

    def _prepare(self) -> None:
        """Plan every model once all tables stand: a plan made before is made again at each run."""
        clock = f"(select moment from {_CLOCK})"  # noqa: S608 - our own name
        texts = [model.sql.replace(f"'{_MOMENT}'", clock) for model in self.chain.models]
        for model, sql in zip(self.chain.models, texts, strict=True):
            schema = model.relation.partition(".")[0]
            self.connection.execute(f"create schema if not exists {schema}")
            self.connection.execute(f"create table {model.relation} as {sql}")
        for number, (model, sql) in enumerate(zip(self.chain.models, texts, strict=True)):
            self.connection.execute(f"prepare model_{number} as insert into {model.relation} {sql}")


def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted(dbt.project_files()):
        if path.is_file() and "tests" not in path.relative_to(ROOT).parts[:1]:
            digest.update(f"{path.relative_to(ROOT)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _is_current(made: Path) -> bool:
    """Tell whether a file made of the project is no older than the project's files."""
    newest = max(path.stat().st_mtime for path in dbt.project_files() if path.is_file())
    return made.is_file() and made.stat().st_mtime >= newest


def _compiled(settings: Settings, where: Places, version: str) -> Chain:
    """Compile for a warehouse in memory, whatever engine the batch runs on."""
    target = where.dbt / "live"
    target.mkdir(parents=True, exist_ok=True)
    own, built = target / "partial_parse.msgpack", where.dbt / "partial_parse.msgpack"
    own.unlink(missing_ok=True)
    if settings.dbt_target == "duckdb" and _is_current(built):
        shutil.copyfile(built, own)
    wanted = [f"+{name}" for name in MARTS]
    dbt.run(
        settings.model_copy(update={"dbt_target": "duckdb", "warehouse_path": Path(":memory:")}),
        where,
        ["compile", "--select", *wanted, "--vars", dbt.variables(_MOMENT)],
        target=target,
    )
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return _chain_of(manifest, version)


def _chain_of(manifest: Mapping[str, Any], version: str) -> Chain:
    from graphlib import TopologicalSorter

    nodes = manifest["nodes"]
    roots = [key for key in nodes if key.startswith("model.") and nodes[key]["name"] in MARTS]
    parents = {key: manifest["parent_map"].get(key, []) for key in _ancestors(manifest, roots)}
    order = list(TopologicalSorter({key: parents[key] for key in sorted(parents)}).static_order())
    models, seeds = [], {}
    for key in order:
        node = nodes.get(key)
        if node is None or node["config"].get("materialized") == "ephemeral":
            continue
        relation = f"{node['schema']}.{node['alias']}"
        if node["resource_type"] == "seed":
            types = node["config"]["column_types"]
            seeds[relation] = (str(node["original_file_path"]), types)
        else:
            sql = str(node["compiled_code"]).replace(f'"{node["database"]}".', "")
            models.append(Model(relation, sql))
    return Chain(version, seeds, tuple(models))


def _ancestors(manifest: Mapping[str, Any], roots: Sequence[str]) -> Iterable[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += manifest["parent_map"].get(key, [])
    return found
