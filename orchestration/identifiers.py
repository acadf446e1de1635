"""Ids of what is decided, asked, paid and said: derived, so that the same thing has the same id.

An id is made of what makes the thing the same thing. Deciding again on an unchanged receivable
under an unchanged policy and model gives the id of the decision that exists; asking the bank again
for it gives the request it has answered already.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.domain.identity import surrogate_key


def decision_id(
    receivable_id: str, state_hash: str, policy_hash: str, model_hashes: Mapping[str, str]
) -> str:
    """Name a decision by what it was made on and by."""
    models = [f"{name}={model_hashes[name]}" for name in sorted(model_hashes)]
    return surrogate_key("decision", receivable_id, state_hash, policy_hash, *models)


def verification_id(seller_id: str, iban: str) -> str:
    """Name the question whether an account belongs to a seller."""
    return surrogate_key("bank.verify_account", seller_id, iban)


def message_id(kind: str, about: str) -> str:
    """Name a message by its kind and what it is about."""
    return surrogate_key("message", kind, about)
