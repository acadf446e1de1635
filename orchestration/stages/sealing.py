"""Audit: sign the ledger's head and have another process verify what is stored.

The checkpoint is kept beside the database (``var/checkpoints``) for whoever takes it elsewhere; a
checkpoint kept outside is what shows a cut tail or a restored copy later.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.entry import Entry
from orchestration.lineage import PLATFORM_TENANT, SYSTEM
from orchestration.resources.ledger import ledger_url

if TYPE_CHECKING:
    from orchestration.places import Places
    from orchestration.platform import Platform
    from orchestration.settings import Settings


@dataclass(frozen=True)
class Sealed:
    """What was sealed and whether it verified.

    Attributes:
        size: Entries.
        root: Merkle root, hex.
        checkpoint: The signed note.
        is_verified: Whether another process read every stored value and found nothing wrong.
        problems: What it found.
    """

    size: int
    root: str
    checkpoint: str
    is_verified: bool
    problems: list[dict[str, Any]] = field(default_factory=list)

    def metadata(self) -> dict[str, Any]:
        """Describe the seal as metadata of its asset."""
        return {"size": self.size, "root": self.root, "verified": self.is_verified}


def seal(platform: Platform) -> Sealed:
    """Append the head as an entry, sign the head after it, and verify in another process."""
    before = platform.ledger.checkpoint()
    platform.ledger.append(
        Entry(
            type="checkpoint",
            tenant_id=PLATFORM_TENANT,
            occurred_at=platform.clock.as_of,
            actor=SYSTEM,
            subjects=(),
            body={"checkpoint": before},
        )
    )
    checkpoint = platform.ledger.checkpoint()
    kept = platform.places.var / "checkpoints" / f"{platform.ledger.size():012d}.txt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(checkpoint, encoding="utf-8")
    report = verify(platform.settings, platform.places, checkpoint=kept)
    return Sealed(
        size=int(report["size"]),
        root=str(report["root"]),
        checkpoint=checkpoint,
        is_verified=bool(report["ok"]),
        problems=list(report["problems"]),
    )


def verify(settings: Settings, where: Places, *, checkpoint: Path | None = None) -> dict[str, Any]:
    """Verify the ledger in a separate process.

    Returns:
        The verifier's report: ``ok``, ``size``, ``root`` and ``problems``.
    """
    keys = settings.keys or where.keys
    command = [sys.executable, "-m", "ledger.verify"]
    command += ["--database", "-"]
    command += ["--public-key", str(keys / "signing.pub"), "--json"]
    if checkpoint is not None:
        command += ["--checkpoint", str(checkpoint)]
    done = subprocess.run(  # noqa: S603 - our own module
        command, input=ledger_url(settings, where), capture_output=True, text=True, check=False
    )
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        detail = (done.stderr or done.stdout).strip()[-500:]
        problem = {"kind": "unreadable", "index": None, "detail": detail}
        return {"ok": False, "size": 0, "root": "", "problems": [problem]}
    return report
