"""Takes a backup while the platform runs: worker and batch go on, and the copy is one moment.

::

    1  writer lock: ledger copy, then checkpoint and copy of the warehouse
    2  snapshots, models, proofs, inbox, mappings and the rest
    3  keys under a passphrase
    4  another process verifies the ledger copy; every snapshot it names must be there
    5  the manifest, and only then the name

The ledger comes first: a snapshot, a model, a proof is on the disk before an entry names it, so all
that the copied ledger names can be copied after it. Raw history lies in the warehouse and vendors
do not serve it again, so the warehouse belongs to the backup; it holds what the ledger copy refers
to, or later. What it holds of later decisions is written anew from the ledger by the next run.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url

from ledger.checkpoint import ORIGIN
from ledger.copies import copy_to_file
from ledger.database import Database
from ledger.errors import LedgerError
from ledger.reader import LedgerReader
from ledger.verify import verify_apart
from orchestration import stores
from orchestration.backup import contents, key_box, shelf
from orchestration.backup.manifest import BackupError, Kept, LedgerMark, Manifest, copied, noted
from orchestration.datasets import DISTRIBUTION
from orchestration.resources.ledger import ledger_url, open_keyring
from orchestration.resources.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.keys import Keyring
    from orchestration.places import Places
    from orchestration.settings import Settings

LEDGER = "ledger/ledger.sqlite"
WAREHOUSE = "warehouse/ifp.duckdb"
Step = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Taken:
    """A backup that is complete.

    Attributes:
        folder: Where it lies.
        manifest: What is in it.
        removed: Older backups that were removed after it.
    """

    folder: Path
    manifest: Manifest
    removed: tuple[str, ...] = ()


def create(
    settings: Settings,
    where: Places,
    to: Path,
    *,
    with_warehouse: bool = True,
    keep: int | None = None,
    step: Step = lambda _words: nullcontext(),
) -> Taken:
    """Take a backup into a folder of its own below ``to``.

    Args:
        settings: What the environment said; its passphrase locks the keys.
        where: Places of the platform.
        to: Where backups lie.
        with_warehouse: Whether raw history and marts are copied too.
        keep: Remove all but so many of the newest after this one is complete.
        step: Told what is being done.

    Raises:
        BackupError: There is nothing to back up, or a copy does not verify.
        WarehouseBusyError: A step kept the warehouse for longer than this was willing to wait.
    """
    if not where.ledger.is_file() and settings.ledger_url is None:
        raise BackupError(f"nothing to back up: there is no ledger in {where.var} yet")
    keyring = open_keyring(settings, where)
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = shelf.newest(to)
    with _draft(to) as draft:
        revision, files = _under_the_lock(settings, where, draft, with_warehouse, step)
        with step("Snapshots, proofs, models, uploads"):
            known = {item.path: item for item in before.manifest.files} if before else {}
            files += contents.files(where, draft, known, before.folder if before else draft)
        if settings.backup_passphrase is not None:
            keys = settings.keys or where.keys
            key_box.lock(keys, draft / key_box.NAME, settings.backup_passphrase)
            files.append(noted(draft, key_box.NAME))
        with step("Ledger copy verified by another process"):
            mark = _mark(settings, where, draft, keyring, revision)
        named = _named(draft, keyring)
        _require_snapshots(named, files)
        form = stores.found(where.var) or stores.FORMAT
        manifest = _manifest(settings, mark, named, files, form)
        manifest.write(draft)
        folder = to / f"ifp-{manifest.backup_id}"
        draft.rename(folder)
    removed = shelf.prune(to, keep) if keep is not None else ()
    return Taken(folder, manifest, tuple(removed))


def _under_the_lock(
    settings: Settings, where: Places, draft: Path, with_warehouse: bool, step: Step
) -> tuple[str, list[Kept]]:
    """Copy the ledger, then the warehouse, while no step writes the warehouse."""
    warehouse = Warehouse(settings.warehouse_path or where.warehouse, where.lock)
    has_warehouse = with_warehouse and warehouse.path.is_file()
    files: list[Kept] = []
    with ExitStack() as stack:
        with step("Turn to write awaited"):
            stack.enter_context(warehouse.held())
        with step("Ledger copied"):
            revision = copy_to_file(ledger_url(settings, where), draft / LEDGER)
        if has_warehouse:
            with step("Warehouse copied"):
                with warehouse.open() as connection:
                    connection.execute("checkpoint")
                files.append(copied(warehouse.path, draft, WAREHOUSE))
    files.append(noted(draft, LEDGER))
    return revision, files


def _mark(
    settings: Settings, where: Places, draft: Path, keyring: Keyring, revision: str
) -> LedgerMark:
    """Describe the ledger copy, sign its head, and have another process read all of it."""
    with _reading(draft, keyring) as ledger:
        size, root, note = ledger.size(), ledger.root().hex(), ledger.checkpoint()
    key = str(keyring.verifier_key())
    checkpoint, public = draft / ".checkpoint", draft / ".signing.pub"
    checkpoint.write_text(note, encoding="utf-8")
    public.write_text(f"{key}\n", encoding="utf-8")
    try:
        url = f"sqlite:///{draft / LEDGER}"
        report = verify_apart(url, public_key=public, checkpoint=checkpoint)
    except LedgerError as error:
        raise BackupError(f"the ledger copy cannot be verified: {error}") from error
    finally:
        checkpoint.unlink()
        public.unlink()
    if not report.ok:
        found = "; ".join(f"{one.kind}: {one.detail}" for one in report.problems[:3])
        raise BackupError(f"the ledger does not verify, so it is not backed up: {found}")
    engine = make_url(ledger_url(settings, where)).get_backend_name()
    return LedgerMark(LEDGER, engine, revision, size, root, note, key)


def _named(draft: Path, keyring: Keyring) -> list[dict[str, Any]]:
    """List what the publication entries of the copy name, the newest last."""
    with _reading(draft, keyring) as ledger:
        return [dict(stored.entry.body) for stored in ledger.entries("publication")]


@contextmanager
def _reading(draft: Path, keyring: Keyring) -> Iterator[LedgerReader]:
    database = Database(f"sqlite:///{draft / LEDGER}", read_only=True)
    try:
        yield LedgerReader(database, keys=keyring, origin=ORIGIN)
    finally:
        database.close()


def _require_snapshots(named: Sequence[dict[str, Any]], files: Sequence[Kept]) -> None:
    """Refuse a backup that lacks, or holds changed, what its ledger tells readers to open."""
    held = {item.path: item.sha256 for item in files}
    for body in named:
        found = held.get(f"published/{body['file']}")
        if found is not None and found != body["sha256"]:
            raise BackupError(f"snapshot {body['file']} is not the file that the ledger announced")
    if named:
        wanted = {str(state["snapshot_id"]) for state in named[-1]["tenants"].values()}
        wanted.add(str(named[-1]["snapshot_id"]))
        missing = sorted(one for one in wanted if f"published/{one}.duckdb" not in held)
        if missing:
            raise BackupError(
                f"the ledger points to snapshot {missing[0]}, whose file is gone; run `ifp run`"
                " to publish again, then take the backup"
            )


def _manifest(
    settings: Settings,
    mark: LedgerMark,
    named: Sequence[dict[str, Any]],
    files: Sequence[Kept],
    store_format: int,
) -> Manifest:
    now = datetime.now(UTC)
    held = {item.path for item in files}
    ids = list(dict.fromkeys(str(body["snapshot_id"]) for body in named))
    has_keys, has_warehouse = key_box.NAME in held, WAREHOUSE in held
    left_out = dict(contents.LEFT_OUT)
    if not has_keys:
        left_out["keys"] = "IFP_BACKUP_PASSPHRASE is not set; keep a copy of the keys elsewhere"
    if settings.dbt_target == "postgres":
        left_out["postgres"] = "marts on a Postgres server are built again from raw by a run"
    if not has_warehouse:
        left_out["warehouse"] = "there is none, or it was not asked for"
    return Manifest(
        backup_id=f"{now:%Y%m%dT%H%M%SZ}-{mark.root[:8]}",
        created_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        version=version(DISTRIBUTION),
        store_format=store_format,
        profile=settings.profile,
        ledger=mark,
        snapshot_id=str(named[-1]["snapshot_id"]) if named else None,
        snapshots=tuple(one for one in ids if f"published/{one}.duckdb" in held),
        snapshots_removed=tuple(one for one in ids if f"published/{one}.duckdb" not in held),
        keys="encrypted" if has_keys else "left out",
        has_warehouse=has_warehouse,
        left_out=left_out,
        files=tuple(sorted(files, key=lambda item: item.path)),
    )


@contextmanager
def _draft(to: Path) -> Iterator[Path]:
    """Make a folder that vanishes unless it was given its name."""
    draft = to / f".draft-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    draft.mkdir(mode=0o700)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
