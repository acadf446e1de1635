"""The folder backups lie in: which are there, which is the newest, which may go.

A backup is a folder with a manifest. For a tape or a bucket it is packed into one tar file; what
is read is either.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.backup.manifest import BackupError, Manifest, read

PREFIX = "ifp-"


@dataclass(frozen=True, slots=True)
class Shelved:
    """A backup on the shelf.

    Attributes:
        folder: Where it lies.
        manifest: What it says of itself.
    """

    folder: Path
    manifest: Manifest


def listed(shelf: Path) -> list[Shelved]:
    """List the complete backups of a folder, the newest first."""
    found = []
    for folder in shelf.glob(f"{PREFIX}*"):
        try:
            found.append(Shelved(folder, read(folder)))
        except BackupError:
            continue
    return sorted(found, key=_age, reverse=True)


def _age(item: Shelved) -> tuple[str, int]:
    """Order backups by their time, those of one second by how far the ledger had grown."""
    return item.manifest.created_at, item.manifest.ledger.size


def newest(shelf: Path) -> Shelved | None:
    """Give the newest backup of a folder."""
    return next(iter(listed(shelf)), None)


def prune(shelf: Path, keep: int) -> list[str]:
    """Remove all but the newest backups; give the names of those removed."""
    removed = []
    for item in listed(shelf)[max(keep, 1) :]:
        shutil.rmtree(item.folder)
        removed.append(item.folder.name)
    return removed


def pack(folder: Path) -> Path:
    """Write a backup into one tar file beside it, readable by its owner only."""
    target = folder.with_name(f"{folder.name}.tar")
    partial = target.with_name(f".{target.name}.partial")
    with tarfile.open(partial, "w") as archive:
        archive.add(folder, arcname=folder.name)
    partial.chmod(0o600)
    partial.replace(target)
    return target


@contextmanager
def opened(source: Path, scratch: Path | None = None) -> Iterator[Path]:
    """Give the folder of a backup: the folder itself, or a tar file unpacked for the block.

    Args:
        source: Folder or tar file.
        scratch: Where a tar file is unpacked; the system's folder for such things by default.

    Raises:
        BackupError: It is neither, or holds no backup.
    """
    if source.is_dir():
        yield source
        return
    if not source.is_file() or not tarfile.is_tarfile(source):
        raise BackupError(f"{source} is neither the folder of a backup nor its tar file")
    with tempfile.TemporaryDirectory(prefix="ifp-restore-", dir=scratch) as folder:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        inside = [path for path in Path(folder).iterdir() if path.name.startswith(PREFIX)]
        if len(inside) != 1:
            raise BackupError(f"{source} does not hold one backup")
        yield inside[0]


def chosen(source: Path | None, shelf: Path) -> Path:
    """Give the backup that was named, by path or by its id, or the newest one.

    Raises:
        BackupError: There is none.
    """
    if source is None:
        found = newest(shelf)
        if found is None:
            raise BackupError(f"there is no backup in {shelf}; take one with `ifp backup create`")
        return found.folder
    if source.exists():
        return source
    for item in listed(shelf):
        if str(source) in {item.manifest.backup_id, item.folder.name}:
            return item.folder
    raise BackupError(f"no such backup: {source}; `ifp backup list` shows those in {shelf}")
