"""The read-only door to what was published: the latest snapshot, one tenant's rows of it.

    ledger: latest publication entry ──► var/published/<snapshot id>.duckdb ──► one tenant's views

The publication entry is the only pointer there is. A snapshot never changes, so whatever is read
from it may be cached under `Snapshot.key`. A tenant whose checks failed is read from the snapshot
that was its last good one, and `is_stale` says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from apps.access.roles import Permission, User
from apps.access.rows import open_scoped
from ledger.entry import StoredEntry
from ledger.store import Ledger

_BROKEN = (
    duckdb.ConnectionException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.IOException,
)


class WarehouseError(Exception):
    """What was asked for has not been published, or its file is gone."""


class NothingPublishedError(WarehouseError):
    """The ledger holds no publication yet: a first run has to finish."""


class SnapshotMissingError(WarehouseError):
    """The ledger names a snapshot whose file is not in the folder of snapshots.

    Attributes:
        path: where the file should be.
    """

    def __init__(self, path: Path) -> None:
        """Keep the path and say what to do next."""
        super().__init__(f"{path} is missing; restore it, or run `ifp run` to publish again")
        self.path = path


@dataclass(frozen=True)
class Publication:
    """What one publication entry announced.

    Attributes:
        snapshot_id: name of the snapshot, also in every page footer.
        file: file name in the folder of snapshots.
        sha256: hash of the file's bytes as announced.
        as_of: knowledge time of everything in it.
        tenants: per tenant its `state` (`fresh` or `stale`) and the `snapshot_id` to read.
        tables: per table its `rows` and `content_root`.
        ledger_index: where the entry stands in the ledger.
        recorded_at: when it was appended.
        earlier: per tenant that reads an earlier snapshot, the publication that announced it.
    """

    snapshot_id: str
    file: str
    sha256: str
    as_of: datetime
    tenants: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, Mapping[str, Any]]
    ledger_index: int
    recorded_at: datetime
    earlier: Mapping[str, "Publication"] = field(default_factory=dict)

    def file_of(self, tenant_id: str) -> str:
        """Return the file that holds a tenant's last good version."""
        own = str(self.tenants.get(tenant_id, {}).get("snapshot_id", self.snapshot_id))
        return self.file if own == self.snapshot_id else f"{own}.duckdb"


@dataclass(frozen=True)
class Snapshot:
    """One tenant's view of one published snapshot.

    Attributes:
        publication: the entry that announced it.
        tenant_id: whose rows are visible.
        connection: views of this tenant's rows only; see `apps.access.rows`.
        is_newest: it is the newest file, also where the tenant's figures stay at an earlier one.
    """

    publication: Publication
    tenant_id: str
    connection: duckdb.DuckDBPyConnection
    is_newest: bool = False

    @property
    def snapshot_id(self) -> str:
        """The snapshot this tenant's figures come from."""
        if self.is_newest:
            return self.publication.snapshot_id
        own = self.publication.tenants.get(self.tenant_id, {})
        return str(own.get("snapshot_id", self.publication.snapshot_id))

    @property
    def origin(self) -> Publication:
        """The publication that announced this tenant's figures: an earlier one when stale."""
        if self.is_newest:
            return self.publication
        return self.publication.earlier.get(self.tenant_id, self.publication)

    @property
    def key(self) -> tuple[str, str]:
        """What results may be cached under."""
        return self.snapshot_id, self.tenant_id

    @property
    def is_stale(self) -> bool:
        """Whether the tenant's checks failed, so that this is its last good version."""
        state = self.publication.tenants.get(self.tenant_id, {}).get("state")
        return state == "stale" and not self.is_newest

    def frame(self, query: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
        """Run a query over this tenant's rows and read its whole result.

        Raises:
            WarehouseError: the snapshot lacks a table or column the query needs, or the engine
                stopped answering; `is_open` tells of the latter.
        """
        try:
            cursor = self.connection.cursor()
            return cursor.sql(query, params=dict(parameters or {})).pl()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise WarehouseError(
                f"snapshot {self.snapshot_id} does not hold what this page reads; an earlier "
                "version may have published it, and `ifp run` publishes it anew"
            ) from error
        except _BROKEN as error:
            raise WarehouseError(
                f"snapshot {self.snapshot_id} stopped answering; load the page again to open it "
                "anew, and see `ifp doctor` if it stays so"
            ) from error

    def is_open(self) -> bool:
        """Tell whether the connection still answers; one that broke has to be opened anew."""
        try:
            self.connection.cursor().execute("select 1").fetchall()
        except _BROKEN:
            return False
        return True

    def rows(
        self, query: str, parameters: Mapping[str, object] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Run a query over this tenant's rows and give each row as a mapping."""
        return self.frame(query, parameters).iter_rows(named=True)

    def has(self, table: str) -> bool:
        """Tell whether the snapshot holds a table, written `schema.table`."""
        schema, _, name = table.partition(".")
        query = "from duckdb_views() where schema_name = $schema and view_name = $name"
        return self.frame(query, {"schema": schema, "name": name}).height > 0


def latest_publication(ledger: Ledger) -> Publication:
    """Read the pointer: the newest publication entry of the ledger.

    Raises:
        NothingPublishedError: there is none yet.
    """
    stored = ledger.latest("publication")
    if stored is None:
        raise NothingPublishedError(
            "nothing is published yet; `ifp run` publishes a first snapshot"
        )
    latest = _announced_by(stored)
    return replace(latest, earlier=_earlier(ledger, latest))


def _earlier(ledger: Ledger, latest: Publication) -> dict[str, Publication]:
    """Find the entries that announced what tenants without a good new version read."""
    found: dict[str, Publication] = {}
    for tenant_id, state in latest.tenants.items():
        own = state.get("snapshot_id", latest.snapshot_id)
        if own == latest.snapshot_id:
            continue
        stored = ledger.entries("publication", subject=own, limit=1, newest_first=True)
        if stored:
            found[tenant_id] = _announced_by(stored[0])
    return found


def _announced_by(stored: StoredEntry) -> Publication:
    body = stored.entry.body
    return Publication(
        snapshot_id=str(body["snapshot_id"]),
        file=Path(str(body["file"])).name,
        sha256=str(body["sha256"]),
        as_of=_instant(str(body["as_of"])),
        tenants={str(tenant): dict(state) for tenant, state in body["tenants"].items()},
        tables={str(table): dict(facts) for table, facts in body["tables"].items()},
        ledger_index=stored.index,
        recorded_at=stored.recorded_at,
    )


def open_snapshot(publication: Publication, folder: Path, user: User, tenant_id: str) -> Snapshot:
    """Open what a person may see of a publication.

    Args:
        publication: what was announced.
        folder: the folder of snapshots.
        user: who is looking; the tenant must be among their grants.
        tenant_id: whose rows to show.

    Raises:
        AccessRefusedError: the tenant is not granted to this person.
        SnapshotMissingError: the file is not there.
    """
    user.require(Permission.SEE_AUDIT, tenant_id)
    path = folder / publication.file_of(tenant_id)
    if not path.is_file():
        raise SnapshotMissingError(path)
    return Snapshot(publication, tenant_id, open_scoped(path, tenant_id))


def open_newest(publication: Publication, folder: Path, user: User, tenant_id: str) -> Snapshot:
    """Open the newest file for what is asked about operation: syncs, quarantine, rules.

    What went wrong with a tenant stands there, while its figures stay at their last good version.

    Raises:
        AccessRefusedError: the tenant is not granted to this person.
        SnapshotMissingError: the file is not there.
    """
    user.require(Permission.SEE_OPERATIONS, tenant_id)
    path = folder / publication.file
    if not path.is_file():
        raise SnapshotMissingError(path)
    return Snapshot(publication, tenant_id, open_scoped(path, tenant_id), is_newest=True)


def _instant(text: str) -> datetime:
    """Read an ISO 8601 instant as an aware UTC time."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
