"""What was not taken in and which rules failed: the questions about data quality, one each.

Read from the newest published file, also for a tenant whose figures stay at an earlier version:
what holds it back stands there. Reasons and places only; bytes are read through `apps.access`.
"""

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

RULES = {
    "debtor_known": "Every receivable names its debtor",
    "amount_present": "Every receivable has an amount",
    "currency_listed": "Every currency is listed",
    "issue_date_present": "Every receivable has an issue date",
    "status_understood": "Every status is one we know",
    "due_not_before_issue": "Nothing is due before it was issued",
    "amount_not_zero": "No document is empty",
    "issue_not_in_future": "Nothing is issued in the future",
    "debtor_tax_id_known": "Debtors have a tax id",
    "payments_itemised": "What was paid is the sum of payments",
    "records_readable": "Records can be read",
}
"""Rules of the marts as a reader says them."""

PAGE = 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a tenant's newest figures may be published.

    Attributes:
        is_publishable: no blocking check failed.
        failed_checks: how many did.
        first_failure: one of them, in words.
    """

    is_publishable: bool
    failed_checks: int
    first_failure: str | None


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule found in one entity of one connection.

    Attributes:
        connection_id: which connection; empty for rules over a whole table.
        entity: which entity or table.
        rule: its code.
        failed: records that break it.
        checked: records looked at.
        is_blocking: over its tolerance the tenant is not published.
        is_failed: it is over its tolerance.
    """

    connection_id: str
    entity: str
    rule: str
    failed: int
    checked: int
    is_blocking: bool
    is_failed: bool


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


def verdict(snapshot: Snapshot) -> Verdict:
    """Return the tenant's verdict, the arriving batch's own promises included."""
    rows = list(
        snapshot.rows(
            "select failed_checks, is_publishable, first_failure"
            " from marts_compliance.rpt_tenant_verdicts"
        )
        if snapshot.has("marts_compliance.rpt_tenant_verdicts")
        else ()
    )
    failed = int(rows[0]["failed_checks"]) if rows else 0
    first = rows[0].get("first_failure") if rows else None
    broken = [one for one in rules(snapshot) if one.is_failed and not one.connection_id]
    if broken and first is None:
        first = f"contract: {broken[0].rule} in {broken[0].entity}"
    is_publishable = (bool(rows[0]["is_publishable"]) if rows else True) and not broken
    return Verdict(is_publishable, failed + len(broken), None if first is None else str(first))


def rules(snapshot: Snapshot) -> list[RuleResult]:
    """Return every rule's result, failures first."""
    found = [RuleResult(**row) for row in snapshot.rows(_RULES)] if _has_rules(snapshot) else []
    if snapshot.has("published.contracts"):
        found += [RuleResult(**row) for row in snapshot.rows(_CONTRACTS)]
    found.sort(key=lambda one: (not one.is_failed, not one.failed, -one.failed, one.rule))
    return found


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


def records(
    snapshot: Snapshot, reason: str, connection_id: str, entity: str, state: str, wanted: str
) -> pl.DataFrame:
    """Return quarantined records, newest first: at most `PAGE`, with `total` on each row.

    Args:
        snapshot: what to read.
        reason: only this reason code; empty for any.
        connection_id: only this connection; empty for any.
        entity: only this entity; empty for any.
        state: `open`, `resolved` or empty for both.
        wanted: part of the record's id or of the detail; empty for any.
    """
    return snapshot.frame(
        _RECORDS,
        {
            "reason": reason,
            "connection": connection_id,
            "entity": entity,
            "state": state,
            "wanted": wanted.casefold(),
            "page": PAGE,
        },
    )


def record(snapshot: Snapshot, quarantine_id: str) -> dict[str, object] | None:
    """Return one quarantined record without its bytes; none when the tenant has no such one."""
    found = snapshot.rows(
        "select * from published.quarantine where quarantine_id = $id", {"id": quarantine_id}
    )
    return next(iter(found), None)


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


def _has_rules(snapshot: Snapshot) -> bool:
    return snapshot.has("published.data_quality")


_RULES = """
    select connection_id, entity, rule, failed_count as failed, checked_count as checked,
           is_blocking, is_failed
    from published.data_quality
"""
_CONTRACTS = """
    select '' as connection_id, asset_key as entity,
           rule || case when column_name = '' then '' else ' · ' || column_name end as rule,
           failed_count as failed, checked_count as checked,
           true as is_blocking, is_met = 0 as is_failed
    from published.contracts
"""
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
_RECORDS = """
    select quarantine_id, connection_id, system, entity, record_id, endpoint, position,
           reason_code, detail, fetched_at, replayed_at, resolution, count(*) over () as total
    from published.quarantine
    where ($reason = '' or reason_code = $reason)
      and ($connection = '' or connection_id = $connection)
      and ($entity = '' or entity = $entity)
      and ($state = '' or ($state = 'open') = (replayed_at is null))
      and ($wanted = '' or lower(coalesce(record_id, '') || ' ' || detail) like
           '%' || $wanted || '%')
    order by fetched_at desc, quarantine_id
    limit $page
"""
