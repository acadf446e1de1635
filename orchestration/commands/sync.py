"""`ifp sync`: pull what changed into raw, and say how every source reconciles."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration.commands.options import AsJson, Tenant, Var, read_settings
from orchestration.console import ExitCode, Progress, fail, out, show_json, show_table


def sync(
    system: Annotated[
        list[str] | None,
        typer.Option("--system", help="Only xero, dnb, bank or files; may be repeated."),
    ] = None,
    connection: Annotated[
        Path | None,
        typer.Option("--connection", help="Only the connection described in this YAML file."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Everything instead of what changed.")
    ] = False,
    tenant: Tenant = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Pull every connection into raw; one that fails never stops another.

    Every line reconciles: read = landed + unchanged + duplicate + quarantined. A connection file
    names tenant_id, connection_id, system, base_url, token_url, credentials and options.
    Ends with 1 when a connection failed.
    """
    from orchestration import connections, platform
    from orchestration.stages import landing

    settings = read_settings(var)
    unknown = set(system or ()) - set(connections.SYSTEMS)
    if unknown:
        raise fail(f"no such system: {', '.join(sorted(unknown))}", ExitCode.USAGE)
    wanted = tuple(name for name in connections.SYSTEMS if not system or name in system)
    progress = Progress(is_quiet=as_json)
    if connection is not None:
        try:
            with progress.step(f"Sync {connection.name}"):
                report = landing.sync_file(settings, connection, full=full)
        except (connections.ConnectionFileError, OSError) as error:
            raise fail(str(error), ExitCode.USAGE) from None
    else:
        with platform.opened(settings) as opened, progress.step("Sync"):
            report = landing.sync(opened, wanted, tenant_id=tenant, full=full)
    entities = [asdict(item) for item in report.entities]
    if as_json:
        show_json({"ok": report.is_ok, "sync_id": report.sync_id, "entities": entities})
    else:
        _show(entities)
    if any(item["status"] == "failed" for item in entities):
        raise SystemExit(int(ExitCode.FELL_SHORT))


def _show(entities: list[dict[str, Any]]) -> None:
    counts = ("read", "landed", "unchanged", "duplicate", "quarantined", "pages")
    show_table(
        "",
        ["tenant", "connection", "entity", *counts, "status"],
        [
            (
                item["tenant_id"],
                item["connection_id"],
                f"{item['system']}/{item['entity']}",
                *(item[name] for name in counts),
                item["status"],
            )
            for item in entities
        ],
    )
    for item in entities:
        if item["cause"]:
            out().print(f"{item['connection_id']} {item['entity']}: {item['cause']}", markup=False)
    out().print("\nNext: ifp run · ifp quarantine list")
