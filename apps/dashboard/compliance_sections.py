"""The sections of the compliance page below its control totals: one question each."""

import streamlit as st

from apps import decision_list, evidence
from apps.dashboard import proof, session
from apps.dashboard.layout import (
    Cell,
    Column,
    address,
    empty,
    heading,
    note,
    table,
)
from apps.decision_list import Narrowed
from apps.evidence import Completeness, QualityRule, Signal
from apps.look import count, moment, percent, plural, share_ppm, short_hash
from apps.paper_trail import Override, SentReport
from apps.warehouse import Snapshot

_TOP = 10
_ACTS = {"decision": "Decisions", "payment_instruction": "Payments instructed"}


def signs(snapshot: Snapshot, signals: list[Signal]) -> None:
    """Show signs of duplicates and fraud, with what they led to."""
    heading("What looked like a duplicate or a fraud?")
    if not signals:
        note("No sign of a duplicate or of a payment by somebody else was seen.", tone="good")
        return
    table(
        [
            Column("Sign"),
            Column("Code", is_extra=True),
            Column("Stopped", is_figure=True),
            Column("Waits for a person", is_figure=True),
            Column("Noted", is_figure=True),
        ],
        [
            [
                signal.text,
                Cell(signal.code, link=address("decisions", snapshot, reason=signal.code))
                if signal.stopped or signal.referred
                else signal.code,
                count(signal.stopped),
                count(signal.referred),
                count(signal.noted),
            ]
            for signal in signals
        ],
        caption="Signs by code; a code leads to the requests that carry it",
    )


def decisions(snapshot: Snapshot, complete: list[Completeness]) -> None:
    """Show whether every act has its entry, and why requests were not approved."""
    heading(
        "Does every decision have its entry and its reasons?",
        "Each decision and payment of the snapshot is looked up in the ledger's own list; a "
        "decision counts only if place and hash agree.",
    )
    table(
        [
            Column("Acts"),
            Column("In the snapshot", is_figure=True),
            Column("With their entry", is_figure=True),
            Column("Missing", is_figure=True),
        ],
        [
            [
                _ACTS[row.kind],
                count(row.acts),
                count(row.proven),
                Cell(count(row.acts - row.proven), tone="act" if row.acts > row.proven else "good"),
            ]
            for row in complete
        ],
        caption="Completeness of the ledger",
    )
    reasons = session.remembered(decision_list.reasons, snapshot, Narrowed())
    if not reasons:
        return
    with st.expander(f"Decisions by reason: the first {min(_TOP, len(reasons))} of {len(reasons)}"):
        table(
            [
                Column("Reason"),
                Column("Code"),
                Column("Referred", is_figure=True),
                Column("Rejected", is_figure=True),
            ],
            [
                [
                    row.text,
                    Cell(row.code, link=address("decisions", snapshot, reason=row.code)),
                    count(row.referred),
                    count(row.rejected),
                ]
                for row in reasons[:_TOP]
            ],
            caption="Requests that were not approved, by the reasons that stood in the way",
        )


def overruled(snapshot: Snapshot, said: list[Override]) -> None:
    """Show what people said about decisions."""
    heading("What did people overrule?")
    if not said:
        note(
            "No decision of this tenant was overruled or approved by a person.",
            "A person's word on a decision is an entry of its own, with name, reason and time; "
            "the decision itself never changes.",
        )
        return
    table(
        [
            Column("Decision"),
            Column("What"),
            Column("By"),
            Column("Reason", is_extra=True),
            Column("Recorded at", is_extra=True),
            Column("Entry", is_figure=True),
        ],
        [
            [
                Cell(
                    short_hash(one.decision_id),
                    link=address("decisions", snapshot, decision=one.decision_id),
                ),
                one.kind if one.outcome is None else f"{one.kind}: {one.outcome}",
                one.by,
                one.reason or "–",
                moment(one.recorded_at),
                count(one.ledger_index),
            ]
            for one in said
        ],
        caption=f"{plural(len(said), 'entry')} of people about decisions, the newest first",
    )


def quality(snapshot: Snapshot) -> None:
    """Show the tenant's verdict and the rules of data quality that found something."""
    verdict = session.remembered(evidence.verdict, snapshot)
    rules = session.remembered(evidence.quality, snapshot)
    applied = session.remembered(evidence.rule_count, snapshot)
    heading("Was the data fit to decide on?")
    if verdict is not None and not verdict.is_publishable:
        note(
            f"{plural(verdict.failed_checks, 'blocking check')} failed for this tenant.",
            f"{verdict.first_failure or 'No reason is told.'}",
            "Its last good version stays published until a run passes.",
            tone="act",
        )
    elif verdict is not None:
        note(
            "No blocking check failed, so this tenant's figures were published.",
            f"{plural(applied, 'rule')} were applied; {count(len(rules))} found something, "
            "within what is tolerated or without blocking.",
            tone="good",
        )
    if rules:
        table(
            [
                Column("Rule"),
                Column("Entity"),
                Column("Failed", is_figure=True),
                Column("Of checked", is_figure=True),
                Column("Verdict"),
            ],
            [_rule(rule) for rule in rules],
            caption="Rules of data quality that found something",
        )


def _rule(rule: QualityRule) -> list[Cell | str]:
    verdict = (
        Cell("blocks", tone="act")
        if rule.is_failed and rule.is_blocking
        else Cell("over tolerance", tone="attention")
        if rule.is_failed
        else Cell("tolerated", tone="rest")
    )
    return [
        rule.rule.replace("_", " ").capitalize(),
        rule.entity.replace("_", " "),
        Cell(count(rule.failed), note=f"of {count(rule.checked)} looked at"),
        percent(share_ppm(rule.failed, rule.checked), 2),
        verdict,
    ]


def delivered(sent: list[SentReport]) -> None:
    """Show which reports went out and whether they arrived."""
    heading("Which reports were delivered?")
    if not sent:
        empty(
            "No report was sent for this tenant yet.",
            "The monthly compliance report goes out after a month has ended; each one is an entry "
            "with the hashes of its files.",
            command="ifp run",
        )
        return
    table(
        [
            Column("Report"),
            Column("Month"),
            Column("State"),
            Column("Since", is_extra=True),
            Column("Files", is_extra=True),
            Column("Entry", is_figure=True),
        ],
        [
            [
                one.kind.replace("_", " ").capitalize(),
                one.month or "–",
                Cell(one.status, tone="good" if one.status == "delivered" else "attention"),
                moment(one.updated_at),
                ", ".join(one.files) or "–",
                count(one.ledger_index),
            ]
            for one in sent
        ],
        caption=f"{plural(len(sent), 'report')}, the newest first",
    )


def ledger_state(snapshot: Snapshot) -> None:
    """Show what the ledger holds of this tenant and what is known of its intactness."""
    heading("What does the ledger hold, and is it intact?")
    last = proof.last_verification()
    root = session.ledger().root().hex()
    if last is None:
        note(
            "The ledger was not verified since this server started.",
            f"Its root over {plural(session.ledger().size(), 'entry')} is {root}.",
            "Verify it on the page Lineage and ledger, with a checkpoint kept elsewhere.",
        )
    elif last.is_ok:
        note(
            f"Intact: {plural(last.size, 'entry')} verified at {moment(last.finished_at)}",
            f"Root {last.root}",
            tone="good",
        )
    else:
        note(
            f"Not intact: {plural(len(last.problems), 'problem')} at {moment(last.finished_at)}",
            "Do not rely on the figures above until it is clear what happened.",
            tone="act",
        )
    counts = session.remembered(evidence.entry_counts, snapshot)
    with st.expander(f"This tenant's {plural(sum(counts.values()), 'entry')} by type"):
        table(
            [Column("Type"), Column("Entries", is_figure=True)],
            [[name.replace("_", " "), count(number)] for name, number in counts.items()],
            caption="Entries of this tenant up to this snapshot",
        )
