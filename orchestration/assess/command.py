"""The command `assess requested`: a file that a page put into the inbox, assessed by the worker.

The page stores the bytes as ``var/inbox/<sha256>.<ext>``, the extension taken from the file's name,
and appends the command, whose queue row has

    kind      command.assess_requested
    payload   {command_id, by, sha256, name, currency: "USD" | null, as_of: "2020-05-22" | null}

:func:`serve` answers with the body of the ``command_status`` entry:

    {status: "done", outcome: "assessed", assessment_id, headline: [one sentence per currency],
     is_whole: every row was read and every total agrees, as_of, rows, rejected}
    {status: "failed", outcome: "refused", detail: what to change, reason_code}

``var/assessments/<assessment_id>/`` then holds ``result.json``, ``report.html`` and
``report.xlsx``; `docs/assess.md` describes the first. Serving the same command again gives the same
folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.platform import inbox_path

if TYPE_CHECKING:
    from ledger.queue import Task
    from orchestration.platform import Platform

KIND = "command.assess_requested"


def serve(platform: Platform, task: Task) -> Mapping[str, Any]:
    """Assess the file of a command.

    Args:
        platform: The opened platform; only its settings and its inbox are used.
        task: The claimed task.

    Returns:
        The fields of the ``command_status`` body, as the module describes.
    """
    from ingestion.documents.sheet import DocumentRefused
    from models.domain.errors import DomainError
    from orchestration.assess import assessing
    from orchestration.assess.warehouse import FileRefused
    from orchestration.console import Progress

    payload = task.payload
    name = Path(str(payload["name"])).name
    file = inbox_path(platform.places, str(payload["sha256"]), name)
    if not file.is_file():
        return _refused("missing", f"{name} is not in the inbox; upload it again.")
    try:
        options = assessing.Options(
            file=file,
            currency=payload.get("currency") or None,
            as_of=date.fromisoformat(payload["as_of"]) if payload.get("as_of") else None,
            tenant_id=task.tenant_id,
            name=name,
        )
        found = assessing.assess(platform.settings, options, Progress(is_quiet=True))
    except (FileRefused, DocumentRefused, DomainError, ValueError) as error:
        return _refused(getattr(error, "reason_code", "refused"), str(error))
    result = found.result
    return {
        "status": "done",
        "outcome": "assessed",
        "assessment_id": result["id"],
        "headline": result["headline"],
        "is_whole": result["ok"],
        "as_of": result["as_of"],
        "rows": result["file"]["rows"],
        "rejected": result["file"]["rejected"],
    }


def _refused(reason_code: str, detail: str) -> dict[str, Any]:
    return {
        "status": "failed",
        "outcome": "refused",
        "reason_code": reason_code,
        "detail": detail,
    }
