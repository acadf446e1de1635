"""The keys of a deployment, locked in one small file under a passphrase.

A backup without the keys is whole but closed: private payloads, credentials and fingerprints need
the master key. So they travel locked or not at all. The key of the lock is derived by scrypt; the
content is sealed with AES-GCM, so a wrong passphrase and a changed byte are both noticed.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledger.errors import KeyUnusable
from ledger.keys import seal, unseal
from orchestration.backup.manifest import BackupError

if TYPE_CHECKING:
    from pydantic import SecretStr

NAME = "keys.locked"
FILES = ("signing.pem", "master.key", "signing.pub")
_CONTEXT = "ifp backup keys"
_COST = {"n": 1 << 16, "r": 8, "p": 1}


def lock(keys: Path, box: Path, passphrase: SecretStr) -> None:
    """Write the key files of a folder into a locked file."""
    content = {
        name: base64.b64encode((keys / name).read_bytes()).decode()
        for name in FILES
        if (keys / name).is_file()
    }
    salt = os.urandom(16)
    sealed = seal(_derived(passphrase, salt, _COST), json.dumps(content).encode(), context=_CONTEXT)
    told = {
        "kdf": "scrypt",
        **_COST,
        "salt": base64.b64encode(salt).decode(),
        "sealed": base64.b64encode(sealed).decode(),
    }
    box.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    box.chmod(0o600)


def unlock(box: Path, keys: Path, passphrase: SecretStr) -> None:
    """Write the files of a locked file into a folder, readable by their owner only.

    Raises:
        BackupError: The passphrase is another one, or the file was changed.
    """
    try:
        told = json.loads(box.read_text(encoding="utf-8"))
        cost = {name: int(told[name]) for name in _COST}
        salt, sealed = base64.b64decode(told["salt"]), base64.b64decode(told["sealed"])
        content = unseal(_derived(passphrase, salt, cost), sealed, context=_CONTEXT)
    except KeyUnusable:
        raise BackupError(
            "the keys do not open: IFP_BACKUP_PASSPHRASE is not the one they were locked with"
        ) from None
    except (OSError, ValueError, KeyError) as error:
        raise BackupError(f"{box} cannot be read: {error}") from error
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, text in json.loads(content).items():
        if name in FILES:
            put(keys / name, base64.b64decode(text))


def put(path: Path, content: bytes) -> None:
    """Write a key file that its owner alone can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _derived(passphrase: SecretStr, salt: bytes, cost: dict[str, int]) -> bytes:
    if cost["n"] > 1 << 20 or cost["r"] * cost["p"] > 64:
        raise BackupError("the lock asks for more memory than a lock of ours ever does")
    derive = Scrypt(salt=salt, length=32, **cost)
    return derive.derive(passphrase.get_secret_value().encode())
