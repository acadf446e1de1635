"""Settings of the front doors."""

from pathlib import Path

import pytest

from apps.settings import AppSettings


def test_defaults_show_what_a_fresh_clone_writes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    settings = AppSettings()
    assert settings.published == Path("var/published")
    assert settings.ledger_address == f"sqlite:///{tmp_path.resolve()}/var/ledger/ledger.sqlite"
    assert settings.ledger_keys == Path("var/keys")


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IFP_BANK_WEBHOOK_SECRET", "whsec_abc")
    monkeypatch.setenv("IFP_LEDGER_URL", "postgresql://ifp:hidden@db/ledger")
    settings = AppSettings()
    assert "whsec_abc" not in repr(settings)
    assert "hidden" not in repr(settings)
    assert settings.ledger_address == "postgresql://ifp:hidden@db/ledger"


def test_every_variable_is_one_that_a_run_knows():
    from orchestration.settings import Settings

    assert set(AppSettings.model_fields) <= set(Settings.model_fields)
