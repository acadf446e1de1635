"""`ifp sandbox`: the stand-in world, served, looked at and disturbed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from orchestration.commands.options import AsJson, Var, read_settings
from orchestration.console import ExitCode, fail, out, show_json, show_table

app = typer.Typer(
    no_args_is_help=True,
    help="The stand-in for ERP, bureau, bank and mail: a separate process with its own world.",
)

_FAULTS = (
    "expired_token, 401, 403, 429, 500, hang, slow, truncated, malformed, renamed_field,"
    " duplicate, out_of_order"
)


@app.command()
def serve(
    port: Annotated[int, typer.Option("--port", help="HTTP port; 0 takes a free one.")] = 0,
    seed: Annotated[int | None, typer.Option("--seed", help="Which world.")] = None,
    sellers: Annotated[int | None, typer.Option("--sellers", help="Sellers.")] = None,
    debtors: Annotated[int | None, typer.Option("--debtors", help="Debtors.")] = None,
    invoices: Annotated[int | None, typer.Option("--invoices", help="Invoices.")] = None,
    months: Annotated[int | None, typer.Option("--months", help="Months of history.")] = None,
    var: Var = None,
) -> None:
    """Serve the world of this var until Ctrl-C; `ifp run` on the same var then uses it."""
    import signal
    import threading

    from orchestration import places
    from orchestration.resources import sandbox

    sizes = {"seed": seed, "sellers": sellers, "debtors": debtors, "invoices": invoices}
    settings = read_settings(
        var, sandbox_months=months, **{f"sandbox_{name}": size for name, size in sizes.items()}
    )
    where = places.at(settings.var)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with sandbox.running(settings, where.sandbox, port) as address:
        out().print(f"Sandbox at {address.base_url}, mail at {address.host}:{address.smtp_port}")
        out().print("Ctrl-C ends it")
        ended.wait()


@app.command()
def world(var: Var = None, as_json: AsJson = False) -> None:
    """Show the running world: its time, its organisations, its size. Secrets stay hidden."""
    found = _ask("GET", "/admin/world", var)
    found.pop("credentials", None)
    if as_json:
        show_json(found)
        return
    columns = ("seller_number", "name", "base_currency", "country")
    out().print(f"It is {found['now']} there", markup=False)
    show_table(
        "", list(columns), [[row[name] for name in columns] for row in found["organisations"]]
    )


@app.command()
def fault(
    counterpart: Annotated[
        str | None, typer.Argument(help="xero, dnb, bank, smtp or webhook; none lists all.")
    ] = None,
    kind: Annotated[str | None, typer.Argument(help=_FAULTS)] = None,
    times: Annotated[int, typer.Option("--times", help="Requests it hits.")] = 1,
    after: Annotated[int, typer.Option("--after", help="Requests it lets pass first.")] = 0,
    path: Annotated[str, typer.Option("--path", help="Part of the path it is limited to.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Switch all faults off.")] = False,
    var: Var = None,
) -> None:
    """Switch a fault on, list the faults, or switch them all off."""
    if clear:
        show_json(_ask("DELETE", "/admin/faults", var))
        return
    if counterpart is None:
        show_json(_ask("GET", "/admin/faults", var))
        return
    body = {
        "counterpart": counterpart,
        "fault": kind,
        "times": times,
        "after": after,
        "path": path,
    }
    show_json(_ask("POST", "/admin/faults", var, body))


@app.command()
def clock(
    advance_days: Annotated[int, typer.Option("--advance-days", help="Days to move on.")] = 0,
    now: Annotated[str | None, typer.Option("--now", help="Or the day, YYYY-MM-DD.")] = None,
    var: Var = None,
) -> None:
    """Move the world's time; the next sync then finds what happened since."""
    body: dict[str, Any] = {"advance_days": advance_days}
    if now is not None:
        body = {"now": f"{date.fromisoformat(now).isoformat()}T00:00:00Z"}
    show_json(_ask("POST", "/admin/clock", var, body))


@app.command()
def mail(var: Var = None) -> None:
    """Show what the mail sink took: notices and reports."""
    show_json(_ask("GET", "/admin/mail", var))


def _ask(method: str, path: str, var: Any, body: dict[str, Any] | None = None) -> dict[str, Any]:  # noqa: ANN401 - the option's own type
    import httpx

    from orchestration import places
    from orchestration.resources import sandbox

    settings = read_settings(var)
    address = sandbox.find(settings, places.at(settings.var).sandbox)
    if address is None:
        raise fail("no sandbox runs for this var; `ifp sandbox serve`", ExitCode.UNREACHABLE)
    answer = httpx.request(
        method, f"{address.base_url}{path}", json=body, timeout=30, trust_env=False
    )
    if answer.is_error:
        raise fail(f"the sandbox refused: {answer.text}", ExitCode.USAGE)
    found: dict[str, Any] = answer.json()
    return found
