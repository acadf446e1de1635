"""The command line ``ifp``: one verb per thing people and machines ask of the platform.

This module only lists the verbs; each lives in ``orchestration.commands`` and imports what it
needs when it runs, so that ``ifp --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

from orchestration import telemetry

telemetry.switch_off(os.environ)

import typer  # noqa: E402 - after the switches

from orchestration.commands import (  # noqa: E402
    assess,
    audit,
    backup,
    decisions,
    doctor,
    evaluate,
    logs,
    migrate,
    quarantine,
    queue,
    replay,
    run,
    sandbox,
    serve,
    sync,
    up,
)
from orchestration.console import EXIT_CODES, ExitCode, fail  # noqa: E402


def _show_version(is_asked: bool) -> None:
    """Say which version this is, and what it writes."""
    if not is_asked:
        return
    from importlib.metadata import version

    from orchestration import stores
    from orchestration.console import out

    name = "invoice-financing-platform"
    out().print(f"ifp {version(name)} (var form {stores.FORMAT})", markup=False)
    raise typer.Exit


app = typer.Typer(
    name="ifp",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    epilog=EXIT_CODES,
    help=(
        "Decide, prove and pay invoice financing.\n\n"
        "`ifp run` takes every invoice of the sandbox world through the whole line once: sources,"
        " raw, staging, intermediate, marts, features, scores, decisions, actions, audit."
        " `ifp decisions` lists what was decided, `ifp audit show ID` proves one decision down to"
        " the bytes a vendor sent, `ifp audit verify` proves the ledger. `ifp up` keeps it all"
        " running with its screens.\n\n"
        "Every command that shows something takes `--json`. Settings are variables with the"
        " prefix `IFP_`; `.env.example` lists them."
    ),
)
app.command("run")(run.run)
app.command("up")(up.up)
app.command("serve")(serve.serve)
app.command("sync")(sync.sync)
app.command("assess")(assess.assess)
app.command("evaluate")(evaluate.evaluate)
app.command("decisions")(decisions.decisions)
app.command("replay")(replay.replay)
app.command("doctor")(doctor.doctor)
app.command("migrate")(migrate.migrate)
app.command("logs")(logs.logs)
app.add_typer(audit.app, name="audit")
app.add_typer(backup.app, name="backup")
app.add_typer(queue.app, name="queue")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(sandbox.app, name="sandbox")


@app.callback()
def started(
    *,
    show_version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before a verb; the app's own help describes them."""


def main() -> None:
    """Run the command line; every known error becomes a message and an exit code."""
    from ledger.errors import KeyUnusable, LedgerBehind, LedgerTooNew
    from orchestration.resources.sandbox import SandboxError
    from orchestration.resources.warehouse import WarehouseBusyError
    from orchestration.settings import SettingsError
    from orchestration.stores import StoreError

    try:
        app()
    except (SettingsError, StoreError, KeyUnusable, LedgerBehind, LedgerTooNew) as error:
        raise fail(str(error), ExitCode.USAGE) from None
    except WarehouseBusyError as error:
        raise fail(str(error), ExitCode.BUSY) from None
    except SandboxError as error:
        raise fail(str(error), ExitCode.UNREACHABLE) from None
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise SystemExit(int(ExitCode.INTERRUPTED)) from None
