"""The ledger's keys: one that signs checkpoints, one that wraps every other secret.

    var/keys/signing.pem    Ed25519 private key (PKCS 8)
    var/keys/signing.pub    its public half as a signed-note verifier key: give this to auditors
    var/keys/master.key     32 bytes, base64: wraps data keys and credentials, derives tenant keys

Files are readable by their owner only. In dev they are generated; elsewhere they must be given.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.checkpoint import ORIGIN, VerifierKey
from ledger.errors import KeyUnusable

_NONCE = 12
_KEY = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of one deployment; nothing of them shows in a repr.

    Attributes:
        signing: Signs checkpoints.
        master: Wraps data keys and credentials; 32 bytes.
    """

    signing: Ed25519PrivateKey = field(repr=False)
    master: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Keyring:
        """Make keys that live in memory only."""
        return cls(Ed25519PrivateKey.generate(), os.urandom(_KEY))

    @classmethod
    def load(cls, directory: Path, *, create: bool = False, origin: str = ORIGIN) -> Keyring:
        """Read the keys of a directory, and write ``signing.pub`` beside them in dev.

        Args:
            directory: Where ``signing.pem`` and ``master.key`` lie.
            create: Make what is missing (dev); otherwise missing files are an error.
            origin: The ledger they are for; the name in ``signing.pub``.

        Raises:
            KeyUnusable: A file is missing, malformed or readable by others.
        """
        if create:
            _generate_missing(directory)
        signing = _read(directory / "signing.pem")
        try:
            key = serialization.load_pem_private_key(signing, password=None)
        except ValueError as error:
            raise KeyUnusable(f"{directory / 'signing.pem'} is no PEM private key") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable(f"{directory / 'signing.pem'} is no Ed25519 key")
        path = directory / "master.key"
        try:
            master = base64.b64decode(_read(path).strip(), validate=True)
        except binascii.Error as error:
            raise KeyUnusable(f"{path} is not base64") from error
        if len(master) != _KEY:
            raise KeyUnusable(f"{path} must hold {_KEY} bytes, base64")
        keyring = cls(key, master)
        if create:
            (directory / "signing.pub").write_text(f"{keyring.verifier_key(origin)}\n")
        return keyring

    def verifier_key(self, origin: str = ORIGIN) -> VerifierKey:
        """Give the public key that checks checkpoints of a ledger."""
        return VerifierKey(origin, self.signing.public_key().public_bytes_raw())

    def wrap(self, secret: bytes, *, purpose: str) -> bytes:
        """Encrypt a secret under the master key; ``purpose`` must be the same to unwrap."""
        return seal(self._derive("wrap"), secret, context=purpose)

    def unwrap(self, wrapped: bytes, *, purpose: str) -> bytes:
        """Decrypt what ``wrap`` made.

        Raises:
            KeyUnusable: It was wrapped by another master key or for another purpose, or changed.
        """
        return unseal(self._derive("wrap"), wrapped, context=purpose)

    def fingerprint_key(self, tenant_id: str) -> bytes:
        """Derive the key of a tenant's receivable fingerprints."""
        return self._derive(f"fingerprint:{tenant_id}")

    def _derive(self, purpose: str) -> bytes:
        return HKDF(hashes.SHA256(), _KEY, salt=None, info=b"ifp:" + purpose.encode()).derive(
            self.master
        )


def seal(key: bytes, data: bytes, *, context: str) -> bytes:
    """Encrypt with AES-GCM: 12 bytes of nonce, then the ciphertext with its tag."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, context.encode())


def unseal(key: bytes, sealed: bytes, *, context: str) -> bytes:
    """Decrypt what ``seal`` made.

    Raises:
        KeyUnusable: The key or the context is another, or the bytes were changed.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], context.encode())
    except (InvalidTag, ValueError) as error:
        raise KeyUnusable(f"{context} does not open with this key") from error


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"{path} cannot be read: put the key there, or run in dev") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyUnusable(f"{path} is open to others: chmod 600 {path}")
    return content


def _generate_missing(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    signing = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write_once(directory / "signing.pem", signing)
    _write_once(directory / "master.key", base64.b64encode(os.urandom(_KEY)) + b"\n")


def _write_once(path: Path, content: bytes) -> None:
    """Write a key unless it is there; of two processes that start at once, one wins."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
