"""Live, batch and replay on the same facts: cores equal byte by byte, and decided within a second.

A world is synced, built and published without deciding. The batch's fold says what it would decide;
then every open invoice is submitted in the same order and decided live, and `ifp replay` makes all
of it again in a process of its own. 1,000 invoices with ``--whole``, else a sample.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from measurement import Measurement, ifp, run

from ledger.entry import Actor
from orchestration import dbt, logs, publication, settings
from orchestration import platform as platforms
from orchestration.live import submission
from orchestration.live.serving import Live
from orchestration.platform import Platform
from orchestration.stages import assessment, landing, policy, training
from orchestration.worker import Worker

LINE = 15

WHOLE, SAMPLE = 1_000, 150
INVOICES = {WHOLE: 9_000, SAMPLE: 1_800}
MOST_SECONDS = 90
PERSON = Actor("person", "acceptance")


def trials(scratch: Path, *, whole: bool) -> list[Measurement]:
    """Compare the cores, then time commands beside a run."""
    wanted = WHOLE if whole else SAMPLE
    sizes = {"sellers": 20, "debtors": 150, "invoices": INVOICES[wanted], "months": 12}
    found = settings.load(
        var=scratch / "var", **{f"sandbox_{name}": size for name, size in sizes.items()}
    )
    environment = {f"IFP_SANDBOX_{name.upper()}": str(size) for name, size in sizes.items()}
    with platforms.opened(found) as opened:
        logs.configure(opened.places.logs, level="ERROR")
        publish(opened)
        served, equal, first = decide_live(opened, wanted)
        opened.ledger.close()
    rows = [
        Measurement(
            LINE,
            f"cores of live and batch on {served} invoices",
            f"{wanted} equal",
            f"{equal} equal{first}",
            ok=equal == served >= wanted,
        )
    ]
    replayed = ifp("replay", "--all", "--json", var=scratch / "var", environment=environment)
    report = replayed.json()
    counts = {name: report.get(name) for name in ("equal", "different", "not_replayable")}
    ok = replayed.code == 0 and counts["equal"] == served
    rows.append(Measurement(LINE, "ifp replay --all", f"{served} equal", json.dumps(counts), ok))
    return [*rows, seconds(scratch, commands=120 if whole else 40)]


def publish(opened: Platform) -> None:
    """Take a world up to its published marts, and decide nothing."""
    landing.sync(opened, ("xero",))
    landing.sync(opened, ("dnb",))
    left_out = [f"--exclude-resource-type={kind}" for kind in ("test", "unit_test")]
    as_of = dbt.variables(opened.clock.text)
    dbt.run(opened.settings, opened.places, ["build", *left_out, "--vars", as_of])
    policy.ensure_policy(opened)
    training.ensure_models(opened)
    assessment.assess(opened, run_id="acceptance")
    publication.publish(opened)


def decide_live(opened: Platform, wanted: int) -> tuple[int, int, str]:
    """Decide live what the batch would; give how many, how many alike, and the first other."""
    served = equal = 0
    first = ""
    live = Live(opened)
    working = Worker(opened, reports_events=False, served_live=live)
    for item in assessment.asked(opened):
        batch = assessment.decide(opened, item)
        book = {row["receivable_id"]: row for row in item.found.receivables.to_dicts()}
        for core in () if batch is None else batch.cores[: wanted - served]:
            row = book[core.receivable_id]
            names = ("tenant_id", "connection_id", "record_id")
            invoice = {name: str(row[name]) for name in names}
            command = submission.submit(opened, **invoice, by=PERSON)
            state = answered(opened, working, command)
            stored = opened.ledger.latest("decision", key=str(state.get("decision_id")))
            is_same = stored is not None and stored.entry.body["core_digest"] == core.digest
            served, equal = served + 1, equal + is_same
            first = first or ("" if is_same else f"; first other: {core.receivable_id}")
    live.close()
    return served, equal, first


def answered(opened: Platform, working: Worker, command: str) -> Mapping[str, Any]:
    """Serve until a command is answered: a source may ask to wait, and the order must hold."""
    deadline = time.monotonic() + MOST_SECONDS
    while True:
        working.serve_live()
        (state,) = opened.ledger.projection("commands", key=command)
        if state["status"] != "queued" or time.monotonic() > deadline:
            return state
        time.sleep(0.05)


def seconds(scratch: Path, *, commands: int) -> Measurement:
    """Time commands while a run writes, by the benchmark."""
    target = scratch / "live.json"
    done = run(
        [sys.executable, "-m", "benchmarks", "live", "--json", str(target)],
        environment={"IFP_BENCH_COMMANDS": str(commands)},
    )
    what, required = "command to decision while a run writes, p95", "≤ 1 s"
    if not target.is_file():
        return Measurement(LINE, what, required, done.last_words, ok=False)
    outcome = json.loads(target.read_text())["benchmarks"][-1]
    found = [row for row in outcome.get("records", []) if "run writes" in str(row["work"])]
    if not found:
        return Measurement(LINE, what, required, str(outcome.get("cause")), ok=False)
    measured = float(found[-1]["measured"])
    return Measurement(
        LINE, what, required, f"{measured:.2f} s, {found[-1]['work']}", measured <= 1
    )
