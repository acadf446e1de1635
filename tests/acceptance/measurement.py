"""What a trial measures, and the commands it drives: the public ones, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOOKUPS = ROOT / "tests" / "lookups"
SHARED_DATA = Path(os.environ.get("IFP_SHARED_DATA", ROOT.parent / "shared" / "data"))
OF_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")
"""What a make tells the makes below it, which then talk of folders on standard output."""

CAUSES = ("failed_steps", "checks", "problems")
SMALL_WORLD = {
    "IFP_SANDBOX_SELLERS": "3",
    "IFP_SANDBOX_DEBTORS": "30",
    "IFP_SANDBOX_INVOICES": "600",
    "IFP_SANDBOX_MONTHS": "12",
}


@dataclass(frozen=True)
class Measurement:
    """One row of the table: what was required and what was found.

    Attributes:
        line: The number of the promise it belongs to.
        what: What was tried.
        required: What must hold, in words or figures.
        measured: What was found.
        ok: Whether it holds.
    """

    line: int
    what: str
    required: str
    measured: str
    ok: bool

    def body(self) -> dict[str, object]:
        """Give the row as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Finished:
    """A command that ended.

    Attributes:
        code: Exit code; minus the signal when it was killed; 124 when it hung.
        out: Standard output.
        err: Standard error.
        seconds: How long it took.
    """

    code: int
    out: str
    err: str
    seconds: float

    def json(self) -> dict:
        """Read the JSON document on standard output; empty when there is none."""
        try:
            found = json.loads(self.out)
        except json.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def last_words(self) -> str:
        """What it said of its end, for a table cell: its causes, or the last line."""
        report = self.json()
        if report:
            causes = {name: report[name] for name in CAUSES if report.get(name)}
            return f"exit {self.code}: {json.dumps(causes)[:160]}"
        lines = [line for line in (self.err + "\n" + self.out).splitlines() if line.strip()]
        return f"exit {self.code}: {lines[-1].strip()[:160]}" if lines else f"exit {self.code}"


def run(
    command: list[str],
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    limit: float = 600,
) -> Finished:
    """Run a command to its end, guarded against look-ups that leave the machine.

    A command that outlives its limit is killed with what it started and counts as a hang.
    """
    guarded = {
        **{name: value for name, value in os.environ.items() if name not in OF_MAKE},
        "PYTHONPATH": str(LOOKUPS),
        "IFP_SHARED_DATA": str(SHARED_DATA),
        **(environment or {}),
    }
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=guarded,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=limit)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            out, err = process.communicate()
            code = 124
    return Finished(code, out, err, time.monotonic() - started)


def ifp(
    *arguments: str,
    var: Path,
    environment: Mapping[str, str] | None = None,
    limit: float = 600,
) -> Finished:
    """Run the command line of this tree on the folder `var`."""
    return run(
        [str(Path(sys.executable).parent / "ifp"), *arguments],
        environment={"IFP_VAR": str(var), **(environment or {})},
        limit=limit,
    )


def pytest(*arguments: str, limit: float = 900) -> Finished:
    """Run tests of this tree."""
    return run([sys.executable, "-m", "pytest", "-q", *arguments], limit=limit)


def sample(line: int, what: str, tried: int, of: int) -> Measurement:
    """Say how much of a promise was tried, and how to try the whole."""
    measured = f"{tried} of {of}" + ("" if tried == of else "; --whole tries all")
    return Measurement(line, f"{what} tried", "some, or all with --whole", measured, tried > 0)


def tests_pass(line: int, what: str, *arguments: str) -> Measurement:
    """Try a promise that has tests: all selected ones must pass and none may be skipped."""
    done = pytest(*arguments)
    closing = next((text for text in reversed(done.out.splitlines()) if " in " in text), "")
    is_ok = done.code == 0 and "passed" in closing and "skipped" not in closing
    return Measurement(
        line, what, "its tests pass, none skipped", closing.strip("= ") or done.last_words, is_ok
    )
