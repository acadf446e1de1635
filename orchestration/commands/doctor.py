"""`ifp doctor`: is everything here that a run needs, and is anything left over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestration.commands.options import AsJson, Var, read_settings
from orchestration.console import ExitCode, out, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.places import Places
    from orchestration.settings import Settings

_LEAST_FREE_BYTES = 2_000_000_000
_LEAST_PYTHON = (3, 11)


def doctor(var: Var = None, as_json: AsJson = False) -> None:
    """Look at Python, packages, settings, folders, ports, sandbox, ledger and queue.

    Each line says what was found and, where something is wrong, what to do. Ends with 1 then.
    """
    from orchestration import places

    settings = read_settings(var)
    where = places.at(settings.var)
    found = [_row(*item) for item in _look(settings, where)]
    is_well = all(item["ok"] for item in found)
    if as_json:
        show_json({"ok": is_well, "checks": found})
    else:
        show_table(
            "",
            ["what", "ok", "found", "what to do"],
            [(item["what"], item["ok"], item["found"], item["do"]) for item in found],
        )
    if not is_well:
        raise SystemExit(int(ExitCode.FELL_SHORT))
    if not as_json:
        out().print("\nAll well. Next: ifp run")


def _row(what: str, is_ok: bool, found: str, advice: str) -> dict[str, Any]:
    return {"what": what, "ok": is_ok, "found": found, "do": "" if is_ok else advice}


def _look(settings: Settings, where: Places) -> Iterator[tuple[str, bool, str, str]]:
    import platform
    import shutil
    import sys
    from importlib.util import find_spec

    yield (
        "python",
        sys.version_info >= _LEAST_PYTHON,
        platform.python_version(),
        "install Python 3.11 or newer and run `make` again",
    )
    for package in ("dagster", "dagster_dbt", "dbt", "dlt", "duckdb", "polars", "streamlit"):
        yield f"package {package}", find_spec(package) is not None, package, "run `make install`"
    yield "profile", True, settings.profile, ""
    free = shutil.disk_usage(where.var).free
    told = f"{where.var}, {free / 1e9:.0f} GB free"
    yield "var", free > _LEAST_FREE_BYTES, told, "free some space or set IFP_VAR elsewhere"
    is_there = settings.policy.is_file()
    yield "policy", is_there, str(settings.policy), "set IFP_POLICY to the policy file"
    yield from _ports(settings)
    yield _sandbox(settings, where)
    yield from _ledger(settings, where)


def _ports(settings: Settings) -> Iterator[tuple[str, bool, str, str]]:
    from orchestration.ports import is_free

    for name in ("dagster_port", "dashboard_port", "api_port", "metrics_port"):
        port = getattr(settings, name)
        host = settings.metrics_host if name == "metrics_port" else settings.host
        free = is_free(host, port)
        told = "free" if free else "in use; fine when `ifp up` runs"
        yield f"{name} {port}", True, told, ""


def _sandbox(settings: Settings, where: Places) -> tuple[str, bool, str, str]:
    from orchestration.resources import sandbox

    if not settings.uses_sandbox:
        return "sandbox", True, "not used: IFP_BANK_URL is set", ""
    try:
        address = sandbox.find(settings, where.sandbox)
    except sandbox.SandboxError as error:
        return "sandbox", False, str(error), "start it, or unset IFP_SANDBOX_URL"
    found = "not running; a run starts one" if address is None else address.base_url
    return "sandbox", True, found, ""


def _ledger(settings: Settings, where: Places) -> Iterator[tuple[str, bool, str, str]]:
    from ledger.errors import LedgerError
    from orchestration.resources.ledger import open_keyring, open_ledger

    try:
        with open_ledger(settings, where, open_keyring(settings, where)) as ledger:
            size, dead = ledger.size(), len(ledger.queue.dead_letters())
    except LedgerError as error:
        yield "ledger", False, str(error), "check IFP_LEDGER_URL and IFP_KEYS"
        return
    yield "ledger", True, f"{size} entries", ""
    yield "dead letters", dead == 0, str(dead), "look at them with `ifp queue list`"
    yield from _backup(settings, where)


def _backup(settings: Settings, where: Places) -> Iterator[tuple[str, bool, str, str]]:
    from orchestration.backup import shelf

    folder = settings.backup_folder or where.var / "backups"
    newest = shelf.newest(folder) if folder.is_dir() else None
    if newest is None:
        yield "backup", True, f"none in {folder}; `ifp backup create` takes one", ""
        return
    told = f"{newest.manifest.created_at}, {newest.manifest.ledger.size} entries"
    yield "backup", True, told, ""
