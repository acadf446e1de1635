"""Can we prove what we did? Control totals, signs of fraud, overrides, verdicts, reports, proof."""

from html import escape

from apps import evidence
from apps.access import Permission
from apps.dashboard import compliance_sections, proof, session
from apps.dashboard.layout import (
    Cell,
    Choice,
    Column,
    KeyFigure,
    Way,
    empty,
    filters,
    footer,
    heading,
    key_figures,
    onwards,
    question,
    table,
)
from apps.evidence import Completeness, ControlSum, Signal
from apps.look import count, exact, moment, plural
from apps.paper_trail import Override, overrides, reports
from apps.warehouse import Snapshot

PAGE = "compliance"
TITLE = "Can we prove what we did?"
SOURCES = "marts.compliance, decisions, actions and audit.entries of this snapshot, and the ledger"


def show() -> None:
    """Show the page."""
    snapshot = session.snapshot(Permission.SEE_AUDIT)
    sums = session.remembered(evidence.control_sums, snapshot)
    signals = session.remembered(evidence.signals, snapshot)
    complete = session.remembered(evidence.completeness, snapshot)
    overruled = overrides(session.ledger(), snapshot.tenant_id)
    sent = reports(session.ledger(), snapshot.tenant_id)
    question(TITLE, _answer(sums, complete, overruled))
    key_figures(_figures(sums, signals, complete, overruled))
    _control_totals(snapshot, sums)
    compliance_sections.signs(snapshot, signals)
    compliance_sections.decisions(snapshot, complete)
    compliance_sections.overruled(snapshot, overruled)
    compliance_sections.quality(snapshot)
    compliance_sections.delivered(sent)
    compliance_sections.ledger_state(snapshot)
    onwards(
        snapshot,
        [
            Way("Verify the ledger", "audit"),
            Way("Quality and quarantine", "quality"),
            Way("All decisions", "decisions"),
        ],
    )
    footer(snapshot, SOURCES, proof.verification_line())


def _answer(sums: list[ControlSum], complete: list[Completeness], overruled: list[Override]) -> str:
    totals, differing = sum(row.totals for row in sums), sum(row.differing for row in sums)
    acts, proven = sum(row.acts for row in complete), sum(row.proven for row in complete)
    is_whole = not differing and acts == proven
    added = (
        f"all <b>{plural(totals, 'control total')}</b> agree with their sources to the last unit"
        if totals and not differing
        else f"<b>{count(differing)} of {plural(totals, 'control total')}</b> do not agree"
        if totals
        else "no source has stated a control total yet"
    )
    held = (
        f"<b>{count(proven)} of {count(acts)}</b> decisions and payments have their entry in the "
        "ledger, by place and hash"
        if acts
        else "nothing was decided or paid yet"
    )
    people = (
        f"and people overruled <b>{plural(len(overruled), 'decision')}</b>"
        if overruled
        else "and no decision was overruled by a person"
    )
    start = "Yes" if is_whole and acts else "Nothing to prove yet" if is_whole else "Not all of it"
    return f"{start}: {added}, {held}, {people}. {escape(_verified())}"


def _verified() -> str:
    last = proof.last_verification()
    if last is None:
        return "The ledger was not verified since this server started."
    if last.is_ok:
        return f"The whole ledger was verified at {moment(last.finished_at)}."
    return f"The verification of {moment(last.finished_at)} found problems."


def _figures(
    sums: list[ControlSum],
    signals: list[Signal],
    complete: list[Completeness],
    overruled: list[Override],
) -> list[KeyFigure]:
    totals, differing = sum(row.totals for row in sums), sum(row.differing for row in sums)
    missing = sum(row.acts - row.proven for row in complete)
    stopped = sum(signal.stopped for signal in signals)
    referred = sum(signal.referred for signal in signals)
    return [
        KeyFigure(
            "Totals that differ",
            count(differing),
            f"of {plural(totals, 'control total')}",
            tone="act" if differing else None,
        ),
        KeyFigure(
            "Acts without an entry",
            count(missing),
            f"of {plural(sum(row.acts for row in complete), 'decision')} and payments",
            tone="act" if missing else None,
        ),
        KeyFigure(
            "Suspected duplicates",
            count(stopped + referred),
            f"{count(stopped)} stopped, {count(referred)} wait for a person",
            tone="attention" if referred else None,
        ),
        KeyFigure("Overruled by people", count(len(overruled)), "each is an entry with its reason"),
    ]


def _control_totals(snapshot: Snapshot, sums: list[ControlSum]) -> None:
    heading(
        "Do the figures add up to the sources?",
        "What each source says it sent, held against what the marts have of it and where the rest "
        "is, per currency.",
    )
    if not sums:
        empty(
            "No source has stated a control total yet.",
            "Each sync states one per entity and currency; they appear here once it has landed.",
            command="ifp sync",
        )
        return
    chosen = filters.bar(
        PAGE,
        [
            Choice("system", "Source system", {row.system: row.system for row in sums}),
            Choice("currency", "Currency", {c: c for c in sorted({row.currency for row in sums})}),
        ],
    )
    shown = session.remembered(
        evidence.control_sums, snapshot, chosen["system"], chosen["currency"]
    )
    if not shown:
        empty("No control total fits these filters.", "Clear the filters to see all of them.")
        return
    table(
        [
            Column("Entity"),
            Column("System", is_extra=True),
            Column("Currency"),
            Column("Totals", is_figure=True, is_extra=True),
            Column("Source", is_figure=True),
            Column("Marts", is_figure=True, is_extra=True),
            Column("Elsewhere, with reason", is_figure=True, is_extra=True),
            Column("Difference", is_figure=True),
        ],
        [_sum_row(row) for row in shown],
        caption="Control totals; elsewhere means known later, superseded, out of scope, "
        "quarantined or rounded",
    )


def _sum_row(row: ControlSum) -> list[Cell | str]:
    note = f"{count(row.unstated)} stated none by themselves" if row.unstated else None
    return [
        row.entity.replace("_", " ").capitalize(),
        row.system,
        row.currency,
        Cell(count(row.totals), note=note),
        exact(row.source_minor, row.currency),
        exact(row.mart_minor, row.currency),
        exact(row.explained_minor, row.currency),
        Cell(exact(row.difference_minor, row.currency), tone="act" if row.differing else "good"),
    ]


show()
