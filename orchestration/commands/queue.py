"""`ifp queue`: what is owed to the outside, what was given up, and what people do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.options import AsJson, Tenant, Var, read_settings
from orchestration.console import ExitCode, fail, out, show_json, show_table

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.store import Ledger

app = typer.Typer(no_args_is_help=True, help="Tasks of the queue and its dead letters.")

By = Annotated[str, typer.Option("--by", help="Who asks for it.")]
ApprovedBy = Annotated[
    str | None, typer.Option("--approved-by", help="The second person; needed where money moves.")
]
TaskId = Annotated[int, typer.Argument(help="Number of the dead letter.")]


@app.command("list")
def list_tasks(tenant: Tenant = None, var: Var = None, as_json: AsJson = False) -> None:
    """Count tasks by kind and state, and list the dead letters with their reasons."""
    with _ledger(var) as ledger:
        stats = ledger.queue.stats()
        dead = ledger.queue.dead_letters(tenant)
    if as_json:
        letters = [
            {
                "id": item.id,
                "kind": item.kind,
                "tenant_id": item.tenant_id,
                "idempotency_key": item.idempotency_key,
                "attempts": item.attempts,
                "reason": item.reason,
                "updated_at": item.updated_at.isoformat(),
            }
            for item in dead
        ]
        show_json({"stats": stats, "dead_letters": letters})
        return
    states = ("open", "done", "dead", "closed")
    show_table(
        "Tasks",
        ["kind", *states],
        [(kind, *(found.get(name, 0) for name in states)) for kind, found in sorted(stats.items())],
    )
    if dead:
        show_table(
            "Dead letters",
            ["id", "kind", "tenant", "attempts", "reason"],
            [(str(d.id), d.kind, d.tenant_id, d.attempts, d.reason) for d in dead],
        )
        out().print("Next: ifp queue replay ID --by NAME · ifp queue close ID --by NAME --reason …")


@app.command()
def replay(task: TaskId, by: By, approved_by: ApprovedBy = None, var: Var = None) -> None:
    """Try a dead letter again; four eyes where money moves."""
    from ledger.entry import Actor
    from ledger.errors import LedgerError

    with _ledger(var) as ledger:
        try:
            second = Actor("person", approved_by) if approved_by else None
            ledger.queue.replay(task, by=Actor("person", by), approved_by=second)
        except LedgerError as error:
            raise fail(str(error), ExitCode.USAGE) from None
    out().print(f"Task {task} is open again; the worker or the next `ifp run` carries it out")


@app.command()
def close(
    task: TaskId,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why it is not to be done.")],
    approved_by: ApprovedBy = None,
    var: Var = None,
) -> None:
    """End a dead letter without doing it; four eyes where money moves."""
    from ledger.entry import Actor
    from ledger.errors import LedgerError

    with _ledger(var) as ledger:
        try:
            second = Actor("person", approved_by) if approved_by else None
            ledger.queue.close(task, by=Actor("person", by), reason=reason, approved_by=second)
        except LedgerError as error:
            raise fail(str(error), ExitCode.USAGE) from None
    out().print(f"Task {task} is closed")


def _ledger(var: Path | None) -> Ledger:
    from orchestration import places
    from orchestration.resources.ledger import open_keyring, open_ledger

    settings = read_settings(var)
    where = places.at(settings.var)
    return open_ledger(settings, where, open_keyring(settings, where))
