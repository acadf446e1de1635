"""The migrations build the tables that the code speaks to."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger import migrations
from ledger.database import Database
from ledger.errors import LedgerBehind, LedgerTooNew
from ledger.schema import METADATA
from ledger.store import Ledger
from ledger.verify import verify


def test_migrated_tables_are_those_of_the_schema(any_ledger):
    with any_ledger._database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(migrations.__path__[0]))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [migrations.HEAD]
    assert [script.revision for script in scripts.walk_revisions()][::-1] == [*migrations.REVISIONS]


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

    def fail(connection, target):
        real(connection, target)
        raise RuntimeError("power cut")

    monkeypatch.setattr(migrations, "_upgrade", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        Ledger.open(any_url, keys=keys)
    monkeypatch.undo()
    with Ledger.open(any_url, keys=keys) as ledger:
        assert ledger.size() == 0


@pytest.fixture
def first_ledger(any_url, keys, make_entry):
    """A ledger as the first version laid it out, with entries that version could have written."""
    database = Database(any_url)
    migrations.lay_out(database, "0001")
    with Ledger(database, keys=keys) as ledger:
        ledger.append_many(make_entry(body={"n": number}) for number in range(5))
        checkpoint = ledger.checkpoint()
    return any_url, checkpoint


def test_a_ledger_of_the_first_version_is_brought_forward_and_keeps_its_history(first_ledger, keys):
    url, checkpoint = first_ledger
    with Ledger.open(url, keys=keys) as ledger:
        assert ledger.heartbeats.all() == []
        assert ledger.checkpoint() == checkpoint
        key = ledger.verifier_key
    report = verify(url, checkpoint=checkpoint, public_key=key)
    assert (report.ok, report.size) == (True, 5)


def test_an_older_ledger_is_left_alone_when_it_is_not_to_be_brought_forward(first_ledger, keys):
    url, _ = first_ledger
    with pytest.raises(LedgerBehind, match=r"stands at 0001, this version needs .*ifp migrate"):
        Ledger.open(url, keys=keys, upgrades=False)
    database = Database(url)
    assert migrations.revision(database) == "0001"
    database.close()


def test_an_empty_database_always_gets_its_tables(any_url, keys):
    with Ledger.open(any_url, keys=keys, upgrades=False) as ledger:
        assert ledger.size() == 0


def test_a_ledger_of_a_newer_version_is_refused_and_left_alone(any_url, keys):
    Ledger.open(any_url, keys=keys).close()
    database = Database(any_url)
    with database.writing() as cursor:
        cursor.plain("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(LedgerTooNew, match=r"stands at 0999.*a newer version wrote it"):
        Ledger.open(any_url, keys=keys)
    assert migrations.revision(database) == "0999"
    database.close()
