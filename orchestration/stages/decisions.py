"""Assessments → decisions: each becomes true by one transaction of the ledger.

::

    core ─► reservation (approvals) ─► decision entry ─► bank_submission entry + task `bank.submit`
                 └ refused: the decision says so instead

A decision's id is made of the receivable's state, the policy and the models, so committing again
finds it there. Batch and worker make the same call in the same canonical order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ledger.entry import Entry
from ledger.errors import ReservationRefused
from ledger.reservations import Limit, Reservation
from models.actions.payment_order import payout_minor
from models.domain.outcomes import DecisionCore, Outcome
from models.domain.reasons import reason
from orchestration import datasets, directory, identifiers, lineage
from orchestration.commit_points import CommitPoint
from orchestration.settlements import SUBMIT, SYSTEM, VERIFY
from orchestration.stages import assessment, derived

if TYPE_CHECKING:
    from ledger.transaction import Transaction
    from orchestration.lineage import Announced
    from orchestration.platform import Platform
    from orchestration.stages.assessment import Asked

_AT_ONCE = 100
_REFUSALS = {
    "DUPLICATE_EXACT": ("R201", Outcome.REJECT),
    "NEAR_DUPLICATE": ("R206", Outcome.REFER),
    "LIMIT_SELLER": ("R501", Outcome.REFER),
    "LIMIT_DEBTOR": ("R502", Outcome.REFER),
    "LIMIT_GROUP": ("R505", Outcome.REFER),
}


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

    Args:
        platform: The opened platform.
        run_id: The run that decides.
        only: Restrict to these receivables.
    """
    report = DecisionReport()
    for item in assessment.asked(platform):
        result = assessment.decide(platform, item, only)
        if result is None:
            continue
        proven = prove(platform, [core.receivable_id for core in result.cores])
        ask_for_accounts(platform, directory.read(platform), result.cores)
        for batch in _batches(result.cores):
            committed = commit_cores(platform, item, batch, proven, run_id=run_id)
            for outcome in committed:
                report.outcomes[outcome] = report.outcomes.get(outcome, 0) + 1
            platform.reach(CommitPoint.FIRST_DECISION_COMMITTED)
    report.rows = derived.write_decisions(platform)
    lineage.announce(platform, datasets.DECIDED, run_id=run_id)
    return report


def commit_cores(
    platform: Platform,
    item: Asked,
    cores: Sequence[DecisionCore],
    proven: Proven,
    *,
    run_id: str,
) -> list[str]:
    """Commit some decisions in one transaction; return the outcomes of those that are new."""
    outcomes = []
    requested = dict(item.found.receivables.select("receivable_id", "recorded_at").iter_rows())
    with platform.ledger.transaction() as tx:
        for core in cores:
            decision_id = item.decision_id(core.receivable_id)
            if tx.projection("decisions", tenant_id=core.tenant_id, key=decision_id):
                continue
            final = _reserved(tx, core)
            body = {
                **final.body(),
                "decision_id": decision_id,
                "state_hash": item.states[core.receivable_id],
                "core_digest": final.digest,
                "requested_at": requested[core.receivable_id].isoformat(),
                "decided_at": platform.clock.text,
                "inputs": proven.inputs(core.tenant_id, core.receivable_id),
                "run_id": run_id,
            }
            tx.append(_entry(platform, "decision", final, body))
            if final.outcome is Outcome.APPROVE:
                _submit(platform, tx, final, decision_id)
            outcomes.append(final.outcome.value)
    return outcomes


def ask_for_accounts(
    platform: Platform, known: directory.Directory, cores: Iterable[DecisionCore]
) -> None:
    """Ask the bank once per approved seller whether the account to be paid is really theirs."""
    approved = (core for core in cores if core.outcome is Outcome.APPROVE)
    sellers = sorted({(core.tenant_id, core.seller_id) for core in approved})
    with platform.ledger.transaction() as tx:
        for tenant_id, seller_id in sellers:
            payee = known.payees.get(seller_id)
            if payee is not None:
                _ask_for_account(platform, tx, tenant_id, payee)


def _ask_for_account(
    platform: Platform, tx: Transaction, tenant_id: str, payee: directory.Payee
) -> None:
    request_id = identifiers.verification_id(payee.seller_id, payee.iban)
    if tx.projection("submissions", tenant_id=tenant_id, key=request_id):
        return
    payload = {"request_id": request_id, "seller_id": payee.seller_id}
    body = {**payload, "about": "account_verification", "status": "queued"}
    tx.append(
        Entry(
            type="bank_submission",
            tenant_id=tenant_id,
            occurred_at=platform.clock.as_of,
            actor=SYSTEM,
            subjects=(payee.seller_id,),
            body=body,
        )
    )
    tx.enqueue(VERIFY, tenant_id, request_id, payload)


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


def _reserved(tx: Transaction, core: DecisionCore) -> DecisionCore:
    """Reserve what an approval takes; what cannot be reserved is decided otherwise."""
    if core.outcome is not Outcome.APPROVE:
        return core
    try:
        tx.reserve(
            Reservation(
                tenant_id=core.tenant_id,
                fingerprint_exact=core.fingerprint_exact,
                fingerprints_near=core.fingerprints_near,
                receivable_id=core.receivable_id,
                amount_minor=core.advance_minor,
                currency=core.currency,
                limits=tuple(Limit(use.kind, use.id, use.limit_minor) for use in core.limits),
            )
        )
    except ReservationRefused as refusal:
        code, outcome = _REFUSALS[refusal.code]
        first = reason(code, 1)
        rest = tuple(replace(item, rank=item.rank + 1) for item in core.reasons)
        return replace(
            core,
            outcome=outcome,
            reasons=(first, *rest),
            advance_bps=0,
            advance_minor=0,
            fee_minor=0,
            conditions=(),
            valid_hours=0,
        )
    return core


def _submit(platform: Platform, tx: Transaction, core: DecisionCore, decision_id: str) -> None:
    payload = {
        "request_id": decision_id,
        "decision_id": decision_id,
        "receivable_id": core.receivable_id,
        "seller_id": core.seller_id,
        "debtor_id": core.debtor_id,
        "face_minor": core.requested_minor,
        "advance_minor": core.advance_minor,
        "fee_minor": core.fee_minor,
        "payout_minor": payout_minor(core),
        "currency": core.currency,
        "due_on": core.due_on,
        "grade": core.grade,
    }
    tx.append(_entry(platform, "bank_submission", core, {**payload, "status": "queued"}))
    tx.enqueue(SUBMIT, core.tenant_id, f"{SUBMIT}:{decision_id}", payload)


def _entry(platform: Platform, kind: str, core: DecisionCore, body: Mapping[str, Any]) -> Entry:
    return Entry(
        type=kind,
        tenant_id=core.tenant_id,
        occurred_at=platform.clock.as_of,
        actor=SYSTEM,
        subjects=(str(body["decision_id"]), core.receivable_id, core.seller_id, core.debtor_id),
        body=body,
    )


def _batches(cores: Sequence[DecisionCore]) -> Iterable[Sequence[DecisionCore]]:
    """Cut into batches; the first holds one decision, so that a crash can be tried behind it."""
    yield cores[:1]
    for start in range(1, len(cores), _AT_ONCE):
        yield cores[start : start + _AT_ONCE]
