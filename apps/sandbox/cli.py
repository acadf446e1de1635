"""The sandbox's own command line: serve a world, only generate one, switch faults, look around."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import httpx
import typer

from apps.sandbox.control.limits import Quota
from apps.sandbox.server import serve as serve_world
from apps.sandbox.world.generation import ensure
from apps.sandbox.world.generation import generate as generate_world
from apps.sandbox.world.parameters import WorldParameters

app = typer.Typer(
    help="A stand-in economy: ERP, bureau, bank, mail and webhooks on loopback.",
    no_args_is_help=True,
    add_completion=False,
)
State = Annotated[Path, typer.Option(help="Folder of the world file and its answer key.")]
Seed = Annotated[int, typer.Option(help="Start of every random stream.")]
Sellers = Annotated[int, typer.Option(min=1, help="Organisations with an ERP.")]
Debtors = Annotated[int, typer.Option(min=3, help="Companies they bill.")]
Invoices = Annotated[int, typer.Option(min=0, help="Sales invoices until as-of.")]
Months = Annotated[int, typer.Option(min=1, help="History before as-of.")]
AsOf = Annotated[str, typer.Option(help="Day the clock starts at, YYYY-MM-DD.")]
History = Annotated[
    bool, typer.Option(help="Keep versions replaced before as-of, so the clock may go back.")
]
BaseUrl = Annotated[str, typer.Option(help="Address the sandbox printed when ready.")]


@app.command()
def serve(
    state: State = Path("var/sandbox"),
    port: Annotated[int, typer.Option(help="HTTP port; 0 takes a free one.")] = 0,
    smtp_port: Annotated[int, typer.Option(help="SMTP port; 0 takes a free one.")] = 0,
    xero_minute_limit: Annotated[
        int, typer.Option(help="ERP requests per minute and organisation; its real limit is 60.")
    ] = 1000,
    seed: Seed = 7,
    sellers: Sellers = 20,
    debtors: Debtors = 300,
    invoices: Invoices = 12_000,
    months: Months = 24,
    as_of: AsOf = "2026-06-30",
    history: History = True,
) -> None:
    """Make the world in --state unless it is there, and serve it until interrupted."""
    parameters = _parameters(seed, sellers, debtors, invoices, months, as_of, history)
    quota = Quota(per_minute=xero_minute_limit)
    serve_world(parameters, state, port=port, smtp_port=smtp_port, xero_quota=quota)


@app.command()
def generate(
    state: State = Path("var/sandbox"),
    seed: Seed = 7,
    sellers: Sellers = 20,
    debtors: Debtors = 300,
    invoices: Invoices = 12_000,
    months: Months = 24,
    as_of: AsOf = "2026-06-30",
    history: History = True,
    force: Annotated[bool, typer.Option(help="Write anew even if the same world exists.")] = False,
) -> None:
    """Write the world and its answer key into --state, without serving it."""
    parameters = _parameters(seed, sellers, debtors, invoices, months, as_of, history)
    path = (generate_world if force else ensure)(parameters, state)
    typer.echo(json.dumps({"event": "sandbox.generated", "world": str(path)}))


@app.command()
def fault(
    counterpart: Annotated[str, typer.Argument(help="xero, dnb, bank, smtp or webhook.")] = "",
    kind: Annotated[
        str,
        typer.Argument(
            help="expired_token, 401, 403, 429, 500, hang, slow, truncated, malformed, "
            "renamed_field, duplicate or out_of_order."
        ),
    ] = "",
    base_url: BaseUrl = "http://127.0.0.1:8900",
    times: Annotated[int, typer.Option(min=1, help="Requests it hits.")] = 1,
    after: Annotated[int, typer.Option(min=0, help="Requests it lets pass first.")] = 0,
    path: Annotated[str, typer.Option(help="Part of the path a request must contain.")] = "",
    field: Annotated[str, typer.Option(help="Field that renamed_field renames.")] = "",
    seconds: Annotated[float, typer.Option(help="Delay of slow, longest wait of hang.")] = 0.0,
    clear: Annotated[bool, typer.Option(help="Switch all faults off instead.")] = False,
) -> None:
    """Switch a fault on; without arguments list the faults."""
    address = f"{base_url}/admin/faults"
    if clear:
        answer = httpx.delete(address, trust_env=False)
    elif not counterpart:
        answer = httpx.get(address, trust_env=False)
    else:
        wanted = {
            "counterpart": counterpart,
            "fault": kind,
            "times": times,
            "after": after,
            "path": path,
            "field": field,
            "seconds": seconds,
        }
        answer = httpx.post(address, json=wanted, trust_env=False)
    _show(answer)


@app.command()
def world(base_url: BaseUrl = "http://127.0.0.1:8900") -> None:
    """Show clock, organisations, credentials and parameters of a running sandbox."""
    _show(httpx.get(f"{base_url}/admin/world", trust_env=False))


@app.command()
def clock(
    now: Annotated[str, typer.Argument(help="ISO moment; empty with --advance-days.")] = "",
    advance_days: Annotated[float, typer.Option(help="Days to move on.")] = 0.0,
    base_url: BaseUrl = "http://127.0.0.1:8900",
) -> None:
    """Move the sandbox clock."""
    wanted: dict[str, object] = {"now": now} if now else {"advance_days": advance_days}
    _show(httpx.post(f"{base_url}/admin/clock", json=wanted, trust_env=False))


def _show(answer: httpx.Response) -> None:
    typer.echo(json.dumps(answer.json(), indent=2, ensure_ascii=False))
    if answer.is_error:
        raise typer.Exit(1)


def _parameters(
    seed: int, sellers: int, debtors: int, invoices: int, months: int, as_of: str, history: bool
) -> WorldParameters:
    try:
        return WorldParameters(
            seed=seed,
            sellers=sellers,
            debtors=debtors,
            invoices=invoices,
            months=months,
            as_of=date.fromisoformat(as_of),
            keeps_history=history,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
