"""What the environment may say, per profile, and that `.env.example` says all of it."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from orchestration import settings
from orchestration.settings import PREFIX, Settings, SettingsError

WHOLE = {
    "profile": "prod",
    "bank_url": "https://api.bank.example",
    "bank_client_id": "ifp",
    "bank_client_secret": "s3cret",
    "bank_webhook_secret": "whsec_abc",
    "xero_url": "https://api.xero.com",
    "xero_client_id": "ifp",
    "xero_client_secret": "s3cret",
    "dnb_url": "https://plus.dnb.com",
    "dnb_key": "ifp",
    "dnb_secret": "s3cret",
    "smtp_host": "smtp.example",
    "mail_from": "financing@bank.example",
    "mail_to": "compliance@bank.example",
    "ledger_url": "postgresql://ifp:pw@ledger.example/ifp",
}


@pytest.fixture
def whole(tmp_path, monkeypatch):
    """Settings that prod accepts, as overrides."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "signing.pem").write_text("key")
    (tmp_path / "master.key").write_text("key")
    return {**WHOLE, "keys": tmp_path}


def test_defaults_run_the_sandbox(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IFP_PROFILE", raising=False)
    found = settings.load()
    assert found.profile == "dev"
    assert found.uses_sandbox


def test_prod_accepts_a_whole_environment(whole):
    assert settings.load(**whole).uses_sandbox is False


@pytest.mark.parametrize("name", sorted(set(WHOLE) - {"profile"}))
def test_prod_names_each_missing_variable(whole, name):
    whole.pop(name)
    with pytest.raises(SettingsError, match=f"IFP_{name.upper()} is required in prod"):
        settings.load(**whole)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("bank_url", "http://127.0.0.1:8600/bank"),
        ("dnb_url", "http://localhost:8600/dnb"),
        ("xero_url", "http://[::1]:8600/xero"),
        ("smtp_host", "127.0.0.1"),
        ("ledger_url", "postgresql://ifp:pw@localhost/ifp"),
    ],
)
def test_prod_refuses_sandbox_addresses(whole, name, address):
    whole[name] = address
    with pytest.raises(SettingsError, match=f"IFP_{name.upper()} points at this machine"):
        settings.load(**whole)


@pytest.mark.parametrize("name", ["mail_from", "mail_to"])
def test_prod_takes_no_address_of_the_demo(whole, name):
    whole[name] = getattr(settings, f"DEMO_{name.upper()}")
    with pytest.raises(SettingsError, match=f"IFP_{name.upper()} is the address of the demo"):
        settings.load(**whole)


@pytest.mark.parametrize("amount", ["much", "1500", "80%", "-1GB"])
def test_the_memory_of_a_build_is_an_amount(amount):
    with pytest.raises(SettingsError, match="IFP_WAREHOUSE_MEMORY"):
        settings.load(warehouse_memory=amount)


def test_tenants_may_have_recipients_of_their_own(monkeypatch):
    monkeypatch.setenv("IFP_MAIL_TO_TENANTS", '{"alder": "reports@alder.example"}')
    assert settings.load().mail_to_tenants == {"alder": "reports@alder.example"}


def test_prod_refuses_generated_keys(whole, tmp_path):
    whole["keys"] = tmp_path / "nothing-here"
    with pytest.raises(SettingsError, match="IFP_KEYS must name a folder"):
        settings.load(**whole)


@pytest.mark.parametrize("name", ["signing.pem", "master.key"])
def test_prod_needs_both_keys(whole, tmp_path, name):
    (tmp_path / name).unlink()
    with pytest.raises(SettingsError, match="IFP_KEYS must name a folder"):
        settings.load(**whole)


@pytest.mark.parametrize("name", ["bank_url", "xero_url", "dnb_url"])
def test_prod_speaks_to_counterparts_encrypted(whole, name):
    whole[name] = "http://api.vendor.example"
    with pytest.raises(SettingsError, match=f"IFP_{name.upper()} must begin with https://"):
        settings.load(**whole)


def test_prod_sends_no_mail_password_in_clear(whole):
    whole |= {"smtp_username": "ifp", "smtp_password": "s3cret"}
    assert settings.load(**whole, smtp_tls=True)
    with pytest.raises(SettingsError, match="IFP_SMTP_TLS"):
        settings.load(**whole)


def test_a_crash_can_only_be_asked_for_in_dev(whole):
    with pytest.raises(SettingsError, match="IFP_CRASH_AT"):
        settings.load(**whole, crash_at="payment_sent")


def test_a_wrong_value_is_refused_with_its_variable(monkeypatch):
    monkeypatch.setenv("IFP_DAGSTER_PORT", "many")
    with pytest.raises(SettingsError, match="IFP_DAGSTER_PORT"):
        settings.load()


def test_the_command_line_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("IFP_SANDBOX_SEED", "8")
    assert settings.load(sandbox_seed=9).sandbox_seed == 9


def test_secrets_do_not_show_in_a_repr(whole):
    assert "s3cret" not in repr(settings.load(**whole))


def test_the_example_names_every_variable_and_no_other(root):
    text = (root / ".env.example").read_text(encoding="utf-8")
    named = re.findall(rf"^#?({PREFIX}[A-Z0-9_]+)=", text, flags=re.MULTILINE)
    assert sorted(named) == sorted(PREFIX + name.upper() for name in Settings.model_fields)


def test_the_example_explains_every_block(root):
    lines = (root / ".env.example").read_text(encoding="utf-8").splitlines()
    for before, line in pairwise(lines):
        if line.startswith("IFP_"):
            assert before.startswith(("#", "IFP_")), line
