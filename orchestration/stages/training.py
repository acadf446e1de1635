"""The score models in force: trained from a tenant's own history, published in the ledger.

A model stays in force for a month, so that a decision does not change from run to run because a
few more invoices were paid; its hash stands in every decision.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledger.entry import Entry
from orchestration import facts
from orchestration.lineage import SYSTEM

if TYPE_CHECKING:
    from ledger.entry import StoredEntry
    from models.scores.scoring import ScoreModels
    from orchestration.platform import Platform

MODEL_ID = "receivable_scores"
MOST_DAYS_IN_FORCE = 31


def ensure_models(platform: Platform, *, again: bool = False) -> dict[str, str]:
    """Train and publish models for tenants that have none, or whose models are old.

    Args:
        platform: The opened platform.
        again: Train for every tenant, whatever is in force.

    Returns:
        The hash in force, by tenant.
    """
    tenant_ids = facts.publishable_tenants(platform)
    wanting = [item for item in tenant_ids if again or _is_due(platform, item)]
    for item in facts.read(platform, wanting):
        _train(platform, item)
    return {item: str(published(platform, item).entry.body["sha256"]) for item in tenant_ids}


def in_force(platform: Platform, tenant_id: str) -> ScoreModels:
    """Load the models that decide for a tenant."""
    from models.scores import registry

    sha256 = str(published(platform, tenant_id).entry.body["sha256"])
    return registry.load(platform.model_store.get(sha256))


def _train(platform: Platform, found: facts.TenantFacts) -> None:
    from models import learning
    from models.domain.canonical import sha256_hex
    from models.scores import registry

    trained = learning.train(found.receivables, platform.clock.as_of)
    content = registry.dump(trained)
    sha256 = sha256_hex(content)
    platform.model_store.put(sha256, content)
    body: dict[str, Any] = {
        "model_id": MODEL_ID,
        "sha256": sha256,
        "as_of": platform.clock.text,
        "card": {
            "examples": trained.examples,
            "data_hash": trained.data_hash,
            "models": dict(trained.models.hashes),
            **trained.metrics,
        },
    }
    platform.ledger.append(
        Entry(
            type="model_published",
            tenant_id=found.tenant_id,
            occurred_at=platform.clock.as_of,
            actor=SYSTEM,
            subjects=(MODEL_ID, sha256),
            body=body,
        )
    )


def _is_due(platform: Platform, tenant_id: str) -> bool:
    latest = platform.ledger.latest("model_published", tenant_id, key=MODEL_ID)
    if latest is None:
        return True
    made = datetime.fromisoformat(str(latest.entry.body["as_of"]))
    return platform.clock.as_of - made > timedelta(days=MOST_DAYS_IN_FORCE)


def published(platform: Platform, tenant_id: str) -> StoredEntry:
    """Give the entry that published the models in force.

    Raises:
        LookupError: There is none.
    """
    latest = platform.ledger.latest("model_published", tenant_id, key=MODEL_ID)
    if latest is None:
        raise LookupError(f"no model was published for tenant {tenant_id}; run scores/models first")
    return latest
