"""Connections come back with their credentials, which show nowhere else."""

import pytest
from pydantic import SecretStr

from ledger.connections import StoredConnection
from ledger.entry import Actor
from ledger.errors import KeyUnusable, UnknownConnection
from ledger.keys import Keyring
from ledger.store import Ledger

ANNA = Actor("person", "anna")


@pytest.fixture
def connection():
    def make(connection_id="xero-1", value="s3cret-value", **changes):
        fields = {
            "tenant_id": "alder",
            "connection_id": connection_id,
            "system": "xero",
            "seller_name": "Acme",
            "base_url": "http://127.0.0.1:1/xero",
            "token_url": "http://127.0.0.1:1/xero/connect/token",
            "credentials": {"client_secret": SecretStr(value)},
            "options": {"xero_tenant_id": "t1", "page_size": 100},
        }
        return StoredConnection(**{**fields, **changes})

    return make


def test_a_connection_comes_back_as_it_was(any_ledger, connection):
    any_ledger.connections.add(connection(), by=ANNA)
    found = any_ledger.connections.get("alder", "xero-1")
    assert found == connection()
    assert found.credentials["client_secret"].get_secret_value() == "s3cret-value"


def test_secrets_show_in_no_repr_entry_or_file(ledger, connection, tmp_path):
    stored = ledger.connections.add(connection(), by=ANNA)
    assert "s3cret" not in repr(connection())
    assert b"s3cret" not in stored.canonical
    ledger.close()
    for path in tmp_path.iterdir():
        assert b"s3cret" not in path.read_bytes()


def test_each_change_is_an_entry_and_no_change_is_none(ledger, connection):
    assert ledger.connections.add(connection(), by=ANNA).entry.type == "connection_added"
    assert ledger.connections.add(connection(), by=ANNA) is None
    assert ledger.connections.add(connection(value="other"), by=ANNA) is not None
    removed = ledger.connections.remove("alder", "xero-1", by=ANNA)
    assert (removed.entry.type, removed.index) == ("connection_removed", 2)


def test_connections_are_listed_by_tenant(ledger, connection):
    for tenant, name in (("birch", "b"), ("alder", "z"), ("alder", "a")):
        ledger.connections.add(connection(name, tenant_id=tenant), by=ANNA)
    listed = [(found.tenant_id, found.connection_id) for found in ledger.connections.list()]
    assert listed == [("alder", "a"), ("alder", "z"), ("birch", "b")]
    assert [found.connection_id for found in ledger.connections.list("birch")] == ["b"]


def test_an_unknown_connection_is_an_error(ledger):
    with pytest.raises(UnknownConnection):
        ledger.connections.get("alder", "none")
    with pytest.raises(UnknownConnection):
        ledger.connections.remove("alder", "none", by=ANNA)
    assert ledger.size() == 0


def test_another_master_key_reads_no_credentials(ledger, url, connection):
    ledger.connections.add(connection(), by=ANNA)
    with Ledger.open(url, keys=Keyring.generate()) as other, pytest.raises(KeyUnusable):
        other.connections.get("alder", "xero-1")
