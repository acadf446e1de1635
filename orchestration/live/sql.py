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
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import dbt
from orchestration.settings import ROOT

if TYPE_CHECKING:
    from orchestration.places import Places
    from orchestration.settings import Settings

MARTS = ("fct_receivables", "dim_debtors", "dim_sellers")

MOMENT = "as-of-moment"
"""Stands in the compiled SQL where the knowledge time belongs."""

_OF_SYNCS = ("raw_sync", "staging_sync")
_FORM = "4"
"""Form of the files that chains are kept in."""


@dataclass(frozen=True, slots=True)
class Model:
    """One table of the chain.

    Attributes:
        relation: ``schema.name``.
        sql: What it is made by.
        sources: Raw tables it is made from in the end, as ``system.entity``.
    """

    relation: str
    sql: str
    sources: tuple[str, ...]


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
            tuple(
                Model(one["relation"], one["sql"], tuple(one["sources"])) for one in noted["models"]
            ),
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


def _version() -> str:
    digest = hashlib.sha256(_FORM.encode())
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
        ["compile", "--select", *wanted, "--vars", dbt.variables(MOMENT)],
        target=target,
    )
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return _chain_of(manifest, version)


def _chain_of(manifest: Mapping[str, Any], version: str) -> Chain:
    """Order the models that the marts' compiled text reads, whatever else the project names."""
    from graphlib import TopologicalSorter

    known = {
        node["relation_name"]: node
        for node in (*manifest["nodes"].values(), *manifest["sources"].values())
        if node.get("relation_name")
    }
    marts = [name for name, node in known.items() if node["name"] in MARTS]
    read = _read_by(known, marts)
    models: list[Model] = []
    seeds = {}
    for name in TopologicalSorter({name: read[name] for name in sorted(read)}).static_order():
        node = known[name]
        if node["resource_type"] == "seed":
            types = node["config"]["column_types"]
            seeds[_relation(node)] = (str(node["original_file_path"]), types)
        elif node["resource_type"] == "model":
            sql = str(node["compiled_code"]).replace(f'"{node["database"]}".', "")
            sources = tuple(sorted(_source(known[one]) for one in _sources(known, read, name)))
            models.append(Model(_relation(node), sql, sources))
    return Chain(version, seeds, tuple(models))


def _read_by(known: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, list[str]]:
    """Name the relations that each model's text reads, from the wanted ones down."""
    found: dict[str, list[str]] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            text = str(known[name].get("compiled_code") or "")
            found[name] = [other for other in known if other != name and other in text]
            waiting += found[name]
    return found


def _sources(known: Mapping[str, Any], read: Mapping[str, list[str]], name: str) -> set[str]:
    """Name the raw tables whose records a model is made of; what is told of syncs is no record."""
    if known[name]["schema"] in _OF_SYNCS:
        return set()
    if known[name]["resource_type"] == "source":
        return {name}
    return {source for other in read[name] for source in _sources(known, read, other)}


def _relation(node: Mapping[str, Any]) -> str:
    return f"{node['schema']}.{node['alias']}"


def _source(node: Mapping[str, Any]) -> str:
    return f"{node['source_name'].removeprefix('raw_')}.{node['name']}"
