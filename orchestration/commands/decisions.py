"""`ifp decisions`: what was decided, newest first."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.options import AsJson, Limit, Tenant, Var, read_settings
from orchestration.console import out, show_json, show_table

_SHOWN = ("decision_id", "tenant_id", "receivable_id", "seller_id", "debtor_id", "outcome", "grade")
_FIGURES = ("pd_ppm", "requested_minor", "advance_minor", "fee_minor", "currency", "decided_at")


def decisions(
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="Only approve, refer or reject.")
    ] = None,
    tenant: Tenant = None,
    limit: Limit = 20,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """List decisions with outcome, grade, amounts and first reason.

    `ifp audit show ID` proves one of them; the beginning of an id is enough.
    """
    from orchestration import places
    from orchestration.resources.ledger import open_keyring, open_ledger

    settings = read_settings(var)
    where = places.at(settings.var)
    with open_ledger(settings, where, open_keyring(settings, where)) as ledger:
        rows = ledger.projection("decisions", tenant_id=tenant)
    found = [row for row in reversed(rows) if outcome is None or row["outcome"] == outcome]
    if as_json:
        kept = (*_SHOWN, *_FIGURES, "reasons", "entry_index", "leaf_hash")
        listed = [{name: row.get(name) for name in kept} for row in found[:limit]]
        show_json({"total": len(found), "decisions": listed})
        return
    from models.domain.money import Money, to_decimal

    if not found:
        out().print("No decision yet. `ifp run` makes the first ones.")
        return
    show_table(
        "",
        ["decision", "tenant", "outcome", "grade", "currency", "requested", "advance", "reason"],
        [
            (
                row["decision_id"][:12],
                row["tenant_id"],
                row["outcome"],
                row["grade"],
                row["currency"],
                to_decimal(Money(row["requested_minor"], row["currency"])),
                to_decimal(Money(row["advance_minor"], row["currency"])),
                row["reasons"][0]["text"] if row["reasons"] else None,
            )
            for row in found[:limit]
        ],
    )
    out().print(f"\n{min(limit, len(found))} of {len(found)}")
    out().print(f"Next: ifp audit show {found[0]['decision_id'][:12]}")
