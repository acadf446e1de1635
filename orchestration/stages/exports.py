"""Marts for BI: in Postgres when one is named, else the snapshot file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestration.publication import latest_body

if TYPE_CHECKING:
    from orchestration.platform import Platform


def publish_marts(platform: Platform) -> dict[str, Any]:
    """Publish the latest snapshot's marts and say where they are."""
    body = latest_body(platform)
    if body is None:
        return {"published_to": "nothing is published yet"}
    path = platform.places.published / str(body["file"])
    if platform.settings.publish_url is None:
        return {"published_to": str(path), "snapshot_id": str(body["snapshot_id"])}
    from apps.exports import postgres

    tables = postgres.publish(path, platform.settings.publish_url.get_secret_value())
    return {
        "published_to": "postgres",
        "snapshot_id": str(body["snapshot_id"]),
        "tables": len(tables),
    }
