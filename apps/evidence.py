"""The questions about proof: do figures add up, what looked wrong, is every act in the ledger.

Control totals, data quality and receipts come from the marts, decisions and payments are held
against the ledger's own list of entries in the same snapshot. Nothing here reads names of persons.
"""

from dataclasses import dataclass

from apps.decided import general_text
from apps.warehouse import Snapshot


@dataclass(frozen=True)
class ControlSum:
    """Control totals of one system, entity and currency, over all its connections.

    Attributes:
        system: the source system.
        entity: what was counted.
        currency: ISO 4217 code.
        totals: how many control totals.
        unstated: those where the source stated none.
        differing: those that do not agree.
        source_minor: the sources' own sum.
        mart_minor: what the marts hold of it.
        explained_minor: what is elsewhere with a reason: later, superseded, out of scope,
            quarantined, rounded.
        difference_minor: what is left; must be zero.
    """

    system: str
    entity: str
    currency: str
    totals: int
    unstated: int
    differing: int
    source_minor: int
    mart_minor: int
    explained_minor: int
    difference_minor: int


@dataclass(frozen=True)
class Signal:
    """A sign of a duplicate or a fraud, and how often it was seen.

    Attributes:
        code: reason code, or a word for signs that are no reason.
        text: what it says.
        stopped: requests it rejected.
        referred: requests it sent to a person.
        noted: receipts or requests where it was only noted.
    """

    code: str
    text: str
    stopped: int
    referred: int
    noted: int

    @property
    def seen(self) -> int:
        """How often it was seen at all."""
        return self.stopped + self.referred + self.noted


@dataclass(frozen=True)
class Completeness:
    """Acts of the snapshot held against the ledger's entries of the same snapshot.

    Attributes:
        kind: `decision` or `payment_instruction`.
        acts: how many the snapshot holds.
        proven: how many have their entry.
    """

    kind: str
    acts: int
    proven: int


@dataclass(frozen=True)
class QualityRule:
    """A rule of data quality over all connections of the tenant."""

    rule: str
    entity: str
    failed: int
    checked: int
    is_blocking: bool
    is_failed: bool


@dataclass(frozen=True)
class Verdict:
    """Whether the tenant's own checks let its figures be published."""

    is_publishable: bool
    failed_checks: int
    first_failure: str | None


def control_sums(snapshot: Snapshot, system: str = "", currency: str = "") -> list[ControlSum]:
    """Return control totals by system, entity and currency; what differs comes first.

    Args:
        snapshot: what to read.
        system: only of this source system; of all when empty.
        currency: only in this currency; in all when empty.
    """
    rows = snapshot.rows(_CONTROL_SUMS, {"system": system, "currency": currency})
    return [ControlSum(**row) for row in rows]


def signals(snapshot: Snapshot) -> list[Signal]:
    """Return the signs of duplicates and fraud that were seen, most frequent first."""
    found = [
        Signal(text=general_text(row["code"], row["code"]), **row)
        for row in snapshot.rows(_VALIDITY)
    ]
    strangers = next(snapshot.rows(_STRANGERS))["noted"]
    if strangers:
        text = "Receipt was paid by somebody other than the debtor"
        found.append(Signal("payer", text, 0, 0, strangers))
    return sorted(found, key=lambda signal: (-signal.seen, signal.code))


def completeness(snapshot: Snapshot) -> list[Completeness]:
    """Return for decisions and payments how many have their entry, by index and hash."""
    return [Completeness(**row) for row in snapshot.rows(_COMPLETENESS)]


def quality(snapshot: Snapshot) -> list[QualityRule]:
    """Return the rules of data quality that found something, the worst first."""
    return [QualityRule(**row) for row in snapshot.rows(_QUALITY)]


def rule_count(snapshot: Snapshot) -> int:
    """Return how many rules of data quality were applied."""
    query = "select count(distinct (rule, entity)) as n from marts_compliance.rpt_data_quality"
    return int(next(snapshot.rows(query))["n"])


def verdict(snapshot: Snapshot) -> Verdict | None:
    """Return what the tenant's checks said, none when the snapshot holds no verdict."""
    query = (
        "select is_publishable, failed_checks, first_failure "
        "from marts_compliance.rpt_tenant_verdicts limit 1"
    )
    return next((Verdict(**row) for row in snapshot.rows(query)), None)


def entry_counts(snapshot: Snapshot) -> dict[str, int]:
    """Return the tenant's ledger entries by type, the most frequent first."""
    query = "select type, count(*) as n from audit.entries group by type order by n desc, type"
    return {row["type"]: row["n"] for row in snapshot.rows(query)}


_CONTROL_SUMS = """
    select source_system as system, entity, currency, count(*) as totals,
           count(*) filter (not is_stated) as unstated,
           count(*) filter (difference_minor <> 0) as differing,
           coalesce(sum(source_minor), 0)::bigint as source_minor,
           coalesce(sum(mart_minor), 0)::bigint as mart_minor,
           sum(
               coalesce(not_yet_known_minor, 0) + coalesce(superseded_minor, 0)
               + coalesce(out_of_scope_minor, 0) + coalesce(quarantined_minor, 0)
               + coalesce(rounding_minor, 0)
           )::bigint as explained_minor,
           coalesce(sum(abs(difference_minor)), 0)::bigint as difference_minor
    from marts_compliance.rpt_control_totals
    where ($system = '' or source_system = $system)
      and ($currency = '' or currency = $currency)
    group by all
    order by differing desc, system, entity, currency
"""
_VALIDITY = """
    select code, count(distinct decision_id) filter (status = 'hard_reject') as stopped,
           count(distinct decision_id) filter (status in ('refer', 'error')) as referred,
           count(distinct decision_id) filter (status = 'info') as noted
    from decisions.checks
    where check_group = 'validity' and code is not null and status <> 'pass'
    group by code
"""
_STRANGERS = """
    select count(distinct transaction_id) as noted
    from marts_portfolio.fct_cash_applications
    where payer_is_debtor = false
"""
_COMPLETENESS = """
    select 'decision' as kind, count(*) as acts, count(entries.entry_index) as proven
    from decisions.decisions as acts
    left join audit.entries as entries
        on entries.entry_index = acts.ledger_index
        and entries.leaf_hash = acts.leaf_hash
        and entries.type = 'decision'
    union all
    select 'payment_instruction', count(*), count(begun.key)
    from actions.payments as acts
    left join (
        select distinct key from audit.entries where type = 'payment_instruction'
    ) as begun
        on begun.key = acts.decision_id
"""
_QUALITY = """
    select rule, entity, sum(failed_count)::bigint as failed,
           sum(checked_count)::bigint as checked, bool_or(is_blocking) as is_blocking,
           bool_or(is_failed) as is_failed
    from marts_compliance.rpt_data_quality
    group by rule, entity
    having sum(failed_count) > 0
    order by bool_or(is_blocking and is_failed) desc, bool_or(is_failed) desc, failed desc,
             rule, entity
"""
