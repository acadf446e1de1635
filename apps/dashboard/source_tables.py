"""The tables of sources and of their entities: standing, age, counts, and whether they add up."""

from collections.abc import Sequence
from datetime import datetime

from apps import freshness
from apps.dashboard.layout import Cell, Column, Tone, address, heading, table
from apps.freshness import EntitySync, SourceSync, Standing, age_text
from apps.look import count, moment, plural
from apps.warehouse import Snapshot

_TONES: dict[Standing, Tone] = {
    "failed": "act",
    "partial": "attention",
    "overdue": "attention",
    "late": "attention",
    "by hand": "rest",
    "current": "good",
}
_MEANS: dict[Standing, str] = {
    "failed": "Reading stopped early; the next sync continues where it stood",
    "partial": "Some of it is in quarantine or a listing had a hole; the rest landed",
    "overdue": "The last good sync is over six hours ago",
    "late": "The last good sync is over two hours ago",
    "by hand": "A file is as new as its upload",
    "current": "The last sync ended well within the last two hours",
}


def by_source(snapshot: Snapshot, sources: Sequence[SourceSync], now: datetime, said: str) -> None:
    """Show sources with their standing, age and counts of the last sync."""
    table(
        [
            Column("Connection"),
            Column("System", is_extra=True),
            Column("Standing"),
            Column("Last good sync"),
            Column("Read", is_figure=True, is_extra=True),
            Column("New", is_figure=True),
            Column("Not taken in", is_figure=True),
        ],
        [
            [
                Cell(
                    one.connection_id,
                    link=address("syncs", snapshot, q=one.connection_id, system=one.system),
                ),
                freshness.SYSTEMS.get(one.system, one.system),
                Cell(
                    one.standing, tone=_TONES[one.standing], note=one.cause or _MEANS[one.standing]
                ),
                Cell(f"{age_text(now - one.oldest_at)} ago", note=moment(one.oldest_at)),
                count(one.read),
                count(one.landed),
                Cell(
                    count(one.quarantined),
                    link=address("quality", snapshot, connection=one.connection_id)
                    if one.quarantined
                    else None,
                ),
            ]
            for one in sources
        ],
        caption=f"{said}, those that need a look first; counts are of the last sync",
    )


def by_entity(sources: Sequence[SourceSync], now: datetime) -> None:
    """Show every entity of some sources, and whether its counts add up."""
    heading(
        "Entity by entity", "Every sync reconciles: read = new + known + repeated + not taken in."
    )
    parts = [part for one in sources for part in one.entities]
    table(
        [
            Column("Entity"),
            Column("Standing"),
            Column("Ended"),
            Column("Read", is_figure=True),
            Column("New", is_figure=True),
            Column("Known", is_figure=True),
            Column("Repeated", is_figure=True, is_extra=True),
            Column("Not taken in", is_figure=True),
            Column("Adds up"),
        ],
        [
            [
                Cell(part.entity.replace("_", " "), note=f"{part.connection_id} · {part.system}"),
                Cell(part.standing(now), tone=_TONES[part.standing(now)], note=part.cause or None),
                Cell(f"{age_text(now - part.finished_at)} ago", note=moment(part.finished_at)),
                count(part.read),
                count(part.landed),
                count(part.unchanged),
                count(part.duplicate),
                count(part.quarantined),
                Cell("yes", tone="good") if part.reconciles else Cell("no", tone="act"),
            ]
            for part in parts
        ],
        caption=f"{plural(len(parts), 'entity')}; {_how(parts)}",
    )


def _how(parts: Sequence[EntitySync]) -> str:
    full = sum(part.is_full for part in parts)
    return f"{count(full)} read whole, {count(len(parts) - full)} only what changed"
