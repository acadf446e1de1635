"""How well duplicates are found: what F01 and F02 say of the book against the answer key.

The key lies beside the sandbox's world and is read by tests and this evaluation only. A planted
duplicate counts once it can be seen: both documents are in the book and known at the time.
Found means that the rule names a pair of documents that the key names.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.platform import Platform

PLANTED = {"F01": "duplicate", "F02": "near_duplicate"}
Pair = frozenset[str]


def evaluate(platform: Platform) -> dict[str, dict[str, Any]]:
    """Give recall and precision of F01 and F02 on the sandbox's world.

    Raises:
        FileNotFoundError: There is no answer key; only a sandbox of this ``var`` leaves one.
    """
    known = _documents(platform)
    found = _found(platform)
    planted = _planted(platform.places.sandbox / "answer_key.csv", set(known.values()))
    every = set().union(*planted.values())
    return {
        rule: _measured(found.get(rule, set()), planted.get(name, set()), every)
        for rule, name in PLANTED.items()
    }


def _measured(found: set[Pair], planted: set[Pair], every: set[Pair]) -> dict[str, Any]:
    hits = found & planted
    right = found & every
    return {
        "planted": len(planted),
        "found": len(found),
        "true_positives": len(hits),
        "false_positives": len(found - every),
        "recall": _share(len(hits), len(planted)),
        "precision": _share(len(right), len(found)),
    }


def _share(part: int, whole: int) -> float:
    return 1.0 if whole == 0 else round(part / whole, 4)


def _documents(platform: Platform) -> dict[str, str]:
    with platform.warehouse.open() as connection:
        return dict(
            connection.execute(
                "select receivable_id, record_id from marts_risk.fct_receivables"
            ).fetchall()
        )


def _found(platform: Platform) -> dict[str, set[Pair]]:
    from models.decisions.duplicates import Tolerance, find_duplicates
    from orchestration import facts
    from orchestration.stages import policy

    tolerance = Tolerance.of(policy.in_force(platform))
    documents = _documents(platform)
    pairs: dict[str, set[Pair]] = {}
    for item in facts.read(platform, facts.publishable_tenants(platform)):
        rows: Iterable[tuple[str, str, str]] = (
            find_duplicates(item.receivables, tolerance)
            .select("receivable_id", "other_receivable_id", "rule")
            .iter_rows()
        )
        for one, other, rule in rows:
            pairs.setdefault(rule, set()).add(frozenset({documents[one], documents[other]}))
    return pairs


def _planted(key: Path, known: set[str]) -> dict[str, set[Pair]]:
    """Read the planted pairs of which both documents are in the book, by kind of fraud."""
    pairs: dict[str, set[Pair]] = {}
    with key.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            pair = frozenset({row["document_ids"], row["counterpart_document_id"]})
            if pair <= known:
                pairs.setdefault(row["fraud_type"], set()).add(pair)
    return pairs
