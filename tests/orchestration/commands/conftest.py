"""The command line in this process, on a folder of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from orchestration import cli


@pytest.fixture
def call(tmp_path, monkeypatch) -> Iterator[Callable[..., Result]]:
    """Call `ifp`; log handlers it sets are taken back."""
    monkeypatch.setenv("IFP_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("IFP_BACKUP_FOLDER", str(tmp_path / "shelf"))
    monkeypatch.setenv("IFP_BACKUP_PASSPHRASE", "correct horse battery")
    before, level = logging.getLogger().handlers[:], logging.getLogger().level
    runner = CliRunner()
    yield lambda *arguments: runner.invoke(cli.app, list(arguments))
    for handler in logging.getLogger().handlers[:]:
        if handler not in before:
            handler.close()
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(level)


@pytest.fixture
def begun(tmp_path):
    """A platform with a ledger of one entry, as an opened one leaves it."""
    from ledger.entry import Actor, Entry
    from orchestration import places, settings
    from orchestration.resources.ledger import open_keyring, open_ledger

    found = settings.load(var=tmp_path / "var")
    where = places.at(found.var)
    with open_ledger(found, where, open_keyring(found, where)) as ledger:
        ledger.append(Entry("note", "alder", ledger._clock(), Actor("system", "test"), (), {}))
    return where
