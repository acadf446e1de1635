"""Checkpoints: a signed statement of the ledger's size and root.

The text is a C2SP tlog-checkpoint in a C2SP signed note, so that witnesses and timestamps need no
other format: https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note.

    ifp.local/ledger
    20852
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — ifp.local/ledger Az3grlgt…
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import CheckpointInvalid

ORIGIN = "ifp.local/ledger"
"""The origin of a ledger that was given no other."""

ED25519 = 1
"""The signature type that stands in a key id and in a verifier key."""

_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_MOST_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint states.

    Attributes:
        origin: Which ledger.
        size: Number of its entries.
        root: Merkle root over them.
    """

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Write the note's text; it ends with a line feed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """Read a note's text; extension lines are allowed and left alone.

        Raises:
            CheckpointInvalid: It is no checkpoint.
        """
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or "" in lines[:-1] or lines[-1]:
            raise CheckpointInvalid("a checkpoint has the lines origin, size and root")
        if re.fullmatch(r"0|[1-9][0-9]*", lines[1]) is None:
            raise CheckpointInvalid(f"{lines[1]!r} is no size")
        root = _decoded(lines[2])
        if len(root) != sha256().digest_size:
            raise CheckpointInvalid("the root is not a SHA-256 hash")
        return cls(lines[0], int(lines[1]), root)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs for.

    Attributes:
        name: The signer's name; for a ledger its origin.
        public: Raw Ed25519 public key.
    """

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Give the key id: the first 4 bytes of SHA-256 over name, line feed, type and key."""
        return sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.public).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([ED25519]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read the text form ``name+id+base64(type, key)``.

        Raises:
            CheckpointInvalid: It is malformed, of another type, or its id is not its own.
        """
        name, _, rest = text.strip().partition("+")
        identity, _, encoded = rest.partition("+")
        raw = _decoded(encoded)
        if not name or len(raw) != 33 or raw[0] != ED25519:
            raise CheckpointInvalid("not a verifier key for Ed25519: name+id+base64(01, key)")
        key = cls(name, raw[1:])
        if key.id.hex() != identity:
            raise CheckpointInvalid(f"the id of verifier key {name} is not that of its key")
        return key


def sign(text: str, *, name: str, key: Ed25519PrivateKey) -> str:
    """Make a signed note of a text that ends with a line feed.

    Raises:
        ValueError: The text does not end with a line feed, or the name has a space or a plus.
    """
    if not text.endswith("\n") or not name or re.search(r"[\s+]", name):
        raise ValueError("a note's text ends with a line feed; a name has no space and no plus")
    verifier = VerifierKey(name, key.public_key().public_bytes_raw())
    signature = base64.b64encode(verifier.id + key.sign(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n"


def open_note(note: str, key: VerifierKey) -> str:
    """Give the text of a note that carries a good signature of ``key``.

    Signatures of unknown keys are ignored; a bad one of the known key refuses the note.

    Raises:
        CheckpointInvalid: The note is malformed, or not signed by the key.
    """
    text, separator, block = note.rpartition("\n\n")
    lines = block.split("\n")
    if not separator or lines.pop() or not 0 < len(lines) <= _MOST_SIGNATURES:
        raise CheckpointInvalid("a signed note is text, an empty line and signature lines")
    text += "\n"
    signed = False
    for line in lines:
        match = _SIGNATURE.fullmatch(line)
        if match is None:
            raise CheckpointInvalid(f"{line!r} is no signature line")
        raw = _decoded(match[2])
        if match[1] != key.name or raw[:4] != key.id:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], text.encode())
        except InvalidSignature as error:
            raise CheckpointInvalid(f"the signature of {key.name} is wrong") from error
        signed = True
    if not signed:
        raise CheckpointInvalid(f"not signed by {key.name} with key {key.id.hex()}")
    return text


def open_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """Read a checkpoint signed by a ledger's key, which names the ledger's origin.

    Raises:
        CheckpointInvalid: It is malformed, of another origin, or not signed by the key.
    """
    checkpoint = Checkpoint.from_text(open_note(note, key))
    if checkpoint.origin != key.name:
        raise CheckpointInvalid(f"{checkpoint.origin} is not {key.name}")
    return checkpoint


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CheckpointInvalid(f"{text!r} is not base64") from error
