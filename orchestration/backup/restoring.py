"""Brings a backup back into an empty folder, or changes nothing.

::

    keys unlocked, their public half that of the ledger ─► hash of every file
      ─► ledger verified by another process ─► files staged in var/.restoring
      ─► (Postgres: rows into an empty database) ─► each folder moved into its place ─► note

The next process that acts appends a ``restoration`` entry, so the gap stays on record; until then
the root is the root of the backup. What happened between backup and restore is known to the
counterparts only: `orchestration.restoration` sees to it that nothing is paid twice.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url

from ledger import migrations
from ledger.checkpoint import ORIGIN
from ledger.copies import copy_from_file
from ledger.errors import KeyUnusable, LedgerError
from ledger.keys import Keyring
from orchestration import restoration, stores
from orchestration.backup import inspection, key_box, shelf
from orchestration.backup.creation import LEDGER, WAREHOUSE
from orchestration.backup.manifest import BackupError, Manifest, read
from orchestration.places import Places

if TYPE_CHECKING:
    from orchestration.settings import Settings

Step = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Restored:
    """What came back.

    Attributes:
        var: Where to.
        manifest: From which backup.
    """

    var: Path
    manifest: Manifest

    def body(self) -> dict[str, Any]:
        """Give the shape of ``ifp backup restore --json``."""
        mark = self.manifest.ledger
        return {
            "ok": True,
            "into": str(self.var),
            "backup_id": self.manifest.backup_id,
            "created_at": self.manifest.created_at,
            "ledger": {
                "size": mark.size,
                "root": mark.root,
                "checkpoint": mark.checkpoint,
                "verified": True,
            },
            "snapshot_id": self.manifest.snapshot_id,
            "snapshots": list(self.manifest.snapshots),
            "files": len(self.manifest.files),
            "size_bytes": self.manifest.size_bytes,
        }


def restore(
    settings: Settings,
    source: Path,
    *,
    keys: Path | None = None,
    checkpoint: Path | None = None,
    step: Step = lambda _words: nullcontext(),
) -> Restored:
    """Bring a backup back into the folder and the ledger database that the settings name.

    Args:
        settings: What the environment said.
        source: Folder or tar file of the backup.
        keys: Folder of the keys, when they are not in the backup and not where settings say.
        checkpoint: A checkpoint of the ledger that was kept elsewhere.
        step: Told what is being done.

    Raises:
        BackupError: The target is not empty, the backup is not sound, or its keys are not there.
    """
    var = settings.var.expanduser().resolve()
    _require_empty(settings, var)
    with shelf.opened(source) as folder:
        manifest = _known(folder)
        was_there = var.exists()
        staged = var / stores.UNFINISHED
        staged.mkdir(parents=True, mode=0o700)
        try:
            with step("Keys"):
                _bring_keys(settings, folder, staged, manifest, keys)
            with step("Backup held against its manifest"):
                _require_sound(folder, checkpoint)
            with step("Files"):
                _bring_files(folder, staged, manifest)
            with step("Ledger"):
                _bring_ledger(settings, staged)
        except BaseException:
            shutil.rmtree(staged if was_there else var, ignore_errors=True)
            raise
        _put_in_place(settings, var, staged)
    restoration.mark(var, manifest.backup_id, manifest.created_at, manifest.ledger.size)
    stores.stamp(var, manifest.store_format)
    return Restored(var, manifest)


def _require_empty(settings: Settings, var: Path) -> None:
    """Refuse to write over anything."""
    if (var / stores.UNFINISHED).exists():
        raise BackupError(f"a restore into {var} did not end; remove that folder and try again")
    present = (path for path in var.rglob("*") if path.is_file())
    if any(path.relative_to(var).parts[0] != "backups" for path in present):
        raise BackupError(
            f"{var} is not empty; move it away or name another folder with --into: a restore never"
            " writes over what is there"
        )
    warehouse = settings.warehouse_path
    if warehouse is not None and warehouse.exists():
        raise BackupError(f"{warehouse} (IFP_WAREHOUSE_PATH) exists; move it away first")


def _known(folder: Path) -> Manifest:
    """Read the manifest, and refuse what this version does not know before reading the rest."""
    manifest = read(folder)
    if manifest.store_format > stores.FORMAT:
        raise BackupError(
            f"this backup was taken by version {manifest.version}, which is newer; restore it with"
            " that version"
        )
    if manifest.ledger.revision not in migrations.REVISIONS:
        raise BackupError(f"its ledger stands at {manifest.ledger.revision}, unknown to us")
    return manifest


def _require_sound(folder: Path, checkpoint: Path | None) -> None:
    found = inspection.inspect(folder, checkpoint=checkpoint)
    if not found.is_sound:
        first = found.faults[0]
        raise BackupError(
            f"this backup is not sound ({len(found.faults)} faults), so nothing was restored;"
            f" {first.path}: {first.kind}, {first.detail}"
        )


def _bring_keys(
    settings: Settings, folder: Path, staged: Path, manifest: Manifest, given: Path | None
) -> None:
    """Put the keys where they belong, once they are shown to be the keys of this ledger."""
    own = staged / "keys"
    if given is None and settings.keys is not None:
        _require_ours(settings.keys, manifest)
        return
    if given is not None:
        for name in key_box.FILES:
            if (given / name).is_file():
                key_box.put(own / name, (given / name).read_bytes())
    elif manifest.keys == "encrypted":
        if settings.backup_passphrase is None:
            raise BackupError("the keys are locked: set IFP_BACKUP_PASSPHRASE to open them")
        key_box.unlock(folder / key_box.NAME, own, settings.backup_passphrase)
    else:
        raise BackupError(
            "this backup holds no keys, and a ledger without its keys cannot go on; name the folder"
            " that holds signing.pem and master.key with --keys or IFP_KEYS"
        )
    _require_ours(own, manifest)


def _require_ours(keys: Path, manifest: Manifest) -> None:
    try:
        key = str(Keyring.load(keys).verifier_key(ORIGIN))
    except KeyUnusable as error:
        raise BackupError(str(error)) from None
    if key != manifest.ledger.verifier_key:
        raise BackupError(f"the keys in {keys} are those of another ledger")


def _bring_files(folder: Path, staged: Path, manifest: Manifest) -> None:
    for item in manifest.files:
        if item.path == key_box.NAME:
            continue
        target = staged / item.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / item.path, target)
        target.chmod(0o600)


def _bring_ledger(settings: Settings, staged: Path) -> None:
    """Put the ledger where the settings say, when that is not its place under ``var/``."""
    if settings.ledger_url is None:
        return
    url = settings.ledger_url.get_secret_value()
    parsed = make_url(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            target = Path(str(parsed.database))
            if target.exists():
                raise BackupError(f"{target} (IFP_LEDGER_URL) exists; move it away first")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(staged / LEDGER, target)
        else:
            copy_from_file(staged / LEDGER, url)
            (staged / LEDGER).unlink()
    except LedgerError as error:
        raise BackupError(str(error)) from error


def _put_in_place(settings: Settings, var: Path, staged: Path) -> None:
    if settings.warehouse_path is not None and (staged / WAREHOUSE).is_file():
        settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(staged / WAREHOUSE, settings.warehouse_path)
    for part in sorted(staged.iterdir()):
        place = var / part.name
        if place.is_dir():
            shutil.rmtree(place)
        part.rename(place)
    staged.rmdir()
    Places(var).prepare()
    descriptor = os.open(var, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
