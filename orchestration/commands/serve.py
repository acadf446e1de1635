"""`ifp serve`: one service in the foreground, for systemd, a container or another supervisor."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.options import Var
from orchestration.console import ExitCode, fail

Name = Annotated[
    str,
    typer.Argument(help="worker, api, dashboard, metrics, dagster (schedules) or dagster-ui."),
]


def serve(name: Name, var: Var = None) -> None:
    """Run one of the services that `ifp up` starts, alone and in the foreground.

    The process becomes the service: signals, standard output and exit code are its own. It reads
    the same settings as everything else. Outside dev the counterparts must be named; the sandbox is
    started by `ifp up` and `ifp run` only.
    """
    from orchestration import services, settings

    found = settings.load(var=var)
    known = [item.slug for item in services.services(found)]
    if name not in known:
        raise fail(f"no such service: {name}; there are {', '.join(known)}", ExitCode.USAGE)
    services.become(found, name)
