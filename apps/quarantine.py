"""What was not taken in: the questions about quarantine, one each, and the correction of a record.

Snapshots hold reasons and places only; what a record says is read through `apps.access`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import polars as pl

from apps.commands import QUARANTINE_CORRECTED, Command
from apps.warehouse import Snapshot

REASONS = {
    "malformed": "It is not well-formed",
    "truncated": "It ends in the middle",
    "not_utf8": "Its bytes are not text in UTF-8",
    "shape_changed": "It is not shaped as the source promised",
    "amount_too_large": "An amount has more digits than are kept exactly",
    "amount_unreadable": "An amount cannot be read",
    "number_rounded": "A number was rounded before it reached us",
    "date_unreadable": "A date cannot be read",
    "value_unreadable": "A value cannot be read",
    "missing_value": "A needed value is missing",
    "currency_unknown": "The currency is no ISO 4217 code",
    "not_expected": "It was not expected here",
    "row_too_long": "A row has more cells than the header",
    "row_too_short": "A row has fewer cells than the header",
    "total_differs": "The stated total is not the sum of the rows",
}
"""Reason codes as a reader says them; an unlisted one is shown by its code."""


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """Open quarantine rows that share reason, system and entity.

    Attributes:
        reason_code: why.
        system: from which system.
        entity: which entity.
        records: how many.
        connections: in how many connections.
        oldest_at: since when.
    """

    reason_code: str
    system: str
    entity: str
    records: int
    connections: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """How all records ever read from this tenant's sources ended.

    Attributes:
        read: records read.
        held: quarantine rows that are open.
        mended: rows resolved by a correction.
        superseded: rows resolved by a good version from the source.
    """

    read: int
    held: int
    mended: int
    superseded: int


def reason_text(code: str) -> str:
    """Say a reason code in words."""
    return REASONS.get(code, code.replace("_", " ").capitalize())


def detail_text(detail: str) -> str:
    """Write a detail as prose does: names of fields in quotation marks, no full stop."""
    return _QUOTED.sub(r"“\1”", detail).rstrip(". ")


def held(snapshot: Snapshot) -> list[HeldGroup]:
    """Return open quarantine by reason, most frequent first."""
    if not snapshot.has("published.quarantine"):
        return []
    return [HeldGroup(**row) for row in snapshot.rows(_HELD)]


def taken(snapshot: Snapshot) -> Taken:
    """Return how everything that was read ended."""
    read = next(iter(snapshot.rows(_READ)))["read"] if snapshot.has("published.syncs") else 0
    if not snapshot.has("published.quarantine"):
        return Taken(read or 0, 0, 0, 0)
    row = next(iter(snapshot.rows(_RESOLVED)))
    return Taken(read or 0, row["held"], row["mended"], row["superseded"])


def record_count(
    snapshot: Snapshot, state: str, reason: str, connection_id: str, wanted: str
) -> int:
    """Count the quarantined records that fit; see `records`."""
    asked = _asked(state, reason, connection_id, wanted)
    rows = snapshot.rows(f"select count(*) as number {_FITTING}", asked)
    return int(next(iter(rows))["number"])


def records(
    snapshot: Snapshot,
    state: str,
    reason: str,
    connection_id: str,
    wanted: str,
    limit: int,
    offset: int,
) -> pl.DataFrame:
    """Return quarantined records without their bytes, newest first.

    Args:
        snapshot: what to read.
        state: `open`, `resolved` or empty for both.
        reason: only this reason code; empty for any.
        connection_id: only this connection; empty for any.
        wanted: part of the record's id or of the detail; empty for any.
        limit: rows to read.
        offset: rows before them.
    """
    asked = _asked(state, reason, connection_id, wanted)
    return snapshot.frame(
        f"select {_COLUMNS} {_FITTING} order by fetched_at desc, quarantine_id"
        " limit $limit offset $offset",
        {**asked, "limit": limit, "offset": offset},
    )


def _asked(state: str, reason: str, connection_id: str, wanted: str) -> dict[str, object]:
    return {
        "state": state,
        "reason": reason,
        "connection": connection_id,
        "wanted": wanted.casefold(),
    }


def record(snapshot: Snapshot, quarantine_id: str) -> dict[str, object] | None:
    """Return one quarantined record without its bytes; none when the tenant has no such one."""
    found = snapshot.rows(
        "select * from published.quarantine where quarantine_id = $id", {"id": quarantine_id}
    )
    return next(iter(found), None)


def reason_codes(snapshot: Snapshot) -> list[str]:
    """Return the reason codes that occur."""
    query = "select distinct reason_code from published.quarantine order by 1"
    return [row["reason_code"] for row in snapshot.rows(query)]


def connections(snapshot: Snapshot) -> list[str]:
    """Return the connections that have anything in quarantine."""
    return [
        row["connection_id"]
        for row in snapshot.rows(
            "select distinct connection_id from published.quarantine order by 1"
        )
    ]


def correction(tenant_id: str, quarantine_id: str, corrected: str) -> Command:
    """Make the command that lands a corrected record; its text is encrypted in the entry."""
    content = corrected.encode()
    return Command(
        kind=QUARANTINE_CORRECTED,
        tenant_id=tenant_id,
        about=quarantine_id,
        same=(sha256(content).hexdigest(),),
        payload={"quarantine_id": quarantine_id},
        private=content,
        subject_key_id=quarantine_id,
    )


_QUOTED = re.compile(r"`([^`]*)`")
_HELD = """
    select reason_code, system, entity, count(*) as records,
           count(distinct connection_id) as connections, min(fetched_at) as oldest_at
    from published.quarantine
    where replayed_at is null
    group by all
    order by records desc, reason_code, system, entity
"""
_READ = 'select sum("read")::bigint as "read" from published.syncs'
_RESOLVED = """
    select count(*) filter (replayed_at is null) as held,
           count(*) filter (resolution = 'replayed') as mended,
           count(*) filter (resolution = 'superseded') as superseded
    from published.quarantine
"""
_COLUMNS = """quarantine_id, connection_id, system, entity, record_id, endpoint, position,
    reason_code, detail, fetched_at, replayed_at, resolution"""
_FITTING = """
    from published.quarantine
    where ($state = '' or ($state = 'open') = (replayed_at is null))
      and ($reason = '' or reason_code = $reason)
      and ($connection = '' or connection_id = $connection)
      and ($wanted = '' or
           contains(lower(coalesce(record_id, '') || ' ' || detail), $wanted))
"""
