"""Assessments → decisions: every open receivable of every tenant, in canonical order.

A decision's id is made of the receivable's state, the policy and the models, so committing again
finds it there. Each becomes true by `commitment`, as the worker's do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.domain.outcomes import DecisionCore
from orchestration import datasets, directory, lineage, logs
from orchestration.commit_points import CommitPoint
from orchestration.stages import assessment, derived
from orchestration.stages.commitment import Making, ask_for_accounts, commit_one

if TYPE_CHECKING:
    from orchestration.lineage import Announced
    from orchestration.platform import Platform
    from orchestration.stages.assessment import Asked

__all__ = ["DecisionReport", "Proven", "ask_for_accounts", "commit", "commit_cores", "prove"]

log = logs.get(__name__)

_AT_ONCE = 100


@dataclass
class DecisionReport:
    """What was committed.

    Attributes:
        outcomes: New decisions by outcome.
        rows: Decisions in the ledger after.
    """

    outcomes: dict[str, int] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True)
class Proven:
    """Where each input of a decision stands.

    Attributes:
        records: Record hash by asset key and receivable.
        announced: The dataset versions they stand in.
    """

    records: Mapping[str, Mapping[str, str]]
    announced: Announced

    def inputs(self, tenant_id: str, receivable_id: str) -> list[dict[str, Any]]:
        """List a decision's inputs: dataset, record, content root, announcing entry."""
        found = []
        for asset_key, hashes in self.records.items():
            version = self.announced.get(tenant_id, asset_key)
            if receivable_id in hashes and version is not None:
                found.append(
                    {
                        "asset_key": asset_key,
                        "record_sha256": hashes[receivable_id],
                        "content_root": version.root,
                        "entry_index": version.index,
                    }
                )
        return found


def commit(platform: Platform, *, run_id: str, only: set[str] | None = None) -> DecisionReport:
    """Commit every open assessment and derive the tables of decisions.

    A fold stands on what it approved before. Where one of its receivables was decided elsewhere
    in the meantime, the rest is assessed again under what is reserved by then.

    Args:
        platform: The opened platform.
        run_id: The run that decides.
        only: Restrict to these receivables.
    """
    report = DecisionReport()
    for item in assessment.asked(platform):
        while _commit_fold(platform, item, only, report, run_id=run_id):
            log.info("decisions.assessed_again", tenant_id=item.found.tenant_id)
    report.rows = derived.write_decisions(platform)
    lineage.announce(platform, datasets.DECIDED, run_id=run_id)
    return report


def _commit_fold(
    platform: Platform,
    item: Asked,
    only: set[str] | None,
    report: DecisionReport,
    *,
    run_id: str,
) -> bool:
    """Assess what is open and commit it; tell whether the rest has to be assessed again."""
    taken = assessment.standing(platform, item.found.tenant_id)
    result = assessment.decide(platform, item, only, taken=taken)
    if result is None:
        return False
    proven = prove(platform, [core.receivable_id for core in result.cores])
    ask_for_accounts(platform, directory.read(platform), result.cores)
    for batch in _batches(result.cores):
        committed = commit_cores(
            platform, item, batch, proven, run_id=run_id, ledger_size=taken.size
        )
        for outcome in committed:
            report.outcomes[outcome] = report.outcomes.get(outcome, 0) + 1
        platform.reach(CommitPoint.FIRST_DECISION_COMMITTED)
        if len(committed) < len(batch):
            return True
    return False


def commit_cores(
    platform: Platform,
    item: Asked,
    cores: Sequence[DecisionCore],
    proven: Proven,
    *,
    run_id: str,
    ledger_size: int = 0,
) -> list[str]:
    """Commit some decisions in one transaction; return their outcomes.

    Ends before the first that was decided elsewhere already.
    """
    outcomes = []
    requested = dict(item.found.receivables.select("receivable_id", "recorded_at").iter_rows())
    with platform.ledger.transaction() as tx:
        for core in cores:
            decision_id = item.decision_id(core.receivable_id)
            if tx.projection("decisions", tenant_id=core.tenant_id, key=decision_id):
                break
            made = Making(
                decision_id=decision_id,
                state_hash=item.states[core.receivable_id],
                requested_at=requested[core.receivable_id].isoformat(),
                ledger_size=ledger_size,
                inputs=proven.inputs(core.tenant_id, core.receivable_id),
                run_id=run_id,
            )
            outcomes.append(commit_one(platform, tx, core, made).outcome.value)
    return outcomes


def prove(platform: Platform, receivable_ids: Sequence[str]) -> Proven:
    """Hash the rows that decisions stand on, and find the entries that announced them."""
    wanted = set(receivable_ids)
    records: dict[str, dict[str, str]] = {}
    with platform.warehouse.open() as connection:
        for asset_key, (schema, table, join) in datasets.PROVEN.items():
            expression = lineage.row_hash_sql(connection, schema, table)
            rows = connection.execute(
                join.format(hash=expression, table=f"{schema}.{table}")
            ).fetchall()
            records[asset_key] = {key: text for key, text in rows if key in wanted}
    return Proven(records, lineage.latest(platform))


def _batches(cores: Sequence[DecisionCore]) -> Iterable[Sequence[DecisionCore]]:
    """Cut into batches; the first holds one decision, so that a crash can be tried behind it."""
    yield cores[:1]
    for start in range(1, len(cores), _AT_ONCE):
        yield cores[start : start + _AT_ONCE]
