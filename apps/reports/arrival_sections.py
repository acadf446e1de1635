"""The sections on data and evidence: what arrived, whether it adds up, what the ledger holds."""

from typing import Any

from apps.look import count, major, percent, plural, share_ppm
from apps.reports.document import Column, Kind, Origin, Section, Table
from apps.warehouse import Snapshot

_CURRENCY = Column("Currency")
_SYNC_COUNTS = ("Syncs", "Failed", "Read", "Landed", "Unchanged", "Duplicate", "Quarantined")
_TOTALS = (
    ("source_minor", "Source"),
    ("mart_minor", "Marts"),
    ("not_yet_known_minor", "Not yet known"),
    ("superseded_minor", "Superseded"),
    ("out_of_scope_minor", "Out of scope"),
    ("quarantined_minor", "Quarantined"),
    ("rounding_minor", "Rounding"),
    ("difference_minor", "Difference"),
)


def control_totals(snapshot: Snapshot) -> Section:
    """Answer whether the marts add up to what the sources stated."""
    title = "Do the figures add up to the sources?"
    rows = list(snapshot.rows(_CONTROL_TOTALS))
    if not rows:
        return Section(title, "No source has stated a control total yet.", ())
    off = [row for row in rows if row["difference_minor"]]
    answer = (
        f"Yes: all {plural(len(rows), 'control total')} agree with the source to the last unit."
        if not off
        else f"No: {len(off):,} of {plural(len(rows), 'control total')} differ from the source."
    )
    shown = [(name, label) for name, label in _TOTALS if name in rows[0] and _matters(rows, name)]
    table = Table(
        "Control totals",
        "The source's own sum, and where each part of it is; the difference must be zero",
        "marts_compliance.rpt_control_totals",
        (
            Column("Connection"),
            Column("Entity"),
            _CURRENCY,
            *(Column(label, Kind.MONEY) for _, label in shown),
        ),
        tuple(
            (
                row["connection_id"],
                row["entity"].replace("_", " "),
                row["currency"],
                *(major(row[name] or 0, row["currency"]) for name, _ in shown),
            )
            for row in rows
        ),
    )
    return Section(title, answer, (table,))


def _matters(rows: list[dict[str, Any]], name: str) -> bool:
    """Keep the three sums always, the explanations only where one of them is not zero."""
    always = {"source_minor", "mart_minor", "difference_minor"}
    return name in always or any(row[name] for row in rows)


def arrivals(snapshot: Snapshot) -> Section:
    """Answer what the last syncs brought and what could not be read."""
    title = "Did the data arrive?"
    syncs = list(snapshot.rows(_SYNCS)) if snapshot.has("published.syncs") else []
    held = list(snapshot.rows(_HELD)) if snapshot.has("published.quarantine") else []
    if not syncs:
        return Section(title, "No sync is recorded in this snapshot.", ())
    read = sum(row["read"] for row in syncs)
    failed = sum(row["failed"] for row in syncs)
    quarantined = sum(row["quarantined"] for row in syncs)
    answer = (
        f"{count(read)} records were read; {count(quarantined)} of them "
        f"({percent(share_ppm(quarantined, read), 2)}) are in quarantine with a reason, and "
        f"{plural(failed, 'sync')} failed."
    )
    tables = [
        Table(
            "Syncs",
            "Records of all recorded syncs: read = landed + unchanged + duplicate + quarantined",
            "published.syncs",
            (
                Column("System"),
                Column("Entity"),
                *(Column(label, Kind.COUNT) for label in _SYNC_COUNTS),
            ),
            tuple(
                (
                    row["system"], row["entity"].replace("_", " "), row["syncs"], row["failed"],
                    row["read"], row["landed"], row["unchanged"], row["duplicate"],
                    row["quarantined"],
                )
                for row in syncs
            ),
        )
    ]  # fmt: skip
    tables.append(
        Table(
            "Quarantine",
            "Records that could not be read, by reason; none is dropped, all can be replayed",
            "published.quarantine",
            (
                Column("Reason", Kind.CODE),
                Column("System"),
                Column("Entity"),
                Column("Records", Kind.COUNT),
            ),
            tuple(
                (row["reason_code"], row["system"], row["entity"], row["records"]) for row in held
            ),
        )
    )
    return Section(title, answer, tuple(tables))


def quality(snapshot: Snapshot) -> Section:
    """Answer which rules of data quality failed."""
    rows = list(snapshot.rows(_QUALITY))
    failed = [row for row in rows if row["failed_count"]]
    answer = (
        f"{plural(len(rows), 'rule')} were applied; "
        + (f"{len(failed):,} of them failed on at least one row." if failed else "none failed.")
        if rows
        else "No rule of data quality was applied in this snapshot."
    )
    table = Table(
        "Data quality",
        "Rules that failed, with how many of the rows they looked at",
        "marts_compliance.rpt_data_quality",
        (
            Column("Rule"),
            Column("Entity"),
            Column("Failed", Kind.COUNT),
            Column("Checked", Kind.COUNT),
            Column("Of checked", Kind.SHARE),
        ),
        tuple(
            (
                row["rule"].replace("_", " "),
                row["entity"].replace("_", " "),
                row["failed_count"],
                row["checked_count"],
                share_ppm(row["failed_count"], row["checked_count"]),
            )
            for row in failed
        ),
    )
    return Section("Is the data sound?", answer, (table,))


def seal(snapshot: Snapshot, origin: Origin) -> Section:
    """Answer what the ledger holds of the tenant, as a seal on the report."""
    rows = list(snapshot.rows(_ENTRIES)) if snapshot.has("audit.entries") else []
    answer = (
        f"The ledger held {plural(origin.ledger_size, 'entry')} when this report was made; their "
        f"Merkle root is {origin.ledger_root[:16]}…, stated in the signed checkpoint below."
    )
    table = Table(
        "Ledger entries",
        "The tenant's entries by type up to this snapshot, with the first and the last of each",
        "audit.entries",
        (
            Column("Type"),
            Column("Entries", Kind.COUNT),
            Column("First entry", Kind.COUNT),
            Column("Last entry", Kind.COUNT),
        ),
        tuple(
            (row["type"].replace("_", " "), row["entries"], row["first"], row["last"])
            for row in rows
        ),
    )
    return Section("What does the ledger hold?", answer, (table,))


_CONTROL_TOTALS = """
    select * from marts_compliance.rpt_control_totals
    order by connection_id, entity, currency
"""
_SYNCS = """
    select system, entity, count(*) as syncs,
           (count(*) filter (status <> 'ok'))::bigint as failed,
           sum(read)::bigint as read, sum(landed)::bigint as landed,
           sum(unchanged)::bigint as unchanged, sum(duplicate)::bigint as duplicate,
           sum(quarantined)::bigint as quarantined
    from published.syncs
    group by system, entity
    order by system, entity
"""
_HELD = """
    select reason_code, system, entity, count(*) as records
    from published.quarantine
    where replayed_at is null
    group by all
    order by records desc, reason_code, system, entity
"""
_ENTRIES = """
    select type, count(*) as entries, min(entry_index) as "first", max(entry_index) as "last"
    from audit.entries
    group by type
    order by type
"""
_QUALITY = """
    select entity, rule, sum(failed_count)::bigint as failed_count,
           sum(checked_count)::bigint as checked_count
    from marts_compliance.rpt_data_quality
    group by entity, rule
    order by failed_count desc, entity, rule
"""
