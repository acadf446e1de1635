"""What was made from what, as entries: each dataset's content is announced by one hash.

A record's hash is SHA-256 over its values as text in column order, joined by U+001F with U+0001
for null; a dataset's content root is the Merkle root over its sorted record hashes. The sorted
hashes are kept under the root (``var/proofs``), so that for any announced version it can be proven
later that a record was in it, long after the table has moved on.

    table ──► record hashes ──► content root ──► entry `asset_materialised`
                  └──► var/proofs/<root>.hashes
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.entry import Actor, Entry
from ledger.merkle import content_root

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from orchestration.platform import Platform

PLATFORM_TENANT = "platform"
SYSTEM = Actor("system", "orchestration")
_HASH_BYTES = 32
_NEVER_HASHED = frozenset({"_dlt_load_id", "payload"})


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table of the warehouse under its asset key.

    Attributes:
        asset_key: ``stage/family/name``.
        schema: Schema of the table.
        table: Its name.
        code_version: What made it, as a hash or version.
        made_from: Asset keys of its direct inputs.
    """

    asset_key: str
    schema: str
    table: str
    code_version: str
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Announcement:
    """A dataset version as the ledger knows it, for one tenant.

    Attributes:
        asset_key: The dataset.
        tenant_id: Whose rows.
        rows: How many.
        root: Content root, lower hex.
        index: The entry that announced it.
    """

    asset_key: str
    tenant_id: str
    rows: int
    root: str
    index: int


@dataclass
class Announced:
    """Every dataset version announced so far, by tenant and asset key."""

    versions: dict[tuple[str, str], Announcement] = field(default_factory=dict)

    def get(self, tenant_id: str, asset_key: str) -> Announcement | None:
        """Return the version of a dataset that a tenant's rows stand in."""
        return self.versions.get((tenant_id, asset_key))


def row_hash_sql(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> str:
    """Build the SQL expression of a record's hash; a payload counts through its own hash."""
    rows = connection.execute(
        "select column_name from information_schema.columns where table_schema = ?"
        " and table_name = ? and table_catalog = current_database() order by ordinal_position",
        [schema, table],
    ).fetchall()
    return _hash_sql(name for (name,) in rows)


def frame_hashes(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> list[str]:
    """Hash rows that are in no table as the records of a dataset are hashed."""
    connection.register("hashed_rows", frame.to_arrow())
    rows = connection.execute(
        f"select {_hash_sql(frame.columns)} from hashed_rows"  # noqa: S608 - our own columns
    ).fetchall()
    connection.unregister("hashed_rows")
    return [text for (text,) in rows]


def _hash_sql(columns: Iterable[str]) -> str:
    parts = [
        f'coalesce(cast("{name}" as varchar), chr(1))'
        for name in columns
        if name not in _NEVER_HASHED
    ]
    return f"sha256(concat_ws(chr(31), {', '.join(parts)}))"


def record_hashes(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str
) -> dict[str, list[bytes]]:
    """Hash every record of a table, by tenant; without a tenant column it is the platform's."""
    expression = row_hash_sql(connection, schema, table)
    has_tenant = bool(
        connection.execute(
            "select count(*) from information_schema.columns where table_schema = ?"
            " and table_name = ? and column_name = 'tenant_id'"
            " and table_catalog = current_database()",
            [schema, table],
        ).fetchall()[0][0]
    )
    tenant = "tenant_id" if has_tenant else f"'{PLATFORM_TENANT}'"
    found = connection.execute(
        f"select {tenant}, {expression} from {schema}.{table} order by 1, 2"  # noqa: S608
    ).fetchall()
    hashes: dict[str, list[bytes]] = {}
    for tenant_id, text in found:
        hashes.setdefault(tenant_id, []).append(bytes.fromhex(text))
    return hashes


def announce(
    platform: Platform,
    datasets: Sequence[Dataset],
    *,
    run_id: str,
    announced: Announced | None = None,
) -> Announced:
    """Announce the content of datasets that changed since they were last announced.

    Args:
        platform: The opened platform.
        datasets: In the order of the flow, so that inputs come first.
        run_id: The run that made them.
        announced: Versions announced before in this run; they are the inputs of these.

    Returns:
        All versions, those that did not change included.
    """
    known = announced or latest(platform)
    with platform.warehouse.open() as connection:
        contents = {
            item.asset_key: record_hashes(connection, item.schema, item.table) for item in datasets
        }
    fresh: list[tuple[Entry, list[bytes]]] = []
    roots = {key: version.root for key, version in known.versions.items()}
    for item in datasets:
        for tenant_id, hashes in contents[item.asset_key].items():
            root = content_root(hashes).hex()
            if roots.get((tenant_id, item.asset_key)) != root:
                roots[tenant_id, item.asset_key] = root
                body = _body(item, tenant_id, len(hashes), root, roots, run_id, platform.clock.text)
                fresh.append((_entry(platform, tenant_id, body), hashes))
    return _append(platform, fresh, known)


def _append(
    platform: Platform, fresh: Iterable[tuple[Entry, list[bytes]]], known: Announced
) -> Announced:
    pairs = list(fresh)
    for entry, hashes in pairs:
        keep_proof(platform.places.proofs, str(entry.body["content_root"]), hashes)
    stored = platform.ledger.append_many([entry for entry, _ in pairs]) if pairs else []
    versions = dict(known.versions)
    for item in stored:
        body = item.entry.body
        version = Announcement(
            str(body["asset_key"]),
            item.entry.tenant_id,
            int(body["rows"]),
            str(body["content_root"]),
            item.index,
        )
        versions[version.tenant_id, version.asset_key] = version
    return Announced(versions)


def latest(platform: Platform) -> Announced:
    """Read from the ledger which version of each dataset was announced last."""
    versions: dict[tuple[str, str], Announcement] = {}
    for item in platform.ledger.entries(type="asset_materialised"):
        body = item.entry.body
        key = (item.entry.tenant_id, str(body["asset_key"]))
        versions[key] = Announcement(
            key[1], key[0], int(body["rows"]), str(body["content_root"]), item.index
        )
    return Announced(versions)


def keep_proof(folder: Path, root: str, hashes: Sequence[bytes]) -> Path:
    """Keep the sorted record hashes of a dataset version under its root."""
    path = folder / f"{root}.hashes"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(b"".join(sorted(hashes)))
        partial.replace(path)
    return path


def read_proof(folder: Path, root: str) -> list[bytes]:
    """Read the sorted record hashes of a dataset version; empty when they were not kept."""
    path = folder / f"{root}.hashes"
    if not path.is_file():
        return []
    content = path.read_bytes()
    return [content[at : at + _HASH_BYTES] for at in range(0, len(content), _HASH_BYTES)]


def _body(
    item: Dataset,
    tenant_id: str,
    rows: int,
    root: str,
    roots: Mapping[tuple[str, str], str],
    run_id: str,
    as_of: str,
) -> dict[str, Any]:
    inputs = [
        {"asset_key": key, "content_root": roots[owner, key]}
        for key in item.made_from
        for owner in (tenant_id, PLATFORM_TENANT)
        if (owner, key) in roots
    ]
    return {
        "asset_key": item.asset_key,
        "rows": rows,
        "content_root": root,
        "code_version": item.code_version,
        "inputs": inputs,
        "run_id": run_id,
        "as_of": as_of,
    }


def _entry(platform: Platform, tenant_id: str, body: Mapping[str, Any]) -> Entry:
    return Entry(
        type="asset_materialised",
        tenant_id=tenant_id,
        occurred_at=platform.clock.as_of,
        actor=SYSTEM,
        subjects=(str(body["asset_key"]),),
        body=body,
    )
