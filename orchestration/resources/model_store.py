"""The model store: score models as canonical JSON files named by their hash, never pickled."""

from __future__ import annotations

import os
from pathlib import Path


class ModelStore:
    """A folder of models; a file once written never changes.

    Args:
        folder: Where the files lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, sha256: str, content: bytes) -> Path:
        """Keep a model's bytes under their hash."""
        path = self._folder / f"{sha256}.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}.partial")
            partial.write_bytes(content)
            partial.replace(path)
        return path

    def get(self, sha256: str) -> bytes:
        """Return a model's bytes.

        Raises:
            FileNotFoundError: When no such model was kept here.
        """
        return (self._folder / f"{sha256}.json").read_bytes()
