"""The migrations build the tables that the code speaks to."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger import migrations
from ledger.schema import METADATA
from ledger.store import Ledger


def test_migrated_tables_are_those_of_the_schema(any_ledger):
    with any_ledger._database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(migrations.__path__[0]))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_an_up_to_date_ledger_is_opened_without_alembic(url, keys, root, tmp_path):
    Ledger.open(url, keys=keys).close()
    script = (
        "import sys; from ledger.keys import Keyring; from ledger.store import Ledger\n"
        f"Ledger.open({url!r}, keys=Keyring.generate()).close()\n"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0


def test_a_migration_that_fails_leaves_nothing(any_url, keys, monkeypatch):
    real = migrations._upgrade

    def fail(connection):
        real(connection)
        raise RuntimeError("power cut")

    monkeypatch.setattr(migrations, "_upgrade", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        Ledger.open(any_url, keys=keys)
    monkeypatch.undo()
    with Ledger.open(any_url, keys=keys) as ledger:
        assert ledger.size() == 0
