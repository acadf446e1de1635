"""Keys that make an act the same act when it is tried again.

A key depends on what is done and nothing else (no time, no attempt), so a repeated call cannot do
it twice at a counterpart that honours keys.
"""

from __future__ import annotations

from models.domain.identity import surrogate_key

END_TO_END_LENGTH = 35
"""Longest end-to-end id of ISO 20022 payments."""


def idempotency_key(kind: str, *parts: str) -> str:
    """Give the key of one act: kind and whatever makes it this act."""
    return surrogate_key("act", kind, *parts)


def payment_key(decision_id: str, amount_minor: int, currency: str, account: str) -> str:
    """Give the key of paying one decision's advance to one account."""
    return idempotency_key("bank.pay", decision_id, str(amount_minor), currency, account)


def end_to_end_id(decision_id: str) -> str:
    """Give the id that travels with a payment: short enough for every scheme, stable."""
    return f"IFP{surrogate_key('e2e', decision_id)[: END_TO_END_LENGTH - 3]}".upper()
