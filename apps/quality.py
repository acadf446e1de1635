"""Which rules were kept: the tenant's verdict and every rule's result, one question each.

Read from the newest published file, also for a tenant whose figures stay at an earlier version:
what holds it back stands there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from apps.warehouse import Snapshot

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

PROMISES = {
    "value_lengths_to_be_between": "is filled",
    "values_to_be_between": "lies within its bounds",
    "values_to_be_in_set": "is one of the known values",
    "values_to_match_regex": "has its form",
}
"""What an arriving batch promises of a column, by the expectation's name."""


CONSEQUENCES = ("holds back", "over", "within", "kept")
"""What a rule's result leads to, the worst first."""


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
class RuleSummary:
    """What one rule found everywhere.

    Attributes:
        rule: its code.
        failed: records that break it.
        checked: records looked at.
        broken: the places where something breaks it, the most first.
        places: how many places it was applied to.
        worst: `holds back`, `over`, `within` its tolerance, or `kept`.
    """

    rule: str
    failed: int
    checked: int
    broken: tuple[RuleResult, ...]
    places: int
    worst: str


def rule_text(rule: str) -> str:
    """Say a rule in words: one of the marts by its name, one of a contract by its column."""
    expectation, _, column = rule.partition(" · ")
    if not column:
        return RULES.get(rule, rule.replace("_", " "))
    name = _WORD_STARTS.sub("_", expectation).lower().removeprefix("expect_column_")
    return f"{column.replace('_', ' ').capitalize()} {PROMISES.get(name, name.replace('_', ' '))}"


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


def summarised(results: Iterable[RuleResult]) -> list[RuleSummary]:
    """Put the results of each rule together, those that hold the tenant back first."""
    grouped: dict[str, list[RuleResult]] = {}
    for one in results:
        grouped.setdefault(one.rule, []).append(one)
    found = [
        RuleSummary(
            rule=rule,
            failed=sum(one.failed for one in parts),
            checked=sum(one.checked for one in parts),
            broken=tuple(sorted((one for one in parts if one.failed), key=lambda o: -o.failed)),
            places=len(parts),
            worst=min((consequence(one) for one in parts), key=CONSEQUENCES.index),
        )
        for rule, parts in grouped.items()
    ]
    return sorted(found, key=lambda one: (CONSEQUENCES.index(one.worst), -one.failed, one.rule))


def consequence(result: RuleResult) -> str:
    """Say what a result leads to, one of `CONSEQUENCES`."""
    if result.is_failed:
        return "holds back" if result.is_blocking else "over"
    return "within" if result.failed else "kept"


_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])")


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
