"""The manifest of a backup: what is in it, hashed, and which ledger it must turn out to be."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchestration import hashes

FORMAT = 1
"""The form of manifests written here; a higher one is refused."""

NAME = "manifest.json"
_BLOCK = 1 << 20


class BackupError(Exception):
    """A backup cannot be taken, read or restored; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a backup.

    Attributes:
        path: Where it lies in the backup and under ``var/``, with slashes.
        size: Bytes.
        sha256: Of its content, lower hex.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """Which ledger a backup holds.

    Attributes:
        path: The file it lies in; always SQLite, whatever database it came from.
        engine: What it came from: ``sqlite`` or ``postgresql``.
        revision: The migration it stands at.
        size: Entries.
        root: Merkle root, lower hex.
        checkpoint: Signed note over both.
        verifier_key: The public key that checks the note.
    """

    path: str
    engine: str
    revision: str
    size: int
    root: str
    checkpoint: str
    verifier_key: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        backup_id: Time and beginning of the root.
        created_at: When it was complete, ISO 8601 in UTC.
        version: Version of the platform that took it.
        store_format: Form of ``var/`` it was taken from.
        profile: ``dev``, ``staging`` or ``prod``.
        ledger: The ledger in it.
        snapshot_id: Snapshot that the ledger points to; ``None`` before the first publication.
        snapshots: Every snapshot that the ledger names and the backup holds.
        snapshots_removed: Those it names whose files were removed before.
        keys: ``encrypted`` or ``left out``.
        has_warehouse: Whether raw history and marts are in it.
        left_out: What is not in it, and why.
        files: Everything in it but this manifest.
        format: Form of this manifest.
    """

    backup_id: str
    created_at: str
    version: str
    store_format: int
    profile: str
    ledger: LedgerMark
    snapshot_id: str | None
    snapshots: tuple[str, ...]
    snapshots_removed: tuple[str, ...]
    keys: str
    has_warehouse: bool
    left_out: Mapping[str, str]
    files: tuple[Kept, ...] = field(repr=False)
    format: int = FORMAT

    @property
    def size_bytes(self) -> int:
        """Bytes of all files together."""
        return sum(item.size for item in self.files)

    def summary(self) -> dict[str, Any]:
        """Give everything but the list of files, as ``--json`` shows it."""
        told = asdict(self)
        del told["files"]
        return {**told, "files": len(self.files), "size_bytes": self.size_bytes}

    def write(self, folder: Path) -> None:
        """Write the manifest; the backup is complete with it."""
        path = folder / NAME
        with path.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=1, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        path.chmod(0o600)


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup.

    Raises:
        BackupError: There is none, it cannot be read, or a newer version wrote it.
    """
    path = folder / NAME
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackupError(f"{folder} is no backup: it has no {NAME}") from None
    except (OSError, ValueError) as error:
        raise BackupError(f"{path} cannot be read: {error}") from error
    if not isinstance(told, dict) or told.get("format", 0) > FORMAT:
        raise BackupError(f"{path} was written by a newer version; restore it with that version")
    try:
        told["ledger"] = LedgerMark(**told["ledger"])
        told["files"] = tuple(Kept(**item) for item in told["files"])
        for name in ("snapshots", "snapshots_removed"):
            told[name] = tuple(told[name])
        return Manifest(**told)
    except (KeyError, TypeError) as error:
        raise BackupError(f"{path} is no manifest: {error}") from error


def hashed(path: Path) -> tuple[int, str]:
    """Give the size of a file and the hash of its content."""
    return path.stat().st_size, hashes.of_file(path)


def copied(source: Path, folder: Path, name: str) -> Kept:
    """Copy a file into a backup, readable by its owner only, and hash what was written."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as content, os.fdopen(descriptor, "wb") as kept:
        while block := content.read(_BLOCK):
            digest.update(block)
            kept.write(block)
            size += len(block)
        kept.flush()
        os.fsync(kept.fileno())
    return Kept(name, size, digest.hexdigest())


def noted(folder: Path, name: str) -> Kept:
    """Describe a file that lies in a backup already."""
    size, digest = hashed(folder / name)
    return Kept(name, size, digest)
