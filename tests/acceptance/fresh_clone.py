"""A fresh clone runs, proves itself, stays on this machine and assesses a stranger's first file."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from measurement import ROOT, Finished, Measurement, run

LINE = 1
FIRST_HOUR = 17
FIRST_MINUTES = 10
RUN_SECONDS = 90
RUN_BYTES = 2_000_000_000
CI_SECONDS = 20 * 60
STAGES = (
    *("raw", "staging", "intermediate", "marts", "features"),
    *("scores", "decisions", "actions", "audit"),
)
SAYS = ("control_totals", "checks", "decisions", "payments", "notices", "ledger")


def trials(scratch: Path, *, with_ci: bool) -> list[Measurement]:
    """Clone, install, run; then everything that continuous integration runs."""
    clone = scratch / "clone"
    cloned = run(["git", "clone", "--quiet", str(ROOT), str(clone)])
    lookups = scratch / "lookups.log"
    environment = {"IFP_LOOKUPS_LOG": str(lookups), "IFP_VAR": "var"}
    installed = run(["make", "install"], folder=clone, environment={"PYTHONPATH": ""})
    rows = [
        Measurement(
            LINE,
            "make install, nothing but python3",
            "exit 0",
            f"{installed.seconds:.0f} s" if not installed.code else installed.last_words,
            installed.code == 0,
        )
    ]
    ran = run(["make", "run", "RUN_ARGS=--json"], folder=clone, environment=environment)
    rows += _first_run(ran)
    rows.append(_first_file(clone, (cloned, installed, ran), environment))
    rows += _without_network(clone, environment)
    outside = lookups.read_text(encoding="utf-8").splitlines() if lookups.exists() else []
    rows.append(
        Measurement(
            LINE,
            "look-ups outside this machine",
            "none",
            "; ".join(outside[:3]) or "none",
            not outside,
        )
    )
    if with_ci:
        rows.append(_continuous_integration(clone))
    return rows


def _first_run(done: Finished) -> list[Measurement]:
    summary = done.json()
    stages = _names(summary.get("stages", []))
    missing = [name for name in STAGES if name not in stages]
    missing += [name for name in SAYS if not summary.get(name)]
    is_verified = summary.get("ledger", {}).get("verified") is True
    return [
        Measurement(
            LINE,
            "make run, time",
            f"exit 0 within {RUN_SECONDS} s",
            f"{done.seconds:.1f} s" if not done.code else done.last_words,
            done.code == 0 and done.seconds <= RUN_SECONDS,
        ),
        Measurement(
            LINE,
            "make run, what it says",
            "every stage, totals, decisions, payments, notices",
            f"missing: {', '.join(missing)}" if missing else "all there",
            not missing,
        ),
        Measurement(
            LINE,
            "make run, ledger",
            "verified",
            f"{summary.get('ledger', {}).get('size')} entries, "
            f"{'verified' if is_verified else 'not verified'}",
            is_verified,
        ),
        _money_moved(summary),
    ]


def _first_file(
    clone: Path, before: Sequence[Finished], environment: dict[str, str]
) -> Measurement:
    """Assess a file in words of its own, and add up what came before."""
    file = clone.parent / "Forderungen.csv"
    lines = [
        f"R-{number};Kunde {number % 7};{number % 28 + 1:02}.0{number % 5 + 1}.2026;"
        f"{number % 28 + 1:02}.0{number % 5 + 2}.2026;1.2{number % 10}0,50 €"
        for number in range(200)
    ]
    head = "Rechnungsnr;Kunde;Rechnungsdatum;Fällig am;Offener Betrag"
    file.write_text("\n".join([head, *lines]) + "\n", encoding="cp1252")
    command = [str(clone / ".venv/bin/ifp"), "assess", str(file), "--as-of", "2026-06-30", "--json"]
    done = run(command, folder=clone, environment=environment)
    owed = sum(1_200_50 + number % 10 * 10_00 for number in range(200))
    found = [item["outstanding"]["minor"] for item in done.json().get("currencies", [])]
    steps = [step.seconds for step in (*before, done)]
    told = " + ".join(f"{seconds:.0f}" for seconds in steps)
    return Measurement(
        FIRST_HOUR,
        "clone, install, run, first own file assessed",
        f"{owed / 100:,.2f} EUR outstanding, within {FIRST_MINUTES} min",
        f"{sum(steps):.0f} s ({told}); {', '.join(f'{minor / 100:,.2f}' for minor in found)}"
        if not done.code
        else done.last_words,
        done.code == 0 and found == [owed] and sum(steps) <= FIRST_MINUTES * 60,
    )


def _money_moved(summary: dict) -> Measurement:
    payments, notices = summary.get("payments", {}), summary.get("notices", {})
    approved = summary.get("decisions", {}).get("approve")
    is_ok = (
        0 < payments.get("confirmed", 0) == payments.get("sent", 0) - payments.get("rejected", 0)
        and not payments.get("open")
        and 0 < notices.get("delivered", 0) == notices.get("queued")
    )
    return Measurement(
        LINE,
        "make run, money and notices",
        "payments confirmed, none left open, every notice delivered",
        f"{approved} approved; {payments.get('sent')} sent, {payments.get('confirmed')} confirmed, "
        f"{payments.get('rejected')} rejected; {notices.get('delivered')} notices",
        is_ok,
    )


def _without_network(clone: Path, environment: dict[str, str]) -> list[Measurement]:
    """Run where only the loopback interface is, and measure the largest process of that run."""
    what, required = "make run with loopback only", "exit 0"
    if not shutil.which("unshare") or os.geteuid():
        measured = "needs root and unshare: not tried"
        return [Measurement(LINE, what, required, measured, ok=False)]
    code = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(['make', 'run', 'RUN_ARGS=--json'], stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)\n"
        "sys.exit(done.returncode)\n"
    )
    python = clone / ".venv/bin/python"
    done = run(
        ["unshare", "--net", "sh", "-c", f'ip link set lo up && {python} -c "$0"', code],
        folder=clone,
        environment={**environment, "IFP_VAR": "var-offline"},
    )
    words = done.out.split()
    peak = int(words[-1]) if words and words[-1].isdigit() else 0
    return [
        Measurement(
            LINE,
            what,
            required,
            f"{done.seconds:.1f} s" if not done.code else done.last_words,
            done.code == 0,
        ),
        Measurement(
            LINE,
            "make run, largest process",
            "≤ 2 GB",
            f"{peak / 1e9:.2f} GB",
            done.code == 0 and 0 < peak <= RUN_BYTES,
        ),
    ]


def _continuous_integration(clone: Path) -> Measurement:
    done = run(
        ["bash", ".ci/run"],
        folder=clone,
        environment={"CI": "true", "PYTHONPATH": ""},
        limit=CI_SECONDS + 60,
    )
    summaries = re.findall(r"=+ (.*(?:passed|failed).*) =+", done.out)
    return Measurement(
        LINE,
        ".ci/run: make check and make test",
        f"exit 0 within {CI_SECONDS // 60} min",
        f"{done.seconds / 60:.1f} min; {summaries[-1] if summaries else done.last_words}",
        done.code == 0 and done.seconds <= CI_SECONDS,
    )


def _names(stages: object) -> set[str]:
    if isinstance(stages, dict):
        return set(stages)
    found = stages if isinstance(stages, list) else []
    return {str(item.get("stage") or item.get("name")) for item in found if isinstance(item, dict)}
