"""From connections to raw tables."""

from ingestion.tables import ensure_tables

__all__ = ["ensure_tables"]
