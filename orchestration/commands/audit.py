"""`ifp audit`: show the chain behind one decision, verify the whole ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration.commands.options import AsJson, Var, read_settings
from orchestration.console import ExitCode, fail, out, show_json, show_table

app = typer.Typer(
    no_args_is_help=True,
    help="Prove what was decided and that nobody changed the record of it.",
)


@app.command()
def show(
    decision: Annotated[str, typer.Argument(help="A decision's id, or the beginning of it.")],
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Print the chain from a decision down to the vendor's bytes, each link with its proof.

    Scores, features, marts and raw records are proven to have been in the dataset versions that
    the ledger announced; each announcement and the decision itself are proven to be in the ledger.
    Ends with 1 when a proof does not hold.
    """
    from orchestration import audit, places
    from orchestration.resources.ledger import open_keyring, open_ledger
    from orchestration.resources.warehouse import Warehouse

    settings = read_settings(var)
    where = places.at(settings.var)
    warehouse = Warehouse(settings.warehouse_path or where.warehouse, where.lock)
    with open_ledger(settings, where, open_keyring(settings, where)) as ledger:
        try:
            found = audit.chain(ledger, warehouse, where.proofs, decision)
        except audit.UnknownDecisionError as error:
            raise fail(str(error), ExitCode.USAGE) from None
    if as_json:
        show_json(found)
    else:
        _show(found)
    if not found["proven"]:
        raise SystemExit(int(ExitCode.FELL_SHORT))


@app.command()
def verify(
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="A checkpoint kept outside the database."),
    ] = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Read every stored value again, in another process, and say what is wrong with it.

    Names a changed byte, a swapped, removed or added entry by its place; held against a checkpoint
    kept elsewhere it also shows a cut tail or yesterday's copy. Ends with 1 on any problem.
    """
    from orchestration import places
    from orchestration.resources.ledger import open_keyring, open_ledger
    from orchestration.stages import sealing

    settings = read_settings(var)
    where = places.at(settings.var)
    if checkpoint is not None and not checkpoint.is_file():
        raise fail(f"no such file: {checkpoint}", ExitCode.USAGE)
    with open_ledger(settings, where, open_keyring(settings, where)) as ledger:
        note = ledger.checkpoint()
    report = {**sealing.verify(settings, where, checkpoint=checkpoint), "checkpoint": note}
    if as_json:
        show_json(report)
    else:
        _show_verified(report)
    if not report["ok"]:
        raise SystemExit(int(ExitCode.FELL_SHORT))


def _show(found: dict[str, Any]) -> None:
    console = out()
    console.print(f"Decision {found['decision_id']}: {found['outcome']}", markup=False)
    show_table(
        "",
        ["stage", "link", "sha256", "entry", "proven"],
        [
            (
                item["stage"],
                item["name"],
                f"{item['sha256'][:16]}…",
                _entry_of(item["proof"]),
                "yes" if item["proven"] else "NO",
            )
            for item in found["chain"]
        ],
    )
    ledger = found["ledger"]
    console.print(f"\nLedger {ledger['size']} entries, root {ledger['root']}", markup=False)
    console.print("Every link is proven" if found["proven"] else "A link is NOT proven")
    console.print("Next: ifp audit show ID --json for the full hashes and paths · ifp audit verify")


def _entry_of(proof: dict[str, Any]) -> str:
    place = proof.get("entry_index", proof.get("announced", {}).get("entry_index"))
    return "" if place is None else str(place)


def _show_verified(report: dict[str, Any]) -> None:
    console = out()
    console.print(f"{report['size']} entries, root {report['root']}", markup=False)
    for problem in report["problems"]:
        at = "" if problem.get("index") is None else f" at entry {problem['index']}"
        console.print(f"{problem['kind']}{at}: {problem['detail']}", markup=False)
    console.print("verified" if report["ok"] else "NOT verified")
    if report["ok"]:
        console.print("\nKeep this checkpoint elsewhere; it shows a cut tail later:\n")
        console.print(report["checkpoint"], markup=False)
