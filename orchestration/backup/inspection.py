"""Holds a backup against its manifest: every byte, the ledger in it, and what that names.

The ledger is read by the verifier in a process of its own, against the checkpoint in the manifest
and, when given, against one that was kept elsewhere. Only the second shows a backup that was
replaced as a whole.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.verify import Report, verify_apart
from orchestration.backup.manifest import Manifest, hashed, read


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as the manifest says.

    Attributes:
        kind: ``missing``, ``changed``, ``added``, or what the ledger's verifier calls it.
        path: The file.
        detail: In words.
    """

    kind: str
    path: str
    detail: str


@dataclass
class Inspection:
    """What an inspection found.

    Attributes:
        manifest: The manifest it was held against.
        faults: What is wrong.
    """

    manifest: Manifest
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def body(self) -> dict[str, Any]:
        """Give the shape of ``ifp backup verify --json``."""
        return {
            "ok": self.is_sound,
            "problems": [asdict(fault) for fault in self.faults],
            **self.manifest.summary(),
        }


def inspect(folder: Path, *, checkpoint: Path | None = None) -> Inspection:
    """Hold a backup against its manifest.

    Args:
        folder: The backup.
        checkpoint: A checkpoint of the ledger that was kept elsewhere.

    Raises:
        BackupError: It has no manifest that could be read.
    """
    found = Inspection(read(folder))
    _compare_files(folder, found)
    if found.is_sound:
        _read_ledger(folder, found, checkpoint)
    return found


def _compare_files(folder: Path, found: Inspection) -> None:
    known = {item.path: item for item in found.manifest.files}
    for path, item in known.items():
        if not is_inside(folder, path):
            found.faults.append(Fault("outside", path, "leads out of the backup"))
        elif not (folder / path).is_file():
            found.faults.append(Fault("missing", path, "is not there"))
        elif (item.size, item.sha256) != hashed(folder / path):
            found.faults.append(Fault("changed", path, "is not the file that was hashed"))
    if found.manifest.ledger.path not in known:
        found.faults.append(Fault("missing", found.manifest.ledger.path, "is not listed"))


def _read_ledger(folder: Path, found: Inspection, outside: Path | None) -> None:
    mark = found.manifest.ledger
    with tempfile.TemporaryDirectory(prefix="ifp-inspect-") as scratch:
        public, note = Path(scratch) / "signing.pub", Path(scratch) / "checkpoint.txt"
        public.write_text(f"{mark.verifier_key}\n", encoding="utf-8")
        note.write_text(mark.checkpoint, encoding="utf-8")
        for checkpoint in (note, outside):
            if checkpoint is None:
                continue
            try:
                report = verify_apart(
                    f"sqlite:///{folder / mark.path}", public_key=public, checkpoint=checkpoint
                )
            except LedgerError as error:
                found.faults.append(Fault("unreadable", mark.path, str(error)))
                return
            _hold(report, found)


def _hold(report: Report, found: Inspection) -> None:
    mark = found.manifest.ledger
    found.faults += [Fault(one.kind, mark.path, one.detail) for one in report.problems]
    if (report.size, report.root) != (mark.size, mark.root):
        detail = f"has {report.size} entries with root {report.root[:16]}…"
        found.faults.append(Fault("other_ledger", mark.path, detail))


def is_inside(folder: Path, path: str) -> bool:
    """Tell whether a path of a manifest stays within its folder."""
    return (folder / path).resolve().is_relative_to(folder.resolve())
