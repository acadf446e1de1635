"""Verification of a ledger, as a process of its own that reads the stored values.

    python -m ledger.verify --database URL --public-key FILE [--checkpoint FILE] [--json]

It trusts nothing but the bytes in the database and, when given, a checkpoint that was kept outside
of it. Without such a checkpoint nobody can tell a ledger from its own past: a cut tail or a
restored copy is found only against one. Exit status: 0 sound, 1 problems, 2 cannot be read.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ledger.agreement import Agreement
from ledger.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from ledger.commitments import compare_reservations
from ledger.database import Database
from ledger.errors import CheckpointInvalid, LedgerError
from ledger.findings import MOST_PROBLEMS, Findings, Problem
from ledger.inspection import EntryInspection


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found.

    Attributes:
        ok: Nothing is wrong.
        size: Number of entries read.
        root: Merkle root over the values as they are stored, hex.
        problems: What is wrong; of one kind at most 20 are listed.
        counts: Number of problems by kind.
        checkpoint_size: Size of the outside checkpoint it was held against.
    """

    ok: bool
    size: int
    root: str
    problems: tuple[Problem, ...]
    counts: Mapping[str, int]
    checkpoint_size: int | None = None

    def to_json(self) -> str:
        """Write the report as one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read a report back."""
        fields: dict[str, Any] = json.loads(text)
        problems = tuple(Problem(**problem) for problem in fields.pop("problems"))
        return cls(problems=problems, **fields)


def verify(
    url: str,
    *,
    checkpoint: str | None = None,
    public_key: VerifierKey | str | None = None,
    derived: bool = True,
) -> Report:
    """Re-read a whole ledger and compare everything with everything.

    Args:
        url: The ledger's database.
        checkpoint: A signed checkpoint that was kept outside the database.
        public_key: The ledger's verifier key; needed with a checkpoint.
        derived: Also compare lookups, projections, reservations and exposures with the entries
            they come from.

    Raises:
        LedgerError: There is no ledger at that address.
    """
    findings = Findings()
    mark = _opened(checkpoint, public_key, findings)
    database = Database(url, read_only=True)
    gc.disable()  # a million rows leave no cycles behind, and looking for them takes a fifth
    try:
        with database.snapshot() as cursor:
            agreement = Agreement(cursor, findings) if derived else None
            size = mark.size if mark else None
            entries = EntryInspection(cursor, findings, mark=size, agreement=agreement)
            entries.run()
            if derived:
                compare_reservations(cursor, findings)
    except database.errors as error:
        place = url.rpartition("@")[2]
        raise LedgerError(f"{place} cannot be read as a ledger: {error}") from error
    finally:
        gc.enable()
        database.close()
    if mark is not None:
        _compare_checkpoint(mark, entries, findings)
    return Report(
        ok=not findings.problems,
        size=entries.size,
        root=entries.frontier.root().hex(),
        problems=tuple(findings.problems),
        counts=findings.counts,
        checkpoint_size=mark.size if mark else None,
    )


def verify_apart(
    url: str, *, public_key: Path, checkpoint: Path | None = None, timeout: float | None = None
) -> Report:
    """Verify in a process of its own; arguments are those of the command.

    Raises:
        LedgerError: The process could not read the ledger.
    """
    command = [sys.executable, "-m", "ledger.verify", "--database", "-", "--json"]
    command += ["--public-key", str(public_key)]
    if checkpoint is not None:
        command += ["--checkpoint", str(checkpoint)]
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        command, input=url, capture_output=True, text=True, timeout=timeout, check=False
    )
    if done.returncode not in (0, 1):
        raise LedgerError(done.stderr.strip() or f"verification ended with {done.returncode}")
    return Report.from_json(done.stdout)


def _opened(
    note: str | None, key: VerifierKey | str | None, findings: Findings
) -> Checkpoint | None:
    if note is None:
        return None
    if key is None:
        raise LedgerError("a checkpoint is checked with the ledger's verifier key: give it too")
    try:
        return open_checkpoint(note, VerifierKey.parse(key) if isinstance(key, str) else key)
    except CheckpointInvalid as error:
        findings.add("checkpoint_invalid", None, str(error))
        return None


def _compare_checkpoint(mark: Checkpoint, entries: EntryInspection, findings: Findings) -> None:
    if mark.size > entries.size:
        cause = (
            "an older copy was restored, or the tail was cut with all that points at it"
            if not findings.problems
            else "the tail was cut: what points at it is still there"
        )
        detail = f"the checkpoint counts {mark.size} entries, the ledger {entries.size}: {cause}"
        findings.add("tail_missing", entries.size, detail)
    elif entries.root_at_mark != mark.root:
        detail = f"the first {mark.size} entries are not those of the checkpoint"
        findings.add("history_rewritten", None, detail)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit status."""
    parser = argparse.ArgumentParser(prog="python -m ledger.verify", description=__doc__)
    parser.add_argument("--database", required=True, help="SQLAlchemy URL; - reads it from stdin")
    parser.add_argument("--public-key", type=Path, required=True, help="the ledger's signing.pub")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint kept outside the database")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    url = sys.stdin.read().strip() if options.database == "-" else options.database
    try:
        report = verify(
            url,
            checkpoint=options.checkpoint.read_text("utf-8") if options.checkpoint else None,
            public_key=VerifierKey.parse(options.public_key.read_text("utf-8")),
        )
    except (LedgerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write((report.to_json() if options.json else _told(report)) + "\n")
    return 0 if report.ok else 1


def _told(report: Report) -> str:
    lines = [f"{report.size} entries, root {report.root}"]
    for problem in report.problems:
        place = "" if problem.index is None else f" at entry {problem.index}"
        lines.append(f"{problem.kind}{place}: {problem.detail}")
    more = {kind: count for kind, count in report.counts.items() if count > MOST_PROBLEMS}
    lines += [f"{kind}: {count} in all" for kind, count in more.items()]
    return "\n".join([*lines, "verified" if report.ok else "NOT verified"])


if __name__ == "__main__":
    sys.exit(main())
