"""Evidence from the ledger: inclusion proofs of single entries, and verification of the whole.

A proof is recomputed here from the stored bytes. Verifying everything is done by a separate
process, the same program an auditor runs: `python -m ledger.verify`.
"""

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from apps.dashboard import session
from apps.look import count, moment
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.store import Ledger


@dataclass(frozen=True)
class EntryProof:
    """An entry and the path from its bytes to the ledger's root.

    Attributes:
        index: the entry's place, counted from 0.
        size: number of entries under the root.
        recorded_at: when the ledger took the entry.
        canonical: the bytes that are hashed.
        leaf_hash: recomputed from `canonical`.
        path: sibling hashes from the leaf to the root.
        root: the ledger's root at `size`.
        is_included: whether leaf and path give the root.
        checkpoint: the signed statement of size and root.
    """

    index: int
    size: int
    recorded_at: datetime
    canonical: bytes
    leaf_hash: bytes
    path: tuple[bytes, ...]
    root: bytes
    is_included: bool
    checkpoint: str

    def content(self) -> dict[str, Any]:
        """Return the entry as written, for reading."""
        content: dict[str, Any] = json.loads(self.canonical)
        return content

    def bundle(self) -> str:
        """Return everything an outsider needs to check the entry, as JSON."""
        return json.dumps(
            {
                "index": self.index,
                "size": self.size,
                "canonical_base64": base64.b64encode(self.canonical).decode(),
                "leaf_hash": self.leaf_hash.hex(),
                "path": [node.hex() for node in self.path],
                "root": self.root.hex(),
                "checkpoint": self.checkpoint,
                "how": "leaf = SHA-256(0x00 + canonical); fold the path as RFC 6962; compare with "
                "the root in the checkpoint, whose signature the deployment's public key checks",
            },
            indent=2,
        )


@dataclass(frozen=True)
class Verification:
    """What the verifying process reported.

    Attributes:
        is_ok: whether nothing was found wrong.
        size: entries read.
        root: root they give, in hex.
        problems: kind, index and detail of each thing that is wrong.
        finished_at: when the process ended.
    """

    is_ok: bool
    size: int
    root: str
    problems: tuple[Mapping[str, Any], ...]
    finished_at: datetime


@dataclass
class _Memory:
    """The last verification of each ledger, for the life of this server."""

    last: dict[str, Verification] = field(default_factory=dict)


@st.cache_resource(show_spinner=False)
def _memory() -> _Memory:
    return _Memory()


def of_entry(ledger: Ledger, index: int, size: int | None = None) -> EntryProof:
    """Prove that an entry stands in the ledger, recomputing its leaf hash from the stored bytes."""
    whole = ledger.size() if size is None else size
    stored = ledger.entry(index)
    path = tuple(ledger.inclusion_proof(index, whole))
    root = ledger.root(whole)
    leaf = leaf_hash(stored.canonical)
    return EntryProof(
        index=index,
        size=whole,
        recorded_at=stored.recorded_at,
        canonical=stored.canonical,
        leaf_hash=leaf,
        path=path,
        root=root,
        is_included=verify_inclusion(leaf, index=index, size=whole, path=path, root=root),
        checkpoint=ledger.checkpoint(),
    )


def of_decision(decision_id: str, tenant_id: str) -> EntryProof | None:
    """Prove a decision's first entry, none when the ledger has no such decision."""
    ledger = session.ledger()
    rows = ledger.projection("decisions", tenant_id=tenant_id, key=decision_id)
    return of_entry(ledger, int(rows[0]["entry_index"])) if rows else None


def verify_everything(checkpoint: str | None = None) -> Verification:
    """Re-read and re-hash the whole ledger in a separate process and remember the outcome.

    Args:
        checkpoint: a signed checkpoint kept outside the database, to compare with.
    """
    settings = session.settings()
    command = [
        sys.executable, "-m", "ledger.verify", "--database", "-",
        "--public-key", str(settings.ledger_keys / "signing.pub"), "--json",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        if checkpoint is not None:
            kept = Path(folder) / "checkpoint"
            kept.write_text(checkpoint, encoding="utf-8")
            command += ["--checkpoint", str(kept)]
        done = subprocess.run(  # noqa: S603 - our own program, the address on its stdin
            command, input=settings.ledger_address, capture_output=True, text=True, check=False
        )
    outcome = _outcome(done)
    _memory().last[settings.ledger_address] = outcome
    return outcome


def last_verification() -> Verification | None:
    """Return the latest verification this server ran, if any."""
    return _memory().last.get(session.settings().ledger_address)


def verification_line() -> str:
    """Say in one clause whether the ledger behind the figures was verified."""
    last = last_verification()
    if last is None:
        return "ledger not verified since this server started"
    if last.is_ok:
        return f"ledger verified {moment(last.finished_at)}, {count(last.size)} entries"
    return f"verification found {count(len(last.problems))} problems {moment(last.finished_at)}"


def _outcome(done: subprocess.CompletedProcess[str]) -> Verification:
    now = datetime.now(UTC)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        detail = done.stderr.strip().splitlines()[-1:] or ["it printed nothing"]
        problem = {"kind": "verifier_failed", "index": None, "detail": detail[0]}
        return Verification(False, 0, "", (problem,), now)
    return Verification(
        is_ok=bool(report["ok"]),
        size=int(report["size"]),
        root=str(report["root"]),
        problems=tuple(report["problems"]),
        finished_at=now,
    )
