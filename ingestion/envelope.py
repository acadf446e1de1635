"""Rows of one page on their way into a raw table, column by column."""

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from ingestion.tables import ENVELOPE
from ingestion.totals import Described

if TYPE_CHECKING:
    from ingestion.landing import Scope

_DIFFERENT = (
    "record_id",
    "modified_at",
    "is_deleted",
    "payload",
    "payload_sha256",
    "position",
    "fetched_at",
)


class Rows:
    """Rows of one page on their way into a table, column by column."""

    def __init__(self, scope: "Scope", endpoint: str, page_sha256: str) -> None:
        self._same = {
            "tenant_id": scope.tenant_id,
            "connection_id": scope.connection_id,
            "endpoint": endpoint,
            "page_sha256": page_sha256,
        }
        self._rows: list[tuple[object, ...]] = []

    def add(
        self, described: Described, payload: str, sha256: str, position: int, fetched_at: datetime
    ) -> None:
        """Append one row; the order is that of ``_DIFFERENT``."""
        self._rows.append(
            (
                described.record_id,
                described.modified_at,
                described.is_deleted,
                payload,
                sha256,
                position,
                fetched_at,
            )
        )

    def table(self) -> pa.Table | None:
        """Return the rows, or ``None`` when there are none."""
        if not self._rows:
            return None
        columns = dict(zip(_DIFFERENT, zip(*self._rows, strict=True), strict=True))
        return pa.Table.from_arrays(
            [
                pa.array(columns[one.name], type=one.type)
                if one.name in columns
                else pa.repeat(self._same[one.name], len(self._rows))
                for one in ENVELOPE
            ],
            schema=ENVELOPE,
        )
