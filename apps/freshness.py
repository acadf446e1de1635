"""How current what is seen is: the last syncs, their counts and their history, one function each.

A sync is one call; it reports per connection and entity. The age of a source is counted from the
end of its last sync that ended well, and held against the cadence of the hourly schedule. Files
have no cadence: they are as new as their upload.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from apps.warehouse import Snapshot

LATE_AFTER = timedelta(hours=2)
OVERDUE_AFTER = timedelta(hours=6)
"""The windows of the hourly schedule: a warning, then a failure."""

SYSTEMS = {
    "xero": "Ledger (Xero)",
    "dnb": "Bureau (D&B)",
    "bank": "Bank",
    "files": "Files",
}
"""Systems as a reader says them; an unlisted one is shown by its code."""

RUNS = 40
_BY_HAND = frozenset({"files"})

Standing = Literal["current", "late", "overdue", "partial", "failed", "by hand"]


@dataclass(frozen=True, slots=True)
class EntitySync:
    """The last sync of one entity of one connection.

    Attributes:
        connection_id: which connection.
        system: which system.
        entity: which entity.
        status: `ok`, `partial` or `failed`.
        cause: what went wrong and what to do.
        is_full: everything was read, not only what changed.
        read: records read; the four that follow add up to it.
        landed: new versions.
        unchanged: known already.
        duplicate: repeated within the sync.
        quarantined: not taken in.
        finished_at: when it ended.
        good_at: when the last one ended well; none when none did.
        syncs: how many there were.
    """

    connection_id: str
    system: str
    entity: str
    status: str
    cause: str | None
    is_full: bool
    read: int
    landed: int
    unchanged: int
    duplicate: int
    quarantined: int
    finished_at: datetime
    good_at: datetime | None
    syncs: int

    @property
    def reconciles(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.landed + self.unchanged + self.duplicate + self.quarantined

    def standing(self, now: datetime) -> Standing:
        """Judge it: a failure first, then its age."""
        if self.status == "failed":
            return "failed"
        if self.status == "partial":
            return "partial"
        if self.system in _BY_HAND:
            return "by hand"
        age = now - (self.good_at or self.finished_at)
        if age > OVERDUE_AFTER:
            return "overdue"
        return "late" if age > LATE_AFTER else "current"


@dataclass(frozen=True, slots=True)
class SourceSync:
    """All entities of one connection together, judged by the worst of them.

    Attributes:
        connection_id: which connection.
        system: which system.
        standing: the worst standing.
        cause: of the first failure.
        oldest_at: end of the entity's last good sync that is furthest back.
        read: records read by the last sync of each entity.
        landed: new versions among them.
        quarantined: not taken in.
        entities: the parts.
    """

    connection_id: str
    system: str
    standing: Standing
    cause: str | None
    oldest_at: datetime
    read: int
    landed: int
    quarantined: int
    entities: tuple[EntitySync, ...]


_WORST: tuple[Standing, ...] = ("failed", "partial", "overdue", "late", "by hand", "current")


def entities(snapshot: Snapshot) -> list[EntitySync]:
    """Return the last sync of every entity of every connection."""
    if not snapshot.has("published.syncs"):
        return []
    return [EntitySync(**row) for row in snapshot.rows(_LATEST)]


def sources(found: Iterable[EntitySync], now: datetime) -> list[SourceSync]:
    """Put the entities of each connection together, the worst first."""
    grouped: dict[tuple[str, str], list[EntitySync]] = {}
    for one in found:
        grouped.setdefault((one.connection_id, one.system), []).append(one)
    listed = [_source(key, parts, now) for key, parts in grouped.items()]
    listed.sort(key=lambda one: (_WORST.index(one.standing), one.connection_id, one.system))
    return listed


def history(snapshot: Snapshot) -> pl.DataFrame:
    """Return the newest `RUNS` syncs of each source: one row per sync, connection and system.

    Columns: `sync_id`, `connection_id`, `system`, `finished_at`, `status` (the worst), `read`,
    `landed`, `quarantined`, and `back`, which counts from 1 for the newest.
    """
    if not snapshot.has("published.syncs"):
        return pl.DataFrame()
    return snapshot.frame(_HISTORY, {"runs": RUNS})


def standings(found: Iterable[SourceSync]) -> dict[Standing, int]:
    """Count sources by standing, the worst first."""
    counts: dict[Standing, int] = {}
    for one in found:
        counts[one.standing] = counts.get(one.standing, 0) + 1
    return {name: counts[name] for name in _WORST if name in counts}


def age_text(age: timedelta) -> str:
    """Write an age as people say it: `40 s`, `12 min`, `5 h`, `3 days`."""
    seconds = max(0, int(age.total_seconds()))
    minutes = seconds // 60
    if minutes < 1:
        return f"{seconds} s"
    if minutes < _HOUR:
        return f"{minutes} min"
    if minutes < 2 * _DAY:
        return f"{minutes // _HOUR} h"
    return f"{minutes // _DAY} days"


_HOUR = 60
_DAY = 24 * 60


def _source(key: tuple[str, str], parts: list[EntitySync], now: datetime) -> SourceSync:
    stands = min((one.standing(now) for one in parts), key=_WORST.index)
    causes = [one.cause for one in parts if one.cause and one.standing(now) == stands]
    return SourceSync(
        connection_id=key[0],
        system=key[1],
        standing=stands,
        cause=causes[0] if causes else None,
        oldest_at=min(one.good_at or one.finished_at for one in parts),
        read=sum(one.read for one in parts),
        landed=sum(one.landed for one in parts),
        quarantined=sum(one.quarantined for one in parts),
        entities=tuple(parts),
    )


_LATEST = """
    select connection_id, system, entity,
           arg_max(status, finished_at) as status,
           arg_max(coalesce(cause, ''), finished_at) as cause,
           arg_max(is_full, finished_at) as is_full,
           arg_max("read", finished_at) as "read",
           arg_max(landed, finished_at) as landed,
           arg_max(unchanged, finished_at) as unchanged,
           arg_max(duplicate, finished_at) as duplicate,
           arg_max(quarantined, finished_at) as quarantined,
           max(finished_at) as finished_at,
           max(finished_at) filter (status = 'ok') as good_at,
           count(*) as syncs
    from published.syncs
    group by connection_id, system, entity
    order by connection_id, system, entity
"""
_HISTORY = """
    with synced as (
        select sync_id, connection_id, system, max(finished_at) as finished_at,
               case when bool_or(status = 'failed') then 'failed'
                    when bool_or(status = 'partial') then 'partial' else 'ok' end as status,
               sum("read")::bigint as "read", sum(landed)::bigint as landed,
               sum(quarantined)::bigint as quarantined
        from published.syncs
        group by sync_id, connection_id, system
    )
    select *, row_number() over (
        partition by connection_id, system order by finished_at desc, sync_id
    ) as back
    from synced
    qualify back <= $runs
    order by connection_id, system, back
"""
