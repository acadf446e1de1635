"""`ifp replay`: make decisions again from what they were made from, and compare the bytes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.options import AsJson, Tenant, Var, read_settings
from orchestration.console import ExitCode, Progress, fail, out, show_json, show_table

if TYPE_CHECKING:
    from ledger.entry import StoredEntry
    from orchestration.platform import Platform
    from orchestration.replay import Replayed

_SHOWN = 20
_WORDS = {"equal": "equal", "different": "DIFFERENT", "not_replayable": "not replayable"}


def replay(
    decision: Annotated[
        str | None, typer.Argument(help="A decision's id, or the beginning of it.")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--last", min=1, help="The newest N decisions.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every decision there is.")] = False,
    tenant: Tenant = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Make decisions again from their own facts and compare them byte by byte.

    Facts come from the published snapshot or the live facts that a decision names, policy and
    models by their hashes, reservations as they stood then. Says for each: equal, different with
    the first field that differs, or not replayable with what is missing. Without arguments the
    newest 100 are tried. Ends with 1 when one differs.
    """
    from orchestration import platform
    from orchestration import replay as replaying

    if sum((decision is not None, last is not None, every)) > 1:
        raise fail("give a decision, --last or --all, not several of them", ExitCode.USAGE)
    settings, progress = read_settings(var), Progress(is_quiet=as_json)
    with platform.opened(settings) as opened, progress.step("Decisions made again"):
        wanted = _wanted(opened, decision, None if every else last or 100, tenant)
        found = list(replaying.replay(opened, wanted))
    counts = Counter(one.verdict for one in found)
    if as_json:
        show_json(
            {
                "ok": counts["different"] == 0,
                **{name: counts[name] for name in _WORDS},
                "decisions": [one.body() for one in found],
            }
        )
    else:
        _show(found, counts)
    if counts["different"]:
        raise SystemExit(int(ExitCode.FELL_SHORT))


def _wanted(
    opened: Platform, decision: str | None, last: int | None, tenant: str | None
) -> list[StoredEntry]:
    from orchestration import audit

    if decision is None:
        return opened.ledger.entries("decision", tenant, limit=last, newest_first=True)
    try:
        return [audit.find(opened.ledger, decision)]
    except audit.UnknownDecisionError as error:
        raise fail(str(error), ExitCode.USAGE) from None


def _show(found: list[Replayed], counts: Counter[str]) -> None:
    told = [one for one in found if one.verdict != "equal"] or found
    if not found:
        out().print("No decision yet. `ifp run` makes the first ones.")
        return
    show_table(
        "",
        ["decision", "tenant", "entry", "verdict", "detail"],
        [
            (one.decision_id[:12], one.tenant_id, one.entry_index, _WORDS[one.verdict], one.detail)
            for one in told[:_SHOWN]
        ],
    )
    if len(told) > _SHOWN:
        out().print(f"… and {len(told) - _SHOWN} more; --json lists all")
    summary = ", ".join(f"{counts[name]} {words}" for name, words in _WORDS.items())
    out().print(f"\n{len(found)} made again: {summary}")
    out().print("Next: ifp audit show ID · ifp audit verify")
