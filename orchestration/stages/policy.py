"""The decision policy in force: read from its file, published when its text is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.entry import Entry
from orchestration.lineage import PLATFORM_TENANT, SYSTEM

if TYPE_CHECKING:
    from models.decisions.policy import Policy
    from orchestration.platform import Platform


def in_force(platform: Platform) -> Policy:
    """Read the policy that the settings name."""
    from models.decisions.policy import Policy

    return Policy.load(platform.settings.policy.read_text(encoding="utf-8"))


def ensure_policy(platform: Platform) -> str:
    """Publish the policy unless this very text was the last one published; return its hash."""
    text = platform.settings.policy.read_text(encoding="utf-8")
    policy = in_force(platform)
    latest = platform.ledger.latest("policy_published", PLATFORM_TENANT, key=policy.name)
    if latest is None or latest.entry.body["policy_hash"] != policy.hash:
        platform.ledger.append(
            Entry(
                type="policy_published",
                tenant_id=PLATFORM_TENANT,
                occurred_at=platform.clock.as_of,
                actor=SYSTEM,
                subjects=(policy.name, policy.hash),
                body={
                    "policy_id": policy.name,
                    "policy_hash": policy.hash,
                    "version": policy.version,
                    "effective_on": str(policy.effective_on),
                    "text": text,
                },
            )
        )
    return policy.hash
