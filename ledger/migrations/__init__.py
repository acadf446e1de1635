"""How the ledger's tables came to be; applied when a ledger is opened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from ledger.database import ADVISORY_LOCK, Database
from ledger.errors import LedgerBehind, LedgerTooNew

REVISIONS = ("0001", "0002")
"""Every migration in its order; a test holds this to the modules in ``versions``."""

HEAD = REVISIONS[-1]
"""The newest migration; a ledger that stands there is opened without loading Alembic."""


def migrate(database: Database, *, upgrades: bool = True) -> None:
    """Bring a database to the newest migration; two processes may do this at once.

    Args:
        database: The ledger's database.
        upgrades: Whether an older ledger is brought forward; an empty database always gets its
            tables.

    Raises:
        LedgerTooNew: A newer version of the platform wrote this ledger.
        LedgerBehind: It is older, and was not to be brought forward here.
    """
    with database.engine.connect() as connection:
        found = _revision(connection)
    if found == HEAD:
        return
    if found is not None:
        require_known(database, found)
        if not upgrades:
            raise LedgerBehind(
                f"the ledger at {_place(database)} stands at {found}, this version needs {HEAD}:"
                " stop what writes it, then run `ifp migrate`, which takes a backup first"
            )
    lay_out(database, HEAD)


def lay_out(database: Database, target: str) -> None:
    """Bring a database to a migration, in one transaction; to one it has passed does nothing."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        try:
            if _revision(connection) != target:
                _upgrade(connection, target)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")


def revision(database: Database) -> str | None:
    """Tell where a database stands; ``None`` when it holds no ledger yet."""
    with database.engine.connect() as connection:
        return _revision(connection)


def require_known(database: Database, found: str) -> None:
    """Refuse a ledger that a newer version wrote.

    Raises:
        LedgerTooNew: This version does not know the migration it stands at.
    """
    if found not in REVISIONS:
        raise LedgerTooNew(
            f"the ledger at {_place(database)} stands at {found}, this version knows {HEAD} at"
            " most: a newer version wrote it; install that one, or restore an older backup"
            " into another folder"
        )


def _place(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=True)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection, target: str) -> None:
    from alembic import command  # here: an up-to-date ledger never pays for loading it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, target)
