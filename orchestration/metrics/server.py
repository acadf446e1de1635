"""Answers ``/metrics``, ``/healthz`` and ``/readyz`` on a loopback port: ``python -m``.

``/healthz`` says that this process answers. ``/readyz`` says whether the platform works: its ledger
opens, a worker is heard of, what was published is there; 503 with the reasons when it does not.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ledger.errors import LedgerError
from ledger.heartbeats import STOPPED
from orchestration import logs, places, settings, telemetry
from orchestration.metrics import figures
from orchestration.metrics.collector import PlatformCollector
from orchestration.metrics.tally import Tally
from orchestration.resources.ledger import open_keyring, open_ledger

if TYPE_CHECKING:
    from ledger.store import Ledger
    from orchestration.places import Places
    from orchestration.settings import Settings

log = logs.get(__name__)


class Watched:
    """The platform as it is watched: its ledger, opened when there is one, and the counts of it."""

    def __init__(self, found: Settings, where: Places) -> None:
        self.settings = found
        self.where = where
        self.tally = Tally()
        self._turn = threading.Lock()
        self._opened: Ledger | None = None

    def ledger(self) -> Ledger:
        """Open the ledger once.

        Raises:
            LedgerError: There is none yet, or it cannot be opened.
        """
        with self._turn:
            if self._opened is None:
                if self.settings.ledger_url is None and not self.where.ledger.is_file():
                    raise LedgerError("there is no ledger yet; the first run makes one")
                keys = open_keyring(self.settings, self.where)
                self._opened = open_ledger(self.settings, self.where, keys)
            return self._opened

    def catch_up(self, stop: threading.Event) -> None:
        """Count what is there already, so that no scrape has to."""
        with suppress(LedgerError):
            while not stop.is_set() and not self.tally.advance(self.ledger()):
                pass

    def close(self) -> None:
        """Close the ledger."""
        if self._opened is not None:
            self._opened.close()

    def faults(self, now: datetime) -> dict[str, str]:
        """Say what keeps the platform from working, by part."""
        try:
            ledger = self.ledger()
            beats = ledger.heartbeats.all()
            stored = figures.publication(ledger)
        except (LedgerError, OSError) as error:
            return {"ledger": str(error)}
        except Exception as error:
            log.warning("metrics.ledger_not_read", cause=type(error).__name__)
            return {"ledger": f"cannot be read ({type(error).__name__})"}
        found: dict[str, str] = {}
        workers = [one for one in beats if one.process == "worker" and one.doing != STOPPED]
        if not workers:
            found["worker"] = "none runs; start it with `ifp up` or its service"
        elif all(one.is_late(now) for one in workers):
            last = max(one.beat_at for one in workers)
            found["worker"] = f"not heard of since {last.isoformat(timespec='seconds')}"
        if stored is None:
            found["snapshot"] = "nothing is published yet; the first run publishes"
        elif not (self.where.published / str(stored.entry.body["file"])).is_file():
            found["snapshot"] = f"the file of {stored.entry.body['snapshot_id']} is gone"
        return found


def create_app(watched: Watched) -> Starlette:
    """Build the application that answers for a platform."""
    registry = CollectorRegistry(auto_describe=False)
    folder = watched.settings.backup_folder or watched.where.var / "backups"
    registry.register(PlatformCollector(watched.ledger, watched.where, folder, watched.tally))

    async def metrics(request: Request) -> Response:
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(
            await run_in_threadpool(encode, registry), headers={"Content-Type": media_type}
        )

    async def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> Response:
        faults = await run_in_threadpool(watched.faults, datetime.now(UTC))
        return JSONResponse(
            {"ready": not faults, "faults": faults}, status_code=503 if faults else 200
        )

    return Starlette(
        routes=[
            Route("/metrics", metrics),
            Route("/healthz", health),
            Route("/readyz", ready),
        ]
    )


def main() -> None:
    """Serve until told to end."""
    import os

    telemetry.switch_off(os.environ)
    found = settings.load()
    where = places.at(found.var)
    logs.configure(where.logs, level=found.log_level, form=found.log_format)
    watched, stop = Watched(found, where), threading.Event()
    counting = threading.Thread(target=watched.catch_up, args=(stop,), daemon=True)
    counting.start()
    try:
        uvicorn.run(
            create_app(watched),
            host=found.metrics_host,
            port=found.metrics_port,
            log_level="warning",
            server_header=False,
        )
    finally:
        stop.set()
        counting.join()
        watched.close()


if __name__ == "__main__":
    main()
