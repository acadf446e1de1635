"""Is what we see current? The last sync of every source, its counts, and how syncs went so far."""

from datetime import datetime
from html import escape

import streamlit as st

from apps import freshness
from apps.dashboard import charts, operations, session, source_tables, sync_chart
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
    onwards,
    paged,
    pages,
    question,
    table,
)
from apps.dashboard.proof import verification_line
from apps.freshness import SourceSync, Standing, age_text
from apps.look import count, moment, plural, sentence_list
from apps.warehouse import Snapshot

PAGE = "syncs"
TITLE = "Is what we see current?"
SOURCES = "raw_sync.entities"
_ROWS = 25


def show() -> None:
    """Show the page."""
    snapshot = operations.snapshot()
    now = operations.now()
    sources = freshness.sources(session.remembered(freshness.entities, snapshot), now)
    if not sources:
        st.title(TITLE, anchor=False)
        empty(
            "No source was read yet.",
            "Each connection appears here with its last sync, what it brought and how old it is.",
            command="ifp sync",
        )
        footer(snapshot, SOURCES, verification_line())
        return
    question(TITLE, _answer(sources, now))
    key_figures(_figures(snapshot, sources, now))
    _failures(sources)
    _stale(snapshot)
    _history(snapshot)
    _sources(snapshot, sources, now)
    onwards(
        snapshot, [Way("What was not taken in", "quality"), Way("Is the platform well", "health")]
    )
    footer(snapshot, SOURCES, verification_line())


def _answer(sources: list[SourceSync], now: datetime) -> str:
    counts = freshness.standings(sources)
    good = counts.get("current", 0) + counts.get("by hand", 0)
    start = "Yes" if good == len(sources) else "In part" if good else "No"
    newest = max(part.finished_at for one in sources for part in one.entities)
    rest = [f"<b>{count(n)}</b> {_WRONG[name]}" for name, n in counts.items() if name in _WRONG]
    told = f" {sentence_list(rest)}." if rest else ""
    return (
        f"{start}: <b>{count(good)} of {plural(len(sources), 'source')}</b> "
        f"{'is' if good == 1 else 'are'} as current as the schedule promises.{told} The newest "
        f"sync of this snapshot ended <b>{escape(age_text(now - newest))}</b> ago."
    )


_WRONG: dict[Standing, str] = {
    "failed": "failed",
    "partial": "took in only a part",
    "overdue": "overdue",
    "late": "late",
}


def _figures(snapshot: Snapshot, sources: list[SourceSync], now: datetime) -> list[KeyFigure]:
    counts = freshness.standings(sources)
    scheduled = [one for one in sources if one.standing != "by hand"]
    oldest = min(scheduled or sources, key=lambda one: one.oldest_at)
    read = sum(one.read for one in sources)
    held = sum(one.quarantined for one in sources)
    failed = counts.get("failed", 0)
    return [
        KeyFigure(
            "Sources failing",
            count(failed),
            f"of {plural(len(sources), 'source')}; {count(counts.get('partial', 0))} partial",
            tone="act" if failed else None,
        ),
        KeyFigure(
            "Oldest source",
            age_text(now - oldest.oldest_at),
            f"{oldest.connection_id} · {oldest.system}; expected every hour",
            tone="attention" if oldest.standing in ("late", "overdue") else None,
        ),
        KeyFigure(
            "Read by the last syncs",
            count(read),
            f"{count(sum(one.landed for one in sources))} of it new",
        ),
        KeyFigure(
            "Not taken in",
            count(held),
            "by the last syncs, in quarantine with a reason",
            tone="attention" if held else None,
            link=address("quality", snapshot),
        ),
    ]


def _failures(sources: list[SourceSync]) -> None:
    for one in [source for source in sources if source.standing == "failed"][:_SHOWN]:
        note(
            f"{one.connection_id} · {freshness.SYSTEMS.get(one.system, one.system)} failed",
            one.cause or "No cause was recorded.",
            "Its figures are those of its last good sync; nothing is lost.",
            tone="act",
        )


_SHOWN = 3


def _stale(snapshot: Snapshot) -> None:
    """Name the reader's tenants whose figures stay at an earlier version."""
    viewer, publication = operations.viewer(), snapshot.publication
    behind = [
        name for name in viewer.tenants if publication.tenants.get(name, {}).get("state") == "stale"
    ]
    if not behind:
        return
    heading(
        "Who stays behind?", "Checks of these tenants failed, so their last good version is shown."
    )
    table(
        [Column("Tenant"), Column("Shown as of"), Column("Snapshot", is_code=True), Column("Why")],
        [
            [
                name,
                moment(publication.earlier.get(name, publication).as_of),
                publication.tenants[name]["snapshot_id"],
                Cell("see data quality", link=f"quality?tenant={name}"),
            ]
            for name in behind
        ],
        caption=plural(len(behind), "tenant"),
    )


def _history(snapshot: Snapshot) -> None:
    history = session.remembered(freshness.history, snapshot)
    if not history.height:
        return
    bad = history.filter(history["status"] != "ok").height
    heading(
        "How did the last syncs go?",
        f"The last {freshness.RUNS} syncs of each source. Deeper cells brought something new; F "
        "failed, P took in a part.",
    )
    charts.show(
        sync_chart.strip(history),
        f"Cells: {history.height} syncs by source and time; {bad} of them did not end well",
    )


def _sources(snapshot: Snapshot, sources: list[SourceSync], now: datetime) -> None:
    heading("Source by source")
    chosen = filters.bar(
        PAGE,
        [
            Choice("standing", "Standing", {name: name for name in freshness.standings(sources)}),
            Choice(
                "system",
                "System",
                {
                    name: freshness.SYSTEMS.get(name, name)
                    for name in sorted({one.system for one in sources})
                },
            ),
            Search("q", "Connection"),
        ],
    )
    fitting = [
        one
        for one in sources
        if chosen["standing"] in ("", one.standing)
        and chosen["system"] in ("", one.system)
        and chosen["q"].casefold() in one.connection_id.casefold()
    ]
    if not fitting:
        empty("No source fits this filter.", "Clear the filters to see all.")
        return
    part = paged(len(fitting), "source", page=PAGE, limit=_ROWS)
    listed = fitting[part.offset : part.offset + part.limit]
    source_tables.by_source(snapshot, listed, now, part.said)
    pages(len(fitting), page=PAGE, limit=_ROWS)
    if len(fitting) <= _FEW:
        source_tables.by_entity(listed, now)
    else:
        st.caption("Choose one connection to see it entity by entity.")


_FEW = 4


show()
