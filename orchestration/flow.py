"""`ifp run` behind its options: which sources, as of when, and what is said at the end."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import platform as platforms
from orchestration import suites

if TYPE_CHECKING:
    from orchestration.console import Progress
    from orchestration.platform import Platform
    from orchestration.settings import Settings


@dataclass(frozen=True)
class Options:
    """What the command line asked for.

    Attributes:
        files: Receivables files to run instead of the sandbox's books.
        currency: For files that name none.
        seller: Whose receivables the files hold.
        tenant_id: Whose book the files belong to.
        as_of: Knowledge day.
        evaluate: Compare duplicates found with the answer key.
    """

    files: tuple[Path, ...] = ()
    currency: str | None = None
    seller: str | None = None
    tenant_id: str = "alder"
    as_of: date | None = None
    evaluate: bool = False


def run(settings: Settings, options: Options, progress: Progress) -> dict[str, Any]:
    """Run the line and return its summary."""
    from orchestration import dbt, line, places, summary
    from orchestration.stages import sealing

    suites.warm_up()
    where = places.at(settings.var)
    with ExitStack() as stack:
        with progress.step("Sandbox and SQL project made ready"):
            parsing = dbt.parse_early(settings, where)
            opened = stack.enter_context(
                platforms.opened(settings, as_of=options.as_of, only_files=bool(options.files))
            )
            parsing.result()
            _take(opened, options)
        done = line.run(opened, on_step=_Steps(progress))
        with progress.step("Verification by another process"):
            report = sealing.verify(settings, where)
        sealed = {**report, "checkpoint": opened.ledger.checkpoint()}
        found = summary.summarise(opened, done, sealed)
        if options.evaluate:
            from orchestration import duplicates

            found["evaluation"] = duplicates.evaluate(opened)
    return found


def _take(platform: Platform, options: Options) -> None:
    """Put the files of the command line into the inbox."""
    from orchestration import uploads

    if not options.files:
        return
    organisations = platform.counterparts.organisations
    uploads.keep(
        platform.places,
        options.files,
        tenant_id=options.tenant_id,
        seller=options.seller,
        currency=options.currency,
        paid_as=organisations[0].connection_id if organisations else None,
    )


class _Steps:
    """Tells the steps of the line as they begin and end."""

    WORDS = {  # noqa: RUF012 - never changed
        "raw_xero": "Sources → raw: Xero",
        "raw_bank": "Sources → raw: bank",
        "raw_files": "Sources → raw: files",
        "raw_dnb": "Sources → raw: bureau",
        "raw_xero_contract": "Contract of what Xero sent",
        "raw_bank_contract": "Contract of what the bank sent",
        "raw_files_contract": "Contract of the files",
        "raw_dnb_contract": "Contract of what the bureau sent",
        "dbt_models": "Raw → staging → intermediate → marts",
        "scores__models": "Score models",
        "decisions__policy": "Policy",
        "assessment": "Marts → features → scores",
        "feature_contract": "Contract of the features",
        "decide": "Scores → decisions",
        "act": "Decisions → actions",
        "audit__entries": "Actions → audit",
        "publications__snapshot": "Published snapshot",
        "publications__marts_for_bi": "Marts for BI",
        "publications__monthly_compliance": "Monthly compliance report",
        "audit__checkpoint": "Checkpoint",
    }

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._started: dict[str, float] = {}

    def __call__(self, step: str, has_ended: bool) -> None:
        words = self.WORDS.get(step, step)
        if has_ended:
            self._progress.ended(words, time.monotonic() - self._started.get(step, 0.0))
        else:
            self._started[step] = time.monotonic()
            self._progress.began(words)
