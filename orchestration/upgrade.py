"""Which version wrote each store of a platform, and how an older one is brought forward.

::

    var/store.json   form of the folder          brought forward here
    ledger           migration (Alembic)         brought forward here, in one transaction
    Dagster's home   its own migrations          brought forward here, by Dagster
    SQL project      parsed by which dbt         parsed again
    raw tables       dlt's state and schema      brought forward by the next sync, by dlt
    warehouse        DuckDB's storage            readable, or written by a newer DuckDB

A store that is newer than this version is never touched; then nothing is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.engine import make_url

from ledger import migrations
from ledger.database import Database
from ledger.errors import LedgerError
from orchestration import instance, leftovers, stores
from orchestration.resources.ledger import ledger_url
from orchestration.resources.warehouse import Warehouse

if TYPE_CHECKING:
    from orchestration.places import Places
    from orchestration.settings import Settings

State = Literal["current", "behind", "newer", "absent"]
Step = Callable[[str], AbstractContextManager[None]]
_LOCK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one store stands.

    Attributes:
        store: Which.
        found: The version that wrote it, or a dash.
        needed: The version that this platform writes.
        state: ``current``, ``behind``, ``newer`` or ``absent``.
        advice: What is done about it.
    """

    store: str
    found: str
    needed: str
    state: State
    advice: str = ""

    def body(self) -> dict[str, str]:
        """Give the row of ``ifp migrate --json``."""
        return {
            "store": self.store,
            "found": self.found,
            "needed": self.needed,
            "state": self.state,
            "do": self.advice,
        }


def standings(settings: Settings, where: Places) -> list[Standing]:
    """Tell where every store stands; nothing is changed by looking."""
    return [
        _folder(where),
        _ledger(settings, where),
        _dagster(where),
        _project(where),
        *_warehouse(settings, where),
    ]


def bring_forward(
    settings: Settings,
    where: Places,
    found: list[Standing],
    *,
    step: Step = lambda _words: nullcontext(),
) -> list[str]:
    """Bring the stores that are behind forward; give their names.

    Args:
        settings: What the environment said.
        where: Places of the platform.
        found: Where the stores stand; none of them may be newer.
        step: Told what is being done.
    """
    done: list[str] = []
    for item in found:
        act = _ACTS.get(item.store)
        if item.state == "behind" and act is not None:
            with step(f"{item.store.capitalize()} brought to {item.needed}"):
                act(settings, where)
            done.append(item.store)
    return done


def _folder(where: Places) -> Standing:
    form = stores.found(where.var)
    if form is None:
        return Standing("folder", "–", str(stores.FORMAT), "absent")
    state: State = "current"
    if form != stores.FORMAT:
        state = "behind" if form < stores.FORMAT else "newer"
    return Standing("folder", str(form), str(stores.FORMAT), state, _advice(state))


def _ledger(settings: Settings, where: Places) -> Standing:
    url = ledger_url(settings, where)
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite"
    if is_file and not Path(str(parsed.database)).is_file():
        return Standing("ledger", "–", migrations.HEAD, "absent")
    database = Database(url, read_only=True)
    try:
        found = migrations.revision(database)
    except database.errors as error:
        raise LedgerError(f"the ledger cannot be read: {type(error).__name__}") from error
    finally:
        database.close()
    if found is None:
        return Standing("ledger", "–", migrations.HEAD, "absent")
    state: State = "current"
    if found != migrations.HEAD:
        state = "behind" if found in migrations.REVISIONS else "newer"
    return Standing("ledger", found, migrations.HEAD, state, _advice(state))


def _dagster(where: Places) -> Standing:
    if not (where.dagster / "history").is_dir():
        return Standing("dagster", "–", version("dagster"), "absent")
    with instance.opened(where.dagster) as opened:
        parts = [opened.run_storage, opened.event_log_storage, opened.schedule_storage]
        found = [part.alembic_version() for part in parts if part is not None]
    is_behind = any(one is not None and one[0] != one[1] for one in found)
    state: State = "behind" if is_behind else "current"
    told = ", ".join(str(one[0]) for one in found if one is not None)
    needed = ", ".join(str(one[1]) for one in found if one is not None)
    return Standing("dagster", told or "–", needed or "–", state, _advice(state))


def _project(where: Places) -> Standing:
    manifest, needed = where.dbt / "manifest.json", version("dbt-core")
    if not manifest.is_file():
        return Standing("project", "–", needed, "absent")
    try:
        found = str(json.loads(manifest.read_text(encoding="utf-8"))["metadata"]["dbt_version"])
    except (ValueError, KeyError):
        found = "unreadable"
    state: State = "current" if found == needed else "behind"
    return Standing("project", found, needed, state, "" if state == "current" else "parse it again")


def _warehouse(settings: Settings, where: Places) -> Iterator[Standing]:
    """Look into the warehouse; one that a newer DuckDB wrote cannot even be opened."""
    import duckdb

    file = Warehouse(settings.warehouse_path or where.warehouse, where.lock, timeout=_LOCK_SECONDS)
    needed = f"DuckDB {version('duckdb')}"
    if not file.path.is_file():
        yield Standing("warehouse", "–", needed, "absent")
        return
    try:
        with file.open() as connection:
            rows = connection.execute(
                "select tags from duckdb_databases() where database_name = current_database()"
            ).fetchall()
            raw = _raw(connection)
    except duckdb.Error as error:
        cause = str(error).splitlines()[0][:120]
        yield Standing("warehouse", "unreadable", needed, "newer", cause)
        return
    storage = str(dict(rows[0][0]).get("storage_version", "unknown")) if rows else "unknown"
    yield Standing("warehouse", f"storage {storage}", needed, "current")
    yield raw


def _raw(connection: Any) -> Standing:  # noqa: ANN401 - duckdb ships no usable stubs
    from dlt.common.schema.typing import SCHEMA_ENGINE_VERSION

    needed = str(SCHEMA_ENGINE_VERSION)
    schemas = connection.execute(
        "select schema_name from duckdb_tables() where table_name = '_dlt_version' order by 1"
    ).fetchall()
    if not schemas:
        return Standing("raw", "–", needed, "absent")
    found = 0
    for (schema,) in schemas:
        asked = f"select max(engine_version) from {schema}._dlt_version"  # noqa: S608
        found = max(found, int(connection.execute(asked).fetchall()[0][0]))
    state: State = "newer" if found > SCHEMA_ENGINE_VERSION else "current"
    return Standing("raw", str(found), needed, state, _advice(state))


def _advice(state: State) -> str:
    return {
        "behind": "ifp migrate",
        "newer": "install the version that wrote it",
    }.get(state, "")


def _stamp(_settings: Settings, where: Places) -> None:
    """Sweep what killed processes left, which older versions did not, and stamp the folder."""
    for folder in (where.published, where.models, where.proofs, where.inbox):
        leftovers.sweep(folder)
    stores.stamp(where.var)


def _migrate_ledger(settings: Settings, where: Places) -> None:
    database = Database(ledger_url(settings, where))
    try:
        migrations.migrate(database)
    finally:
        database.close()


def _migrate_dagster(_settings: Settings, where: Places) -> None:
    with instance.opened(where.dagster) as opened:
        opened.upgrade(lambda _line: None)


def _forget_project(_settings: Settings, where: Places) -> None:
    for name in ("manifest.json", "partial_parse.msgpack"):
        (where.dbt / name).unlink(missing_ok=True)


_ACTS: dict[str, Callable[[Settings, Places], None]] = {
    "ledger": _migrate_ledger,
    "dagster": _migrate_dagster,
    "project": _forget_project,
    "folder": _stamp,
}
