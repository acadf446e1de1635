"""From connections to raw tables: one load package per system, repeatable at any point.

::

    take back unfinished loads ─► restore state ─► extract (threads read, landing compares)
        ─► normalise ─► quarantine ─► load (rows + cursors + reports, one package) ─► raw_sync

dlt owns the state (cursors, totals, reports), the schema contract, load packages and Parquet
loading. The destination is the only truth: the local working folder is made anew for every run,
so a package that was pending when a process died is dropped and its records are read again; what
had landed is then simply unchanged. Killed anywhere and run again, the same rows are there once.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from ingestion import quarantine, reports
from ingestion.authorisation import Authoriser
from ingestion.bank import api as bank
from ingestion.bureau import dnb
from ingestion.connection import Connection, Subject, System
from ingestion.documents import receivables
from ingestion.erp import xero
from ingestion.fetch import Fetch
from ingestion.history import open_history, take_back_unfinished_loads
from ingestion.pacing import Limits
from ingestion.reports import EntityReport, Outcome, Progress, SyncReport
from ingestion.source import Entity
from ingestion.tables import MEMORY, ensure_tables, is_postgres, open_warehouse, plain_postgres_url
from ingestion.transport import Transport

__all__ = ["EntityReport", "Progress", "SyncReport", "ensure_tables", "sync"]

_CONTRACT: Any = {"tables": "evolve", "columns": "freeze", "data_type": "freeze"}
_LOAD = {"memory_limit": MEMORY, "preserve_insertion_order": False}
"""Rows carry their position, so a load need not keep their order."""

_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "WARNING",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
}


@dataclass(frozen=True)
class Connector:
    """How the connections of one system are prepared and read."""

    entities: tuple[Entity, ...]
    prepare: Callable[[Connection, Path], Connection]
    requests_per_minute: int


CONNECTORS: dict[System, Connector] = {
    "xero": Connector(xero.ENTITIES, xero.prepared, xero.REQUESTS_PER_MINUTE),
    "bank": Connector(bank.ENTITIES, bank.prepared, bank.REQUESTS_PER_MINUTE),
    "dnb": Connector(dnb.ENTITIES, dnb.prepared, dnb.REQUESTS_PER_MINUTE),
    "files": Connector(receivables.ENTITIES, receivables.prepared, 0),
}


def sync(
    connections: Sequence[Connection],
    *,
    warehouse: Path | str,
    var: Path,
    now: datetime,
    subjects: Iterable[Subject] = (),
    full: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> SyncReport:
    """Read every connection and append what changed to the raw tables.

    Args:
        connections: What to read; systems are loaded one after another, the connections of one
            system are read at once.
        warehouse: A DuckDB file or a Postgres URL.
        var: Folder for everything a run leaves behind.
        now: The time of this sync, in UTC; becomes ``fetched_at``.
        subjects: Companies to ask the bureaus about.
        full: Read everything, not only what changed since the last sync.
        on_progress: Told about every page and every step.

    Returns:
        One report per connection and entity; failures are in there, not raised.
    """
    ensure_tables(warehouse)
    sync_id = new_sync_id()
    run = Run(
        sync_id=sync_id,
        warehouse=warehouse,
        var=var,
        now=now.astimezone(UTC),
        subjects=tuple(subjects),
        full=full,
        on_progress=on_progress or (lambda _: None),
    )
    entities: list[EntityReport] = []
    for system, connector in CONNECTORS.items():
        own = [connector.prepare(one, var) for one in connections if one.system == system]
        if own:
            entities.extend(run.system(system, connector, own))
    return SyncReport(sync_id, tuple(entities))


def new_sync_id() -> str:
    """Name a sync."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Run:
    """One call to ``sync`` or ``replay``.

    Attributes:
        moves: Whether cursors move; a replay leaves them where they are.
    """

    sync_id: str
    warehouse: Path | str
    var: Path
    now: datetime
    subjects: tuple[Subject, ...] = ()
    full: bool = False
    moves: bool = True
    on_progress: Callable[[Progress], None] = lambda _: None

    def system(
        self, system: System, connector: Connector, connections: Sequence[Connection]
    ) -> list[EntityReport]:
        """Sync all connections of one system as one load package."""
        take_back_unfinished_loads(self.warehouse, system)
        with _dlt_pipeline(self.var, self.warehouse, system) as pipeline:
            pipeline.sync_destination()
            self._repair(_outbox(pipeline.state, system))
            found = self._extract(pipeline, system, connector, connections)
            self._step("extracted", system)
            pipeline.normalize()
            self._step("normalised", system)
            with open_warehouse(self.warehouse) as warehouse:
                quarantine.store(warehouse, found.quarantine)
            self._step("quarantined", system)
            pipeline.load(raise_on_failed_jobs=True)
            self._step("loaded", system)
        self._repair({"sync_id": self.sync_id, "outcomes": _as_state(found.outcomes)})
        self._step("reported", system)
        return [outcome.report for outcome in found.outcomes]

    def _step(self, step: str, system: System) -> None:
        self.on_progress(Progress(step, system))

    def _repair(self, outbox: Mapping[str, Any]) -> None:
        """Copy reports that are in the state to ``raw_sync``, unless they are there."""
        if not outbox:
            return
        outcomes = [Outcome.from_state(one) for one in outbox["outcomes"]]
        with open_warehouse(self.warehouse) as warehouse:
            reports.store(warehouse, outbox["sync_id"], outcomes)

    def _extract(
        self,
        pipeline: Any,  # noqa: ANN401 - dlt is untyped
        system: System,
        connector: Connector,
        connections: Sequence[Connection],
    ) -> Fetch:
        import dlt

        with open_history(self.warehouse, system) as history, _ways_out(connector) as way_out:
            fetch = Fetch(
                system=system,
                connections=connections,
                entities=connector.entities,
                history=history,
                state=_state(pipeline.state, system),
                now=self.now,
                full=self.full,
                moves=self.moves,
                subjects=self.subjects,
                open_transport=way_out,
                clock=lambda: datetime.now(UTC),
                on_progress=self.on_progress,
            )

            def records() -> Iterator[Any]:
                for entity, rows in fetch.rows():
                    yield dlt.mark.with_table_name(rows, entity)
                state = dlt.current.source_state()
                state.update(fetch.settled())
                outcomes = _as_state(fetch.outcomes)
                state["outbox"] = {"sync_id": self.sync_id, "outcomes": outcomes}

            resource = dlt.resource(
                records, name="records", write_disposition="append", schema_contract=_CONTRACT
            )
            source = dlt.source(lambda: [resource], name=f"raw_{system}")()
            pipeline.extract(source, loader_file_format=_file_format(self.warehouse))
        return fetch


@contextmanager
def _ways_out(connector: Connector) -> Iterator[Callable[[Connection], Transport]]:
    """Give transports that share sockets, and tokens where the client is the same."""
    authorisers: dict[tuple[str, ...], Authoriser] = {}
    with httpx.Client(follow_redirects=False) as client:

        def way_out(connection: Connection) -> Transport:
            limits = Limits.of(
                connection.options, requests_per_minute=connector.requests_per_minute
            )
            authoriser = None
            if connection.token_url:
                shared = Authoriser(connection, client)
                authoriser = authorisers.setdefault(shared.key, shared)
            return Transport.open(connection, client, authoriser, limits)

        yield way_out


@contextmanager
def _dlt_pipeline(var: Path, target: Path | str, system: System) -> Iterator[Any]:
    """Open the pipeline of one system with an empty working folder."""
    home = var.absolute() / "dlt"
    _configure(home)
    import dlt

    name = f"raw_{system}"
    working = home / "pipelines"
    shutil.rmtree(working / name, ignore_errors=True)
    yield dlt.pipeline(
        name,
        pipelines_dir=str(working),
        destination=_destination(target),
        dataset_name=name,
    )


def _configure(home: Path) -> None:
    """Point dlt at ``var`` and switch its telemetry off, before it is imported."""
    secrets = home / "project" / ".dlt" / "secrets.toml"
    if not secrets.exists():
        secrets.parent.mkdir(parents=True, exist_ok=True)
        secrets.touch()
        secrets.with_name("config.toml").touch()
    os.environ.update(_SETTINGS)
    os.environ["DLT_DATA_DIR"] = str(home)
    os.environ["DLT_PROJECT_DIR"] = str(home / "project")


def _destination(target: Path | str) -> Any:  # noqa: ANN401 - dlt is untyped
    import dlt

    layout = "%s_load"
    if is_postgres(target):
        return dlt.destinations.postgres(
            _with_password(plain_postgres_url(str(target))), staging_dataset_name_layout=layout
        )
    from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

    bounded = DuckDbCredentials(str(target), global_config=_LOAD)
    return dlt.destinations.duckdb(
        bounded, preferred_loader_file_format="parquet", staging_dataset_name_layout=layout
    )


def _with_password(url: str) -> str:
    """Give dlt the password it insists on where the server trusts the user without one."""
    parsed = httpx.URL(url)
    return url if parsed.password else str(parsed.copy_with(password="none"))  # noqa: S106 - unused


def _file_format(target: Path | str) -> str:
    return "csv" if is_postgres(target) else "parquet"


def _as_state(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    return [outcome.to_state() for outcome in outcomes]


def _state(state: Mapping[str, Any], system: System) -> Mapping[str, Any]:
    found: Mapping[str, Any] = state.get("sources", {}).get(f"raw_{system}", {})
    return {key: found[key] for key in ("cursors", "totals") if key in found}


def _outbox(state: Mapping[str, Any], system: System) -> Mapping[str, Any]:
    found: Mapping[str, Any] = state.get("sources", {}).get(f"raw_{system}", {}).get("outbox", {})
    return found
