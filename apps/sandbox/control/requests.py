"""Counts what was asked of each counterpart, so that tests can prove nothing was done twice."""

from __future__ import annotations

from collections import Counter
from typing import Any


class Requests:
    """Counts requests per counterpart, method, path and status."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str, int]] = Counter()

    def note(self, counterpart: str, method: str, path: str, status: int) -> None:
        """Count one answered request; status 0 means it was never answered."""
        self._counts[counterpart, method, path, status] += 1

    def listing(self, counterpart: str = "") -> dict[str, Any]:
        """Return counts, per path and in total."""
        rows = [
            {"counterpart": name, "method": method, "path": path, "status": status, "count": count}
            for (name, method, path, status), count in sorted(self._counts.items())
            if counterpart in {"", name}
        ]
        return {"total": sum(count["count"] for count in rows), "requests": rows}

    def clear(self) -> None:
        """Start counting anew."""
        self._counts.clear()
