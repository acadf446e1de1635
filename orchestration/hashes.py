"""What a file is known by: the hash of its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path


def of_file(path: Path) -> str:
    """Give the SHA-256 of a file's bytes, lower hex."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
