"""`ifp backup`: take a backup while everything runs, look at it, bring it back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.options import AsJson, Var, read_settings
from orchestration.console import ExitCode, Progress, fail, out, show_json, show_table

if TYPE_CHECKING:
    from orchestration.backup.manifest import Manifest
    from orchestration.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Backups of ledger, warehouse and all they name.")

Shelf = Annotated[
    Path | None,
    typer.Option("--to", help="Folder backups lie in (IFP_BACKUP_FOLDER); default var/backups."),
]
From = Annotated[
    Path | None,
    typer.Option("--from", help="Folder backups lie in (IFP_BACKUP_FOLDER); default var/backups."),
]
Checkpoint = Annotated[
    Path | None,
    typer.Option("--checkpoint", help="A checkpoint kept elsewhere, to hold its ledger against."),
]


@app.command()
def create(
    to: Shelf = None,
    without_warehouse: Annotated[
        bool,
        typer.Option("--without-warehouse", help="Leave out raw history and marts (smaller)."),
    ] = False,
    tar: Annotated[bool, typer.Option("--tar", help="Write one tar file beside it too.")] = False,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="Then remove all but so many backups.")
    ] = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Take a backup; worker, dashboard and runs go on meanwhile.

    Ledger and warehouse are copied as of one moment, under the warehouse's writer lock, which a
    running step may hold for a while. The ledger copy is verified by another process before the
    backup gets its name. Keys are locked under IFP_BACKUP_PASSPHRASE, or left out without it.
    """
    from ledger.errors import LedgerError
    from orchestration import places
    from orchestration.backup import creation, shelf
    from orchestration.backup.manifest import BackupError

    settings = read_settings(var)
    where = places.at(settings.var)
    progress, started = Progress(is_quiet=as_json), time.monotonic()
    try:
        taken = creation.create(
            settings,
            where,
            _shelf(settings, to),
            with_warehouse=not without_warehouse,
            keep=keep,
            step=progress.step,
        )
    except (BackupError, LedgerError) as error:
        raise fail(str(error), ExitCode.FELL_SHORT) from None
    packed = shelf.pack(taken.folder) if tar else None
    report = {
        "ok": True,
        "path": str(taken.folder),
        "tar": None if packed is None else str(packed),
        "seconds": round(time.monotonic() - started, 1),
        "removed": list(taken.removed),
        **taken.manifest.summary(),
    }
    if as_json:
        show_json(report)
        return
    _show_created(report, taken.manifest)


@app.command("list")
def list_backups(from_: From = None, var: Var = None, as_json: AsJson = False) -> None:
    """List the complete backups, the newest first."""
    from orchestration.backup import shelf

    folder = _shelf(_settings(var), from_)
    found = shelf.listed(folder)
    if as_json:
        rows = [{"path": str(item.folder), **item.manifest.summary()} for item in found]
        show_json({"folder": str(folder), "backups": rows})
        return
    if not found:
        out().print(f"No backup in {folder}\nNext: ifp backup create", markup=False)
        return
    show_table(
        f"Backups in {folder}",
        ["backup", "taken", "entries", "snapshot", "MB", "files", "keys", "warehouse"],
        [_row(item.manifest) for item in found],
    )
    out().print("\nNext: ifp backup verify ID · ifp backup restore ID --into FOLDER")


@app.command()
def verify(
    backup: Annotated[
        Path | None, typer.Argument(help="Folder, tar file or id; default: the newest.")
    ] = None,
    checkpoint: Checkpoint = None,
    from_: From = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Hold a backup against its manifest: every byte, and the ledger by another process.

    Against a checkpoint kept elsewhere it also shows a backup that was replaced as a whole. Ends
    with 1 on any problem.
    """
    from orchestration.backup import inspection, shelf
    from orchestration.backup.manifest import BackupError

    folder = _shelf(_settings(var), from_)
    try:
        with shelf.opened(shelf.chosen(backup, folder)) as opened:
            found = inspection.inspect(opened, checkpoint=_given(checkpoint))
    except BackupError as error:
        raise fail(str(error), ExitCode.USAGE) from None
    if as_json:
        show_json(found.body())
    else:
        _show_inspected(found.body())
    if not found.is_sound:
        raise SystemExit(int(ExitCode.FELL_SHORT))


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(help="Folder, tar file or id of the backup.")],
    into: Annotated[
        Path | None, typer.Option("--into", help="Folder to restore into (IFP_VAR); empty.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option("--keys", help="Folder of the keys, if not in the backup.")
    ] = None,
    checkpoint: Checkpoint = None,
    from_: From = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into an empty folder; a fault changes nothing.

    With IFP_LEDGER_URL naming Postgres the ledger goes into that database, which has to be empty.
    Payments made after the backup are known to the bank only: from now on it is asked before it is
    told, and what it paid without our knowing is left to a person.
    """
    from orchestration.backup import restoring, shelf
    from orchestration.backup.manifest import BackupError

    settings = _settings(into)
    progress, started = Progress(is_quiet=as_json), time.monotonic()
    try:
        done = restoring.restore(
            settings,
            shelf.chosen(backup, _shelf(settings, from_)),
            keys=keys,
            checkpoint=_given(checkpoint),
            step=progress.step,
        )
    except BackupError as error:
        raise fail(str(error), ExitCode.FELL_SHORT) from None
    report = {**done.body(), "seconds": round(time.monotonic() - started, 1)}
    report["next"] = _next(done.var, settings)
    if as_json:
        show_json(report)
        return
    _show_restored(report)


def _settings(var: Path | None) -> Settings:
    """Read the settings without touching the folder: a restore wants it empty."""
    from orchestration import settings

    return settings.load(var=var)


def _shelf(settings: Settings, given: Path | None) -> Path:
    folder = given or settings.backup_folder or settings.var / "backups"
    return folder.expanduser().resolve()


def _given(checkpoint: Path | None) -> Path | None:
    if checkpoint is not None and not checkpoint.is_file():
        raise fail(f"no such file: {checkpoint}", ExitCode.USAGE)
    return checkpoint


def _next(var: Path, settings: Settings) -> list[str]:
    place = "" if settings.var.expanduser().resolve() == Path("var").resolve() else f" --var {var}"
    return [f"ifp doctor{place}", f"ifp audit verify{place}", f"ifp run{place}"]


def _row(manifest: Manifest) -> tuple[Any, ...]:
    return (
        manifest.backup_id,
        manifest.created_at,
        manifest.ledger.size,
        manifest.snapshot_id,
        round(manifest.size_bytes / 1e6),
        len(manifest.files),
        manifest.keys,
        manifest.has_warehouse,
    )


def _show_created(report: dict[str, Any], manifest: Manifest) -> None:
    console = out()
    for line in (
        f"Backup     {report['path']}",
        f"Holds      {report['files']} files, {report['size_bytes'] / 1e6:,.1f} MB",
        f"Ledger     {manifest.ledger.size} entries, root {manifest.ledger.root}, verified",
        f"Snapshots  {len(manifest.snapshots)}, the latest {manifest.snapshot_id or '–'}",
        f"Keys       {manifest.keys}",
        *(f"Left out   {name}: {why}" for name, why in sorted(manifest.left_out.items())),
        *(f"Removed    {name}" for name in report["removed"]),
        f"Done       in {report['seconds']} s",
    ):
        console.print(line, markup=False)
    console.print(
        "\nIt holds personal data: keep it on another disk that is encrypted, and with it the"
        " checkpoint.\nNext: ifp backup verify · ifp backup restore ID --into FOLDER"
    )


def _show_inspected(body: dict[str, Any]) -> None:
    console = out()
    ledger = body["ledger"]
    console.print(
        f"{body['backup_id']}: {body['files']} files, {ledger['size']} entries,"
        f" root {ledger['root']}",
        markup=False,
    )
    for fault in body["problems"]:
        console.print(f"{fault['kind']}: {fault['path']} {fault['detail']}", markup=False)
    console.print("sound" if body["ok"] else "NOT sound")


def _show_restored(report: dict[str, Any]) -> None:
    console = out()
    ledger = report["ledger"]
    for line in (
        f"Restored   {report['backup_id']} into {report['into']}",
        f"Ledger     {ledger['size']} entries, root {ledger['root']}, verified",
        f"Snapshot   {report['snapshot_id'] or '–'}",
        f"Done       in {report['seconds']} s",
    ):
        console.print(line, markup=False)
    console.print(
        f"\nWhat happened after {report['created_at']} is not in it. Repeat erasures that were made"
        " since, and hold the ledger against a checkpoint kept elsewhere.",
        markup=False,
    )
    console.print(f"Next: {' · '.join(report['next'])}", markup=False)
