"""`ifp up`: everything that keeps running, started together and ended by one Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.options import Var, read_settings
from orchestration.console import ExitCode, fail, out


def up(
    dagster_port: Annotated[
        int | None, typer.Option("--dagster-port", help="Port of the Dagster UI.")
    ] = None,
    dashboard_port: Annotated[
        int | None, typer.Option("--dashboard-port", help="Port of the dashboard.")
    ] = None,
    api_port: Annotated[
        int | None, typer.Option("--api-port", help="Port of the door for the bank's events.")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option("--metrics-port", help="Port of metrics and health.")
    ] = None,
    var: Var = None,
) -> None:
    """Start sandbox, Dagster, worker, API, metrics and dashboard; print their addresses.

    A port that is in use is refused before anything is started. Ctrl-C ends all of them. The
    schedules are listed in the Dagster UI, where they are switched on.
    """
    from orchestration import services

    settings = read_settings(
        var,
        dagster_port=dagster_port,
        dashboard_port=dashboard_port,
        api_port=api_port,
        metrics_port=metrics_port,
    )
    taken = services.taken_ports(settings)
    if taken:
        raise fail(
            "; ".join(f"port {port} is in use ({name})" for name, port in taken)
            + "; end what listens there, or choose others with --dagster-port,"
            " --dashboard-port, --api-port, --metrics-port",
            ExitCode.BUSY,
        )
    console = out()

    def told(name: str, address: str) -> None:
        console.print(f"  {name:<12}{address}", markup=False)

    ended = services.run(settings, on_started=told)
    if ended is not None:
        raise fail(
            f"{ended} ended by itself; its log is in {settings.var / 'logs'}",
            ExitCode.FELL_SHORT,
        )
    console.print("All ended")
