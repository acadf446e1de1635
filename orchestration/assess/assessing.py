"""`ifp assess` behind its options: one file through the pipeline, and what the book in it is worth.

::

    file ─► own warehouse: raw ─► marts ─► facts ─► features, scores, verdicts ─► answer
                                                                                   │
                  var/assessments/<id>/  result.json · report.html · report.xlsx ◄─┘

Nothing is decided, reserved or paid, and no counterpart is opened. The folder gets its name when
everything in it is complete; the same question again makes it anew.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import dbt, hashes, memory, places, uploads
from orchestration.assess import facts as assess_facts
from orchestration.assess import judging
from orchestration.assess.warehouse import FileWarehouse, Landed

if TYPE_CHECKING:
    import polars as pl

    from models.decisions.policy import Policy
    from models.scores.registry import ModelRecord
    from orchestration.assess.answer import Judged
    from orchestration.console import Progress
    from orchestration.settings import Settings

RESULT, PAGE, WORKBOOK, MAPPING = "result.json", "report.html", "report.xlsx", "mapping.yml"


@dataclass(frozen=True)
class Options:
    """What is asked about a file.

    Attributes:
        file: The receivables file.
        currency: For a file that names none.
        as_of: Knowledge day; without it the latest day on which anything in the file happened.
        seller: Whose receivables; default: the file's name.
        tenant_id: For whom.
        mapping: A mapping to read it with instead of the proposed one.
        name: What the file is called for people, where it lies under another name.
    """

    file: Path
    currency: str | None = None
    as_of: date | None = None
    seller: str | None = None
    tenant_id: str = "alder"
    mapping: Path | None = None
    name: str | None = None

    @property
    def called(self) -> str:
        """The name people know the file by."""
        return self.name or self.file.name

    @property
    def sold_by(self) -> str:
        """Whose receivables."""
        return self.seller or Path(self.called).stem


@dataclass(frozen=True)
class Assessed:
    """An answer: its folder ``var/assessments/<id>``, and what its ``result.json`` holds."""

    folder: Path
    result: dict[str, Any]


def assess(settings: Settings, options: Options, progress: Progress) -> Assessed:
    """Assess one file.

    Args:
        settings: What the environment said.
        options: What is asked.
        progress: Told about each step.

    Raises:
        FileRefused: The file cannot be read as it is; the message says what to change.
    """
    from models.decisions.policy import Policy

    started = time.monotonic()
    policy = Policy.load(settings.policy.read_text(encoding="utf-8"))
    sha256 = hashes.of_file(options.file)
    assessment_id = identify(sha256, options, policy.hash)
    where = places.at(settings.var)
    parsing = dbt.parse_early(settings, where)
    final = where.var / "assessments" / assessment_id
    with _own_folder(final) as folder, FileWarehouse(settings, folder) as store:
        landed = _land(store, options, progress)
        as_of_on, basis = _day(options, landed)
        with progress.step("Raw → staging → intermediate → marts"):
            threading.Thread(target=importlib.import_module, args=("models.learning",)).start()
            store.build(parsing.result(), as_of_on)
            known = assess_facts.read(store.warehouse)
        record, judged, whole = judging.judged(known, policy, as_of_on, sha256, progress)
        memory.give_back()
        result = {
            "id": assessment_id,
            "folder": f"assessments/{assessment_id}",
            **_described(options, sha256, landed, (as_of_on, basis)),
            **_scored(policy, record),
            **_answered(judged, whole, landed, options.called),
        }
        called = known.labels, known.names
        del judged, known
        memory.give_back()
        with progress.step("Reports"):
            _written(folder, result, whole, called, landed)
        result["seconds"] = round(time.monotonic() - started, 1)
        told = json.dumps(result, indent=1, ensure_ascii=False)
        (folder / RESULT).write_text(told, encoding="utf-8")
    return Assessed(final, result)


def identify(sha256: str, options: Options, policy_hash: str) -> str:
    """Name the assessment of some bytes with some options under a policy."""
    mapping = "" if options.mapping is None else hashes.of_file(options.mapping)
    parts = (
        sha256, options.currency or "", str(options.as_of or ""), options.seller or "",
        options.called, options.tenant_id, mapping, policy_hash,
    )  # fmt: skip
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _land(store: FileWarehouse, options: Options, progress: Progress) -> Landed:
    words = f"Sources → raw: {options.called}"
    with progress.step(words):
        return store.land(
            options.file,
            tenant_id=options.tenant_id,
            connection_id=uploads.slug(options.sold_by),
            currency=options.currency,
            mapping=options.mapping,
            on_progress=lambda rows: progress.told(f"{words}, {rows:,} rows"),
        )


def _day(options: Options, landed: Landed) -> tuple[date, str]:
    """Choose the day looked at, and say why it is that one."""
    if options.as_of is not None:
        return options.as_of, "given"
    if landed.latest_event is not None:
        return landed.latest_event, "latest_event"
    return datetime.now(UTC).date(), "today"


def _described(
    options: Options, sha256: str, landed: Landed, day: tuple[date, str]
) -> dict[str, Any]:
    return {
        "is_indicative": True,
        "file": {
            "name": options.called,
            "sha256": sha256,
            "bytes": options.file.stat().st_size,
            "rows": landed.read,
            "repeated": landed.repeated,
            "rejected": landed.rejected,
        },
        "seller": options.sold_by,
        "tenant_id": options.tenant_id,
        "as_of": day[0].isoformat(),
        "as_of_basis": day[1],
        "mapping": {
            name: landed.mapping.get(name)
            for name in ("columns", "key", "date_orders", "decimal_marks", "currency", "layout")
        },
        "unused_columns": list(landed.unused),
        "rejects": landed.rejects,
        "rejects_total": landed.rejected,
    }


def _scored(policy: Policy, record: ModelRecord) -> dict[str, Any]:
    measured = record.metrics.get("out_of_time")
    coverage = measured.get("coverage_ppm") if isinstance(measured, Mapping) else None
    return {
        "policy": {"name": policy.name, "version": policy.version, "hash": policy.hash},
        "models": {
            "examples": record.examples,
            "lateness": record.models.lateness.origin,
            "days_to_pay": "learnt" if record.models.days_to_pay else "expert",
            "days_to_pay_coverage_ppm": coverage,
            "hashes": dict(record.models.hashes),
        },
    }


def _answered(judged: Judged, whole: pl.DataFrame, landed: Landed, called: str) -> dict[str, Any]:
    from apps.reports import book_assessment
    from orchestration.assess import answer as assess_answer

    found = assess_answer.currencies(judged, whole)
    agrees = all(
        item["control"]["difference_minor"] == 0 and item["eligibility"]["difference_minor"] == 0
        for item in found
    )
    return {
        "ok": agrees and not landed.rejected and bool(found),
        "headline": [book_assessment.headline(item) for item in found]
        or [f"{called} holds no receivable that can be read."],
        "notes": assess_answer.notes(judged, found, landed.mapping["columns"]["amount"]),
        "currencies": found,
        "reports": {"html": PAGE, "xlsx": WORKBOOK},
    }


def _written(
    folder: Path,
    result: Mapping[str, Any],
    whole: pl.DataFrame,
    called: tuple[Mapping[str, str], Mapping[str, str | None]],
    landed: Landed,
) -> None:
    import yaml

    from apps.reports import book_assessment_page, book_assessment_workbook

    (folder / PAGE).write_text(book_assessment_page.render(result), encoding="utf-8")
    (folder / WORKBOOK).write_bytes(book_assessment_workbook.render(result, whole, *called))
    mapping = yaml.safe_dump(dict(landed.mapping), sort_keys=False, allow_unicode=True)
    (folder / MAPPING).write_text(mapping, encoding="utf-8")


@contextmanager
def _own_folder(final: Path) -> Iterator[Path]:
    """Work in a folder beside the final one, which it becomes when all went well."""
    working = final.with_name(f".{final.name}.{os.getpid()}")
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True)
    try:
        yield working
        shutil.rmtree(final, ignore_errors=True)
        working.replace(final)
    finally:
        shutil.rmtree(working, ignore_errors=True)
