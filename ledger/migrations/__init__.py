"""How the ledger's tables came to be; applied when a ledger is opened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from ledger.database import ADVISORY_LOCK, Database

HEAD = "0001"
"""The newest migration; a ledger that stands there is opened without loading Alembic."""


def migrate(database: Database) -> None:
    """Bring a database to the newest migration; two processes may do this at once."""
    with database.engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        try:
            if _revision(connection) != HEAD:
                _upgrade(connection)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # here: an up-to-date ledger never pays for loading it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
