"""Uploaded files: kept once by content in ``var/inbox``, remembered with whose book they are.

The bytes lie under their hash; beside them one small note per connection says which files belong
to it, in which currency, and on which account its seller is paid.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration import hashes
from orchestration.places import Places

_NOTE_SUFFIX = ".connection.json"


@dataclass(frozen=True, slots=True)
class Upload:
    """The files of one connection.

    Attributes:
        tenant_id: Whose book.
        connection_id: Made of the seller's name; sellers known by files only are shown by it.
        files: File names inside the inbox, in order of upload.
        folder: The inbox.
        currency: For files that name none, ISO 4217.
        paid_as: Connection of the organisation on whose account the seller is paid.
    """

    tenant_id: str
    connection_id: str
    files: tuple[str, ...]
    folder: Path
    currency: str | None = None
    paid_as: str | None = None

    @property
    def paths(self) -> list[Path]:
        """Full paths of the files."""
        return [self.folder / name for name in self.files]


def uploads(where: Places) -> list[Upload]:
    """Return every upload remembered in the inbox."""
    found = []
    for path in sorted(where.inbox.glob(f"*{_NOTE_SUFFIX}")):
        noted = json.loads(path.read_text(encoding="utf-8"))
        noted["files"] = tuple(noted["files"])
        found.append(Upload(folder=where.inbox, **noted))
    return found


def keep(
    where: Places,
    paths: Sequence[Path],
    *,
    tenant_id: str,
    seller: str | None,
    currency: str | None,
    paid_as: str | None,
) -> list[Upload]:
    """Copy files into the inbox and remember whose they are.

    Args:
        where: Places of the run.
        paths: Files to take; the originals stay as they are.
        tenant_id: The financier.
        seller: Whose receivables; without it each file's name stands for its seller.
        currency: For files that name none.
        paid_as: Connection of the organisation on whose account the seller is paid.

    Raises:
        FileNotFoundError: A path is no file.
    """
    for path in paths:
        connection_id = slug(seller or path.stem)
        stored = _store(where.inbox, path)
        note = where.inbox / f"{tenant_id}--{connection_id}{_NOTE_SUFFIX}"
        before: list[str] = []
        if note.is_file():
            before = list(json.loads(note.read_text(encoding="utf-8"))["files"])
        upload = Upload(
            tenant_id=tenant_id,
            connection_id=connection_id,
            files=tuple(dict.fromkeys([*before, stored])),
            folder=where.inbox,
            currency=currency,
            paid_as=paid_as,
        )
        noted = {name: value for name, value in asdict(upload).items() if name != "folder"}
        note.write_text(json.dumps(noted, indent=1), encoding="utf-8")
    return uploads(where)


def slug(name: str) -> str:
    """Write a seller's name as a connection id."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "seller"


def _store(inbox: Path, path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file")
    name = f"{hashes.of_file(path)}{path.suffix.lower()}"
    if not (inbox / name).exists():
        partial = inbox / f"{name}.partial"
        shutil.copyfile(path, partial)
        partial.replace(inbox / name)
    return name
