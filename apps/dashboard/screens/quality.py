"""What did we not take in, and why? Quarantine and rules; with `?record=…` one record in full."""

from html import escape

import polars as pl
import streamlit as st

from apps import commands, quality, quarantine
from apps.commands import CommandState
from apps.dashboard import asked, charts, operations, record, rule_results, session
from apps.dashboard.layout import (
    Cell,
    Choice,
    Column,
    KeyFigure,
    Search,
    Way,
    address,
    empty,
    filters,
    footer,
    heading,
    key_figures,
    note,
    offer,
    onwards,
    paged,
    pages,
    question,
    table,
)
from apps.dashboard.proof import verification_line
from apps.look import count, day, percent, plural, share_ppm
from apps.quality import RuleResult, Verdict
from apps.quarantine import HeldGroup, Taken
from apps.warehouse import Snapshot

PAGE = "quality"
TITLE = "What did we not take in, and why?"
SOURCES = "raw_quarantine, data quality rules and contracts"
STATES = {"open": "Waiting", "resolved": "Resolved"}
_TOP = 8
_ROWS = 25
_REMEMBERED = 50


def show() -> None:
    """Show one record when the address names it, else the list."""
    snapshot = operations.snapshot()
    chosen = st.query_params.get("record")
    if chosen:
        record.show(snapshot, chosen)
        footer(snapshot, SOURCES, verification_line())
        return
    taken = session.remembered(quarantine.taken, snapshot)
    groups = session.remembered(quarantine.held, snapshot)
    rules = session.remembered(quality.rules, snapshot)
    verdict = session.remembered(quality.verdict, snapshot)
    question(TITLE, _answer(taken, groups, verdict))
    key_figures(_figures(taken, rules, verdict))
    _held_back(verdict)
    _reasons(groups)
    _records(snapshot, taken)
    rule_results.show(snapshot, rules)
    _corrections(snapshot)
    onwards(snapshot, [Way("How current the sources are", "syncs"), Way("The queue", "queue")])
    footer(snapshot, SOURCES, verification_line())


def _answer(taken: Taken, groups: list[HeldGroup], verdict: Verdict) -> str:
    read = f"<b>{plural(taken.read, 'record')}</b>"
    if not taken.held:
        start = f"Nothing waits: all of {read} read so far were landed, known already or mended."
    else:
        why = escape(quarantine.reason_text(groups[0].reason_code))
        share = percent(share_ppm(taken.held, taken.read), 2)
        most = "The reason" if groups[0].records == taken.held else "The most frequent reason"
        start = (
            f"Of {read} read so far, <b>{count(taken.held)}</b> ({share}) "
            f"{'waits' if taken.held == 1 else 'wait'} in quarantine. {most}: "
            f"{why[0].lower()}{why[1:]}."
        )
    if verdict.is_publishable:
        return f"{start} No rule holds this tenant back."
    failed = plural(verdict.failed_checks, "check")
    return f"{start} <b>{failed}</b> failed, so newer figures of this tenant are held back."


def _figures(taken: Taken, rules: list[RuleResult], verdict: Verdict) -> list[KeyFigure]:
    summaries = quality.summarised(rules)
    over = sum(one.worst in ("holds back", "over") for one in summaries)
    broken = sum(one.worst != "kept" for one in summaries)
    return [
        KeyFigure(
            "In quarantine",
            count(taken.held),
            f"{percent(share_ppm(taken.held, taken.read), 2)} of {plural(taken.read, 'record')}",
            tone="attention" if taken.held else None,
        ),
        KeyFigure(
            "Resolved",
            count(taken.mended + taken.superseded),
            f"{count(taken.mended)} corrected by people, {count(taken.superseded)} by the source",
        ),
        KeyFigure(
            "Rules over tolerance",
            count(over),
            f"of {plural(len(summaries), 'rule')} applied; {count(broken)} found something",
            tone="attention" if over else None,
        ),
        KeyFigure(
            "Verdict",
            "published" if verdict.is_publishable else "held back",
            "newest figures are shown"
            if verdict.is_publishable
            else f"{plural(verdict.failed_checks, 'blocking check')} failed",
            tone=None if verdict.is_publishable else "act",
        ),
    ]


def _held_back(verdict: Verdict) -> None:
    if verdict.is_publishable:
        return
    note(
        "The pages on the book show this tenant's last good version.",
        f"What holds it back: {verdict.first_failure or 'a blocking check'}.",
        "Correct the records below or the data at its source; the next run publishes again. "
        "Other tenants are not held back.",
        tone="act",
    )


def _reasons(groups: list[HeldGroup]) -> None:
    heading("Why was it not taken in?")
    if not groups:
        empty(
            "Every record that was read could be landed.",
            "A record whose amount, date or shape cannot be read would wait here with its place "
            "and reason, to be corrected and replayed.",
        )
        return
    charts.show(
        charts.counted_reasons(
            [
                (
                    one.reason_code,
                    f"{quarantine.reason_text(one.reason_code)} · {one.system} {one.entity}",
                    one.records,
                )
                for one in groups[:_TOP]
            ],
            counted="Records",
        ),
        "Bars: records in quarantine by reason and entity, most frequent first",
    )


def _records(snapshot: Snapshot, taken: Taken) -> None:
    if not snapshot.has("published.quarantine"):
        return
    if not taken.held + taken.mended + taken.superseded:
        return
    heading("Which records?", "Choose one to see where it came from, correct it and replay it.")
    chosen = filters.bar(
        PAGE,
        [
            Choice("state", "State", STATES),
            Choice("reason", "Reason", _reason_choices(snapshot)),
            Choice(
                "connection",
                "Connection",
                {name: name for name in session.remembered(quarantine.connections, snapshot)},
            ),
            Search("q", "Record or detail"),
        ],
    )
    wanted = chosen["state"], chosen["reason"], chosen["connection"], chosen["q"]
    total = session.remembered(quarantine.record_count, snapshot, *wanted)
    if not total:
        empty("No record fits this filter.", "Clear the filters to see all.")
        return
    part = paged(total, "record", page=PAGE, limit=_ROWS)
    rows = session.remembered(quarantine.records, snapshot, *wanted, part.limit, part.offset)
    _table(snapshot, rows, part.said)
    pages(total, page=PAGE, limit=_ROWS)
    offer(
        snapshot,
        f"Download {plural(total, 'record')} as CSV",
        "quarantine",
        lambda: quarantine.records(snapshot, *wanted, limit=total, offset=0),
    )


def _reason_choices(snapshot: Snapshot) -> dict[str, str]:
    codes = session.remembered(quarantine.reason_codes, snapshot)
    return {code: quarantine.reason_text(code) for code in codes}


def _table(snapshot: Snapshot, rows: pl.DataFrame, said: str) -> None:
    landed = _landed_since(snapshot)
    table(
        [
            Column("Record"),
            Column("What is wrong"),
            Column("From", is_extra=True),
            Column("Place", is_extra=True),
            Column("Since", is_extra=True),
            Column("State"),
        ],
        [
            [
                Cell(
                    _shortened(row["record_id"]) or f"at {row['position']}",
                    link=address(PAGE, snapshot, record=row["quarantine_id"]),
                    note=row["record_id"] or "The record's own id could not be read",
                ),
                Cell(
                    quarantine.detail_text(row["detail"]),
                    note=quarantine.reason_text(row["reason_code"]),
                ),
                f"{row['connection_id']} · {row['entity'].replace('_', ' ')}",
                Cell(_place(row["endpoint"], row["position"]), note=row["endpoint"]),
                day(row["fetched_at"]),
                _state(
                    row["replayed_at"] is None, row["quarantine_id"] in landed, row["resolution"]
                ),
            ]
            for row in rows.iter_rows(named=True)
        ],
        caption=f"{said}, newest first",
    )


def _shortened(text: str | None) -> str:
    if not text:
        return ""
    return text if len(text) <= 14 else f"{text[:12]}…"


def _place(endpoint: str, position: int) -> str:
    name = endpoint.rsplit("/", 1)[-1].partition("?")[0] or endpoint
    return f"{name}, whole page" if position < 0 else f"{name}, row {position + 1:,}"


def _landed_since(snapshot: Snapshot) -> set[str]:
    """Return the records whose correction landed, also after this snapshot."""
    kinds = (commands.QUARANTINE_CORRECTED,)
    found = commands.recent(session.ledger(), snapshot.tenant_id, kinds, limit=_REMEMBERED)
    return {str(one.body["quarantine_id"]) for one in found if one.phase == "done"}


def _state(is_open: bool, is_landed: bool, resolution: str | None) -> Cell:
    if is_open and is_landed:
        return Cell("corrected", tone="good", note="Landed since this snapshot was published")
    if is_open:
        return Cell("waiting", tone="attention")
    word = {"replayed": "corrected", "superseded": "by the source"}.get(str(resolution), "resolved")
    return Cell(word, tone="good")


def _corrections(snapshot: Snapshot) -> None:
    found = commands.recent(
        session.ledger(), snapshot.tenant_id, (commands.QUARANTINE_CORRECTED,), limit=_TOP
    )
    if not found:
        return
    heading("What did people correct?")
    if any(one.is_moving for one in found):
        operations.worker_note()

    def about(state: CommandState) -> Cell:
        named = str(state.body["quarantine_id"])
        return Cell(f"record {named[:12]}", link=address(PAGE, snapshot, record=named))

    asked.history(found, about)


show()
