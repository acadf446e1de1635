"""Files that people upload to be assessed: kept by content, asked about, and answered.

::

    bytes ─► var/inbox/<sha256>.<ext> ─► command `assess_requested` ─► worker
                                          var/assessments/<id>/result.json, report.html, .xlsx

Only what a command of one's own tenant names is read, so a folder's id gives nobody access to it.
"""

import json
import os
import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from apps.commands import ASSESS_REQUESTED, Command, CommandState

SUFFIXES = ("csv", "tsv", "txt", "xlsx", "xlsm", "xls", "xlsb", "ods", "parquet", "xml")
MOST_BYTES = 200_000_000
REPORTS = {
    "report.html": "text/html",
    "report.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The reports of an assessment and their media types."""

FIELDS = {"--currency": "the field “Currency of amounts”", "--as-of": "“As of”"}
"""What the terminal's options are called on the page."""

_RESULT = "result.json"
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LONGEST_NAME = 120


class UploadRefusedError(Exception):
    """An upload cannot be assessed; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was kept.

    Attributes:
        sha256: of its bytes.
        name: as the person called it.
        size_bytes: how large it is.
    """

    sha256: str
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was found about a file.

    Attributes:
        folder: where the answer lies.
        result: `result.json`, see `docs/assess.md`.
    """

    folder: Path
    result: dict[str, Any]

    @property
    def currencies(self) -> list[dict[str, Any]]:
        """The book per currency, the largest first."""
        return list(self.result.get("currencies") or [])

    def report(self, name: str) -> Path | None:
        """Return the path of one of `REPORTS`; none when it was not made."""
        path = self.folder / name
        return path if name in REPORTS and path.is_file() else None


def keep(inbox: Path, name: str, content: bytes) -> Upload:
    """Keep uploaded bytes under their hash; the same bytes are kept once.

    Raises:
        UploadRefusedError: empty, too large, or of a kind that is not read.
    """
    shown = Path(name).name[-_LONGEST_NAME:]
    suffix = Path(shown).suffix.lower().removeprefix(".")
    if suffix not in SUFFIXES:
        listed = ", ".join(f".{one}" for one in SUFFIXES)
        raise UploadRefusedError(f"{shown} is not one of {listed}; save it as .csv or .xlsx")
    if not content:
        raise UploadRefusedError(f"{shown} is empty; export it again with its rows")
    if len(content) > MOST_BYTES:
        raise UploadRefusedError(
            f"{shown} is larger than {MOST_BYTES // 1_000_000} MB; "
            "assess it in the terminal: ifp assess FILE"
        )
    digest = sha256(content).hexdigest()
    path = inbox / f"{digest}.{suffix}"
    if not path.is_file():
        inbox.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_bytes(content)
        partial.replace(path)
    return Upload(digest, shown, len(content))


def request(tenant_id: str, upload: Upload, currency: str | None, as_of: date | None) -> Command:
    """Make the command that assesses a kept file.

    Raises:
        UploadRefusedError: the currency is no ISO 4217 code.
    """
    if currency is not None and not _CURRENCY.fullmatch(currency):
        raise UploadRefusedError(f"{currency} is no currency code; write three letters, as in EUR")
    on = None if as_of is None else as_of.isoformat()
    return Command(
        kind=ASSESS_REQUESTED,
        tenant_id=tenant_id,
        about=upload.sha256,
        same=(currency or "", on or "", upload.name),
        payload={
            "sha256": upload.sha256,
            "name": upload.name,
            "currency": currency,
            "as_of": on,
        },
    )


def kept(state: CommandState) -> Upload:
    """Return the file that a command is about, to ask about it with other options."""
    return Upload(str(state.body["sha256"]), str(state.body["name"]), 0)


def on_page(text: str) -> str:
    """Say in the words of the page what the terminal says with its options."""
    for option, field in FIELDS.items():
        text = text.replace(option, field)
    return text


def answer(folder: Path, state: CommandState) -> Assessment | None:
    """Read what a command that was carried out found; none when it has no answer.

    Args:
        folder: the folder of assessments.
        state: the command, of a tenant that whoever looks may see.
    """
    named = str(state.body.get("assessment_id") or "")
    if state.phase != "done" or not _FOLDER.fullmatch(named):
        return None
    path = folder / named / _RESULT
    if not path.is_file():
        return None
    return Assessment(path.parent, json.loads(path.read_text(encoding="utf-8")))
