"""Tells Dagster what the worker does, as runless events, without anybody waiting for it.

Events are put into a line and written by a thread of its own: the asset graph shows live work, and
a slow or absent Dagster delays no decision. What it cannot take is logged and let go.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration import instance, logs

if TYPE_CHECKING:
    from pathlib import Path

_MOST_WAITING = 1000
_SECONDS = 1.0

log = logs.get(__name__)


class Teller:
    """Writes runless asset events.

    Args:
        home: Dagster's home; ``None`` tells nobody.
    """

    def __init__(self, home: Path | None) -> None:
        self._home = home
        self._waiting: deque[tuple[str, Mapping[str, Any]]] = deque(maxlen=_MOST_WAITING)
        self._turn = threading.Lock()

    def tell(self, asset_key: str, metadata: Mapping[str, Any]) -> None:
        """Put one event into the line."""
        if self._home is not None:
            self._waiting.append((asset_key, dict(metadata)))

    def flush(self) -> None:
        """Write what waits."""
        if self._home is None or not self._waiting:
            return
        import dagster as dg

        with self._turn, instance.opened(self._home) as opened:
            while self._waiting:
                asset_key, metadata = self._waiting.popleft()
                opened.report_runless_asset_event(
                    dg.AssetMaterialization(
                        asset_key=dg.AssetKey(asset_key.split("/")),
                        metadata={**metadata, "served_by": "worker"},
                    )
                )

    def run(self, until: threading.Event) -> None:
        """Write what comes until told to stop, and the rest then."""
        while not until.wait(_SECONDS):
            self._flush_or_log()
        self._flush_or_log()

    def _flush_or_log(self) -> None:
        try:
            self.flush()
        except Exception:
            log.exception("worker.event_not_told")
