"""One decision made true: reservation, entry and what is owed to the bank, in one transaction.

::

    core ─► reservation (approvals) ─► decision entry ─► bank_submission entry + task `bank.submit`
                 └ refused: the decision says so instead

Batch and worker commit by this and nothing else; replay reserves by it in a state of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ledger.entry import Entry
from ledger.errors import ReservationRefused
from ledger.reservations import Limit, Reservation
from models.actions.payment_order import payout_minor
from models.domain.outcomes import DecisionCore, Outcome
from models.domain.reasons import reason
from orchestration import directory, identifiers
from orchestration.settlements import SUBMIT, SYSTEM, VERIFY

if TYPE_CHECKING:
    from ledger.transaction import Transaction
    from orchestration.platform import Platform

_REFUSALS = {
    "DUPLICATE_EXACT": ("R201", Outcome.REJECT),
    "NEAR_DUPLICATE": ("R206", Outcome.REFER),
    "LIMIT_SELLER": ("R501", Outcome.REFER),
    "LIMIT_DEBTOR": ("R502", Outcome.REFER),
    "LIMIT_GROUP": ("R505", Outcome.REFER),
}


@dataclass(frozen=True, slots=True)
class Making:
    """How a decision came about, beside its core.

    Attributes:
        decision_id: Its id.
        state_hash: The receivable's state it was made on.
        requested_at: When the receivable was recorded, ISO 8601.
        ledger_size: Size of the ledger whose reservations it was assessed under.
        inputs: Records it stands on, with the versions they are in.
        run_id: The run that made it.
        beside: What else its entry says.
    """

    decision_id: str
    state_hash: str
    requested_at: str
    ledger_size: int
    inputs: Sequence[Mapping[str, Any]]
    run_id: str
    beside: Mapping[str, Any] = field(default_factory=dict)


def commit_one(
    platform: Platform, tx: Transaction, core: DecisionCore, made: Making
) -> DecisionCore:
    """Reserve, append the decision and ask the bank; give what was decided in the end."""
    final = reserved(tx.reserve, core)
    body = {
        **final.body(),
        "decision_id": made.decision_id,
        "state_hash": made.state_hash,
        "core_digest": final.digest,
        "requested_at": made.requested_at,
        "decided_at": platform.clock.text,
        "ledger_size": made.ledger_size,
        "inputs": list(made.inputs),
        "run_id": made.run_id,
        **made.beside,
    }
    tx.append(_entry(platform, "decision", final, body))
    if final.outcome is Outcome.APPROVE:
        _submit(platform, tx, final, made.decision_id)
    return final


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
                ask_for_account(platform, tx, tenant_id, payee)


def ask_for_account(
    platform: Platform, tx: Transaction, tenant_id: str, payee: directory.Payee
) -> None:
    """Ask the bank, unless it was asked before, whether an account is really a seller's."""
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


def reserved(reserve: Callable[[Reservation], object], core: DecisionCore) -> DecisionCore:
    """Reserve what an approval takes; what cannot be reserved is decided otherwise.

    Args:
        reserve: Takes a reservation or raises ``ReservationRefused``.
        core: What the assessment says.
    """
    if core.outcome is not Outcome.APPROVE:
        return core
    try:
        reserve(
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
        return _otherwise(core, refusal.code)
    return core


def _otherwise(core: DecisionCore, refusal: str) -> DecisionCore:
    code, outcome = _REFUSALS[refusal]
    rest = tuple(replace(item, rank=item.rank + 1) for item in core.reasons)
    return replace(
        core,
        outcome=outcome,
        reasons=(reason(code, 1), *rest),
        advance_bps=0,
        advance_minor=0,
        fee_minor=0,
        conditions=(),
        valid_hours=0,
    )


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
