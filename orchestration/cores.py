"""Decision cores read back from the ledger: what is sent is composed from what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from models.domain.outcomes import Check, DecisionCore, LimitUse, Outcome, Reason, Status

if TYPE_CHECKING:
    from ledger.store import Ledger


class UnknownDecisionError(Exception):
    """The ledger holds no decision of this id."""


def read(ledger: Ledger, tenant_id: str, decision_id: str) -> DecisionCore:
    """Read the core of a decision.

    Raises:
        UnknownDecisionError: There is none.
    """
    found = ledger.latest("decision", tenant_id, key=decision_id)
    if found is None:
        raise UnknownDecisionError(f"no decision {decision_id} of tenant {tenant_id}")
    return of_body(found.entry.body)


def of_body(body: Mapping[str, Any]) -> DecisionCore:
    """Build a core from the body of a decision entry; what is no field of a core is left out."""
    plain = {item.name: body[item.name] for item in fields(DecisionCore)}
    plain["outcome"] = Outcome(body["outcome"])
    plain["days_to_pay"] = tuple(body["days_to_pay"])
    plain["conditions"] = tuple(body["conditions"])
    plain["fingerprints_near"] = tuple(body["fingerprints_near"])
    plain["reasons"] = tuple(Reason(**item) for item in body["reasons"])
    plain["limits"] = tuple(LimitUse(**item) for item in body["limits"])
    plain["counterfactuals"] = tuple(
        (item["code"], item["target"]) for item in body["counterfactuals"]
    )
    plain["checks"] = tuple(
        Check(**{**item, "status": Status(item["status"]), "evidence": tuple(item["evidence"])})
        for item in body["checks"]
    )
    return DecisionCore(**plain)
