"""Everything a snapshot holds about one decision, read in one go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.access.personal_data import party_label
from apps.decided import rows_about
from apps.look import short_hash
from apps.warehouse import Snapshot

Row = Mapping[str, Any]

_BLOCKING = frozenset({"refer", "error", "hard_reject"})


@dataclass(frozen=True)
class Case:
    """Everything the snapshot holds about one decision."""

    decision: Row
    receivable: Row
    seller: Row
    debtor: Row
    reasons: list[Row]
    checks: list[Row]
    features: Row
    score: Row
    payments: list[Row]
    messages: list[Row]

    @property
    def debtor_label(self) -> str:
        """How the debtor is called on screen."""
        return party_label(self.debtor.get("display_name"), self.decision["debtor_id"])

    @property
    def blocking(self) -> list[Row]:
        """The reasons that stood in the way; the others only explain the score."""
        status = {check["code"]: check["status"] for check in self.checks if check["code"]}
        return [
            reason
            for reason in self.reasons
            if status.get(reason["code"], _unchecked(reason)) in _BLOCKING
        ]

    @property
    def number(self) -> str:
        """How the receivable is called on screen."""
        return str(self.receivable.get("number") or short_hash(self.decision["receivable_id"]))


def read(snapshot: Snapshot, decision_id: str) -> Case | None:
    """Read a decision and what belongs to it, none when this tenant has no such decision."""
    found = rows_about(snapshot, "decisions.decisions", "decision_id", decision_id)
    if not found:
        return None
    row = found[0]

    def first(table_name: str, key: str) -> Row:
        rows = rows_about(snapshot, table_name, key, str(row[key]))
        return rows[0] if rows else {}

    def all_of(table_name: str, order: str) -> list[Row]:
        rows = rows_about(snapshot, table_name, "decision_id", decision_id)
        return sorted(rows, key=lambda item: (item.get(order) is None, item.get(order)))

    return Case(
        decision=row,
        receivable=first("marts_risk.fct_receivables", "receivable_id"),
        seller=first("marts_risk.dim_sellers", "seller_id"),
        debtor=first("marts_risk.dim_debtors", "debtor_id"),
        reasons=all_of("decisions.reasons", "rank"),
        checks=all_of("decisions.checks", "position"),
        features=first("features.payment_behaviour", "receivable_id"),
        score=first("scores.receivable_scores", "receivable_id"),
        payments=all_of("actions.payments", "updated_at"),
        messages=all_of("actions.messages", "updated_at"),
    )


def _unchecked(reason: Row) -> str:
    """Say what a reason without a check of its own amounts to."""
    return "info" if reason["reason_group"] == "score" else "refer"
