"""From a command's append to its committed decision: alone, and while `ifp run` writes.

::

    sandbox, published book ─► worker in a process of its own ─► commands, one after another
                                    (every command pulls invoice, customer, bureau report)

Before each command the invoice is changed in the ledger system, so that each asks for a new
decision; answers that stand already (the invoice is financed) are not counted. The figure is what a
client sees who asks the ledger for the answer every few milliseconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from ledger.entry import Actor
from orchestration import dbt, facts, logs, publication, settings
from orchestration import platform as platforms
from orchestration.live import submission
from orchestration.platform import Platform
from orchestration.stages import assessment, landing, policy, training

WORLD = {"sellers": 20, "debtors": 120, "invoices": 4_000, "months": 12}
COMMANDS = int(os.environ.get("IFP_BENCH_COMMANDS", "120"))
_POLL_SECONDS = 0.01
_MOST_SECONDS = 60.0
_ROOT = Path(__file__).resolve().parents[1]
_WORKER = """
from orchestration import logs, platform, settings
from orchestration.live.serving import Live
from orchestration.worker import Worker
with platform.opened(settings.load()) as opened:
    logs.configure(opened.places.logs, level="ERROR", form="json")
    Worker(opened, served_live=Live(opened, refresh_days=0)).run()
"""


@dataclass
class Told:
    """What the commands of one measurement came to.

    Attributes:
        seconds: Of each command that made a new decision.
        standing: Answers that named a decision made before.
        load: Load of the machine when it ended.
    """

    seconds: list[float] = field(default_factory=list)
    standing: int = 0
    load: float = 0.0

    def record(self, what: str) -> Iterator[dict[str, object]]:
        """Give the benchmark's records."""
        for name, share, budget in (("p50", 0.5, "–"), ("p95", 0.95, "≤ 1 s")):
            yield {
                "work": f"command to committed decision, {what}, {len(self.seconds)} of them,"
                f" load {self.load:.1f}: {name}",
                "measured": float(np.quantile(np.array(self.seconds or [0.0]), share)),
                "budget": budget,
                "standing": self.standing,
                "unit": "s",
            }


def run() -> Iterator[dict[str, object]]:
    """Measure alone, then while a run writes."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ifp-live-")))
        sizes = {f"sandbox_{name}": size for name, size in WORLD.items()}
        found = settings.load(var=folder / "var", **sizes)
        opened = stack.enter_context(platforms.opened(found))
        logs.configure(opened.places.logs, level="ERROR", form="json")
        rows = _published(opened)
        address = opened.counterparts.sandbox
        assert address is not None  # noqa: S101 - the dev profile has one
        environment = {
            **os.environ,
            "IFP_VAR": str(folder / "var"),
            "IFP_SANDBOX_URL": address.base_url,
            "IFP_SMTP_PORT": str(address.smtp_port),
        }
        stack.enter_context(_process([sys.executable, "-c", _WORKER], environment))
        _submit(opened, rows[0], _MOST_SECONDS * 3)
        yield from _measure(opened, rows[1:], None).record("alone")
        with _process([_ifp(), "run", "--json"], environment) as batch:
            yield from _measure(opened, rows[1:], batch).record("while a run writes")


def _published(opened: Platform) -> list[dict[str, Any]]:
    """Sync, build and publish the book without deciding; give its open invoices, mixed."""
    landing.sync(opened, ("xero",))
    landing.sync(opened, ("dnb",))
    left_out = [f"--exclude-resource-type={kind}" for kind in ("test", "unit_test")]
    as_of = dbt.variables(opened.clock.text)
    dbt.run(opened.settings, opened.places, ["build", *left_out, "--vars", as_of])
    policy.ensure_policy(opened)
    training.ensure_models(opened)
    assessment.assess(opened, run_id="benchmark")
    publication.publish(opened)
    books = [facts.open_requests(item.found) for item in assessment.asked(opened)]
    rows = [row for book in books for row in book.to_dicts()]
    return sorted(rows, key=lambda row: str(row["receivable_id"]))


def _measure(
    opened: Platform, rows: list[dict[str, Any]], batch: subprocess.Popen[bytes] | None
) -> Told:
    """Submit changed invoices until enough decisions were made, or the batch has ended."""
    told = Told()
    for row in rows:
        if len(told.seconds) >= COMMANDS or (batch is not None and batch.poll() is not None):
            break
        _change(opened, row)
        seconds, state = _submit(opened, row, _MOST_SECONDS)
        if state.get("is_standing") or "decision_id" not in state:
            told.standing += 1
        else:
            told.seconds.append(seconds)
    told.load = os.getloadavg()[0]
    return told


def _submit(
    opened: Platform, row: Mapping[str, Any], most: float
) -> tuple[float, Mapping[str, Any]]:
    names = ("tenant_id", "connection_id", "record_id")
    invoice = {name: str(row[name]) for name in names}
    command = submission.submit(opened, **invoice, by=Actor("client", "benchmark"))
    started = time.perf_counter()
    while time.perf_counter() - started < most:
        (state,) = opened.ledger.projection("commands", key=command)
        if state["status"] != "queued":
            return time.perf_counter() - started, state
        time.sleep(_POLL_SECONDS)
    raise TimeoutError(f"no answer within {most:.0f} s: {json.dumps(invoice)}")


def _change(opened: Platform, row: Mapping[str, Any]) -> None:
    """Change an invoice as a user of the ledger system would."""
    address = opened.counterparts.sandbox
    organisations = {
        one.connection_id: one.xero_tenant_id for one in opened.counterparts.organisations
    }
    body = {
        "organisation": organisations[str(row["connection_id"])],
        "entity": "invoices",
        "id": row["record_id"],
        "set": {"SentToContact": True, "Url": f"https://seller.example/{time.monotonic_ns()}"},
    }
    url = f"{address.base_url if address else ''}/admin/records"
    httpx.post(url, json=body, timeout=30, trust_env=False).raise_for_status()


def _ifp() -> str:
    return str(Path(sys.executable).parent / "ifp")


@contextmanager
def _process(
    command: list[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=_ROOT, env=dict(environment), stdout=quiet, stderr=quiet
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)
