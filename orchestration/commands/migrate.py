"""`ifp migrate`: bring what an older version wrote forward, after a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.options import AsJson, Var
from orchestration.console import ExitCode, Progress, fail, out, show_json, show_table

if TYPE_CHECKING:
    from orchestration.places import Places
    from orchestration.settings import Settings
    from orchestration.upgrade import Standing


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only tell where each store stands; change nothing.")
    ] = False,
    without_backup: Annotated[
        bool, typer.Option("--without-backup", help="You have one already.")
    ] = False,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Bring ledger, folder, Dagster's home and parsed SQL to this version, after a backup.

    Stop worker, dashboard and schedules first. A store that a newer version wrote is refused, and
    then nothing is changed. With --check ends with 1 when something is not current.
    """
    from importlib.metadata import version

    from ledger.errors import LedgerError
    from orchestration import settings, upgrade
    from orchestration.datasets import DISTRIBUTION
    from orchestration.places import Places

    loaded = settings.load(var=var)
    where = Places(loaded.var.expanduser().resolve())
    try:
        found = upgrade.standings(loaded, where)
    except LedgerError as error:
        raise fail(str(error), ExitCode.FELL_SHORT) from None
    newer = [item for item in found if item.state == "newer"]
    behind = [item for item in found if item.state == "behind"]
    backup, done = None, list[str]()
    if behind and not newer and not check:
        progress = Progress(is_quiet=as_json)
        if not without_backup:
            backup = _backed_up(loaded, where, progress)
        done = upgrade.bring_forward(loaded, where, found, step=progress.step)
        found = upgrade.standings(loaded, where)
    is_current = not [item for item in found if item.state in {"behind", "newer"}]
    report = {
        "ok": is_current,
        "version": version(DISTRIBUTION),
        "stores": [item.body() for item in found],
        "backup": backup,
        "migrated": done,
    }
    if as_json:
        show_json(report)
    else:
        _show(found, backup, done, has_newer=bool(newer))
    if not is_current:
        raise SystemExit(int(ExitCode.FELL_SHORT))


def _backed_up(settings: Settings, where: Places, progress: Progress) -> str | None:
    """Take a backup of what is about to be changed; a folder without a ledger has none to take."""
    from ledger.errors import LedgerError
    from orchestration.backup import creation
    from orchestration.backup.manifest import BackupError

    if settings.ledger_url is None and not where.ledger.is_file():
        return None
    folder = (settings.backup_folder or where.var / "backups").expanduser().resolve()
    try:
        return str(creation.create(settings, where, folder, step=progress.step).folder)
    except (BackupError, LedgerError) as error:
        raise fail(f"{error}; nothing was migrated", ExitCode.FELL_SHORT) from None


def _show(found: list[Standing], backup: str | None, done: list[str], *, has_newer: bool) -> None:
    show_table(
        "",
        ["store", "found", "needed", "state", "what to do"],
        [(item.store, item.found, item.needed, item.state, item.advice) for item in found],
    )
    console = out()
    if backup is not None:
        console.print(f"\nBackup     {backup}", markup=False)
    if done:
        console.print(f"Migrated   {', '.join(done)}", markup=False)
    if has_newer:
        console.print("\nA newer version wrote this; nothing was changed")
    elif any(item.state == "behind" for item in found):
        console.print("\nNext: stop worker and schedules, then ifp migrate")
    else:
        console.print("\nAll current. Next: ifp doctor")
