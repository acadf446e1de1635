"""Removes what a killed process left half written: drafts of snapshots, partial files.

Each is named after the process that wrote it, so what a living process is still writing stays.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_DRAFT = re.compile(r"^\.draft\.(\d+)\.duckdb(?:\.wal)?$")
_PARTIAL = re.compile(r"\.(\d+)\.partial$")


def sweep(folder: Path) -> list[str]:
    """Remove the drafts and partial files of dead processes in a folder; give their names."""
    removed = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        named = _DRAFT.search(path.name) or _PARTIAL.search(path.name)
        if named is not None and not _is_alive(int(named[1])):
            path.unlink(missing_ok=True)
            removed.append(path.name)
    return removed


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
