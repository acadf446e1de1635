"""The form of ``var/``: which version of the platform may write it, stamped in one small file.

    var/store.json {"format": 2}      1: before there was a stamp · 2: stamped, no drafts left over

A folder that a newer version wrote is refused before anything is opened in it, and so is one in
which a restore did not come to its end. An older one is brought forward by ``ifp migrate``.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

FORMAT = 2
"""The form that this version writes."""

STAMP = "store.json"
UNFINISHED = ".restoring"
_UNSTAMPED = 1
_DISTRIBUTION = "invoice-financing-platform"


class StoreError(Exception):
    """A folder must not be written by this version, or not yet; the message says what to do."""


def found(var: Path) -> int | None:
    """Tell which form a folder has; ``None`` for one that holds nothing yet.

    Raises:
        StoreError: Its stamp cannot be read.
    """
    stamp = var / STAMP
    if stamp.is_file():
        try:
            return int(json.loads(stamp.read_text(encoding="utf-8"))["format"])
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{stamp} cannot be read: {error}") from error
    holds = any((var / name).is_file() for name in ("ledger/ledger.sqlite", "warehouse/ifp.duckdb"))
    return _UNSTAMPED if holds else None


def admit(var: Path) -> None:
    """Let this version write a folder: stamp an empty one, refuse what it must not touch.

    Raises:
        StoreError: A newer version wrote it, or a restore into it did not end.
    """
    if (var / UNFINISHED).exists():
        raise StoreError(
            f"a restore into {var} did not come to its end; remove that folder and restore again"
        )
    form = found(var)
    if form is None:
        stamp(var)
    elif form > FORMAT:
        raise StoreError(
            f"{var} has form {form}, this version knows {FORMAT} at most: a newer version wrote it;"
            " install that one, or restore an older backup into another folder"
        )


def stamp(var: Path, form: int = FORMAT) -> None:
    """Write the stamp of a form; the first one had none."""
    if form == _UNSTAMPED:
        return
    var.mkdir(parents=True, exist_ok=True)
    told = {"format": form, "written_by": version(_DISTRIBUTION)}
    partial = var / f".{STAMP}.partial"
    partial.write_text(json.dumps(told) + "\n", encoding="utf-8")
    partial.replace(var / STAMP)
