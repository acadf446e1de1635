"""Keys are files of their owner only, and open only what they closed."""

import pytest

from ledger.checkpoint import VerifierKey
from ledger.errors import KeyUnusable
from ledger.keys import Keyring


def test_keys_are_made_once_and_read_again(tmp_path):
    made = Keyring.load(tmp_path / "keys", create=True)
    again = Keyring.load(tmp_path / "keys")
    assert again.master == made.master
    assert again.verifier_key() == made.verifier_key()
    public = (tmp_path / "keys" / "signing.pub").read_text()
    assert VerifierKey.parse(public) == made.verifier_key()
    for name in ("signing.pem", "master.key"):
        assert (tmp_path / "keys" / name).stat().st_mode & 0o777 == 0o600
    assert "master" not in repr(made)


def test_missing_keys_are_named(tmp_path):
    with pytest.raises(KeyUnusable, match=r"signing\.pem"):
        Keyring.load(tmp_path)


def test_keys_open_to_others_are_refused(tmp_path):
    Keyring.load(tmp_path, create=True)
    (tmp_path / "master.key").chmod(0o640)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        Keyring.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("signing.pem", b"nothing"), ("master.key", b"AAAA"), ("master.key", b"!")],
)
def test_malformed_keys_are_named(tmp_path, name, content):
    Keyring.load(tmp_path, create=True)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(KeyUnusable, match=name):
        Keyring.load(tmp_path)


def test_a_wrapped_secret_opens_with_its_key_and_purpose_only():
    keys = Keyring.generate()
    wrapped = keys.wrap(b"secret", purpose="a")
    assert keys.unwrap(wrapped, purpose="a") == b"secret"
    assert b"secret" not in wrapped
    for other, purpose, data in (
        (keys, "b", wrapped),
        (Keyring.generate(), "a", wrapped),
        (keys, "a", wrapped[:-1] + bytes([wrapped[-1] ^ 1])),
        (keys, "a", b"short"),
    ):
        with pytest.raises(KeyUnusable):
            other.unwrap(data, purpose=purpose)


def test_each_tenant_has_its_own_fingerprint_key():
    keys = Keyring.generate()
    assert keys.fingerprint_key("alder") == keys.fingerprint_key("alder")
    assert keys.fingerprint_key("alder") != keys.fingerprint_key("birch")
