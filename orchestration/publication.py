"""The published snapshot: one immutable file, per-tenant verdicts, and an entry that points to it.

::

    warehouse: marts, features, scores, ledger-derived tables, sync history, quarantine reasons
        └► var/published/<id>.duckdb ──► entry `publication` (the only pointer there is)

Verdicts are per tenant: one whose checks failed keeps the rows of its last good snapshot and is
marked stale; the others go on. The id is a hash over the content, so that publishing unchanged
data publishes nothing new.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from ledger.entry import Entry
from orchestration import hashes, leftovers
from orchestration.commit_points import CommitPoint
from orchestration.facts import failing_tenants
from orchestration.lineage import PLATFORM_TENANT, SYSTEM
from orchestration.snapshot_content import COPIED_AS, describe, has_tenant, tables, turns

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.platform import Platform

_ID_LENGTH = 24
_VERDICTS = "marts_compliance.rpt_tenant_verdicts"


@dataclass(frozen=True)
class Published:
    """A snapshot that the ledger points to.

    Attributes:
        snapshot_id: Its id.
        file: Its file name.
        tenants: State and snapshot to read, by tenant.
        rows: Rows by table.
        index: The publication entry.
        is_new: Whether this call published it.
    """

    snapshot_id: str
    file: str
    tenants: Mapping[str, Mapping[str, str]]
    rows: Mapping[str, int]
    index: int
    is_new: bool

    def metadata(self) -> dict[str, Any]:
        """Describe the snapshot as metadata of its asset."""
        stale = sorted(name for name, state in self.tenants.items() if state["state"] == "stale")
        return {
            "snapshot_id": self.snapshot_id,
            "ledger_index": self.index,
            "tables": len(self.rows),
            "dagster/row_count": sum(self.rows.values()),
            "stale_tenants": ", ".join(stale) or "none",
        }


def publish(platform: Platform) -> Published:
    """Write the snapshot and point to it; unchanged content publishes nothing new."""
    folder = platform.places.published
    latest = latest_body(platform)
    leftovers.sweep(folder)
    draft = folder / f".draft.{os.getpid()}.duckdb"
    draft.unlink(missing_ok=True)
    stale = _stale_tenants(platform)
    _write(platform, draft, stale, latest)
    described = describe(draft)
    snapshot_id = _identify(platform, described, stale, turns(draft))
    if latest is not None and latest["snapshot_id"] == snapshot_id:
        draft.unlink()
        return _published(latest, platform, is_new=False)
    path = folder / f"{snapshot_id}.duckdb"
    draft.replace(path)
    platform.reach(CommitPoint.SNAPSHOT_WRITTEN)
    body = {
        "snapshot_id": snapshot_id,
        "file": path.name,
        "sha256": hashes.of_file(path),
        "as_of": platform.clock.text,
        "tenants": _tenants(platform, snapshot_id, stale, latest),
        "tables": described,
    }
    platform.ledger.append(
        Entry(
            type="publication",
            tenant_id=PLATFORM_TENANT,
            occurred_at=platform.clock.as_of,
            actor=SYSTEM,
            subjects=(snapshot_id,),
            body=body,
        )
    )
    return _published(body, platform, is_new=True)


def latest_body(platform: Platform) -> Mapping[str, Any] | None:
    """Return the body of the latest publication entry."""
    stored = platform.ledger.latest("publication")
    return None if stored is None else stored.entry.body


def _published(body: Mapping[str, Any], platform: Platform, *, is_new: bool) -> Published:
    stored = platform.ledger.latest("publication")
    return Published(
        snapshot_id=str(body["snapshot_id"]),
        file=str(body["file"]),
        tenants=body["tenants"],
        rows={name: int(facts["rows"]) for name, facts in body["tables"].items()},
        index=-1 if stored is None else stored.index,
        is_new=is_new,
    )


def _stale_tenants(platform: Platform) -> dict[str, bool]:
    """Return every tenant and whether its checks failed."""
    with platform.warehouse.open() as connection:
        rows = connection.execute(
            f"select tenant_id, not is_publishable from {_VERDICTS} order by 1"  # noqa: S608
        ).fetchall()
        failing = failing_tenants(connection)
    return {tenant_id: failed or tenant_id in failing for tenant_id, failed in rows}


def _write(
    platform: Platform,
    draft: Path,
    stale: Mapping[str, bool],
    latest: Mapping[str, Any] | None,
) -> None:
    with platform.warehouse.open() as connection:
        names = tables(connection)
        connection.execute(f"attach '{draft}' as snapshot")
        try:
            for target, (source, columns) in names.items():
                schema = target.partition(".")[0]
                connection.execute(f"create schema if not exists snapshot.{schema}")
                connection.execute(
                    f"create table snapshot.{target} as select {columns} from {source}"  # noqa: S608
                )
            for tenant_id in sorted(name for name, failed in stale.items() if failed):
                _keep_last_good(platform, connection, tenant_id, names, latest)
        finally:
            connection.execute("detach snapshot")


def _keep_last_good(
    platform: Platform,
    connection: duckdb.DuckDBPyConnection,
    tenant_id: str,
    names: Iterable[str],
    latest: Mapping[str, Any] | None,
) -> None:
    """Replace a failing tenant's rows by those of its last good snapshot, or by none."""
    path = _last_good_file(platform, tenant_id, latest)
    if path is not None:
        connection.execute(f"attach '{path}' as good (read_only)")
    for name in names:
        schema, _, table = name.partition(".")
        if name == _VERDICTS or name in COPIED_AS:
            continue
        if not has_tenant(connection, "snapshot", schema, table):
            continue
        connection.execute(f"delete from snapshot.{name} where tenant_id = ?", [tenant_id])  # noqa: S608
        if path is not None and has_tenant(connection, "good", schema, table):
            connection.execute(
                f"insert into snapshot.{name} by name"  # noqa: S608
                f" select * from good.{name} where tenant_id = ?",
                [tenant_id],
            )
    if path is not None:
        connection.execute("detach good")


def _last_good_file(
    platform: Platform, tenant_id: str, latest: Mapping[str, Any] | None
) -> Path | None:
    if latest is None or tenant_id not in latest["tenants"]:
        return None
    path = platform.places.published / f"{latest['tenants'][tenant_id]['snapshot_id']}.duckdb"
    return path if path.is_file() else None


def _identify(
    platform: Platform,
    described: Mapping[str, Mapping[str, Any]],
    stale: Mapping[str, bool],
    turned: int,
) -> str:
    """Name a snapshot by its content; the log's own growth alone makes no new one."""
    parts = [
        f"{name}={facts['content_root']}"
        for name, facts in sorted(described.items())
        if name not in {"audit.entries", "published.syncs"}
    ]
    parts += [f"{tenant}={failed}" for tenant, failed in sorted(stale.items())]
    text = "\n".join([platform.clock.text, f"turns={turned}", *parts])
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def _tenants(
    platform: Platform,
    snapshot_id: str,
    stale: Mapping[str, bool],
    latest: Mapping[str, Any] | None,
) -> dict[str, dict[str, str]]:
    states: dict[str, dict[str, str]] = {}
    for tenant_id, failed in stale.items():
        kept = _last_good_file(platform, tenant_id, latest)
        states[tenant_id] = {
            "state": "stale" if failed else "fresh",
            "snapshot_id": kept.stem if failed and kept is not None else snapshot_id,
        }
    return states


def old_snapshots(folder: Path, kept: Sequence[str]) -> list[Path]:
    """List snapshot files that no kept id names; the caller decides what happens to them."""
    return sorted(path for path in folder.glob("*.duckdb") if path.stem not in set(kept))
