"""Run by Alembic: migrate over the connection that ``ledger.migrations.migrate`` holds."""

from alembic import context

from ledger.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
