"""Requests joined with all that is known about them, ready to be checked one by one.

requests ─► features (block) ─► scores ─┐
book ───────────────────────────────────┴─► one Case, row and score per request, in order
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from models.book import BUREAU, Book, Facts
from models.decisions.advance import PD_FLOOR_PPM, grade
from models.decisions.checks import Case
from models.domain.canonical import sha256_hex
from models.domain.errors import InvalidFacts
from models.domain.identity import Fingerprints
from models.domain.matrix import MISSING, Matrix
from models.domain.outcomes import Scalar
from models.domain.terms import due_on
from models.features.fingerprints import fingerprints_of
from models.features.payment_behaviour import measure
from models.scores.scoring import Scored, ScoreModels, Scores

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cases:
    """Requests in canonical order with their features and scores.

    Attributes:
        requests: The requests' frame.
        features: Features and bureau columns.
        scores: Scores of the same rows.
        fingerprints: Fingerprints of the same rows.
        book: What they share.
        today: The day of ``as_of``.
    """

    requests: pl.DataFrame
    features: Matrix
    scores: Scores
    fingerprints: tuple[Fingerprints, ...]
    book: Book
    today: date

    @classmethod
    def of(cls, facts: Facts, book: Book, models: ScoreModels, keys: Mapping[str, bytes]) -> Cases:
        """Describe and score all requests in the order (requested_at, receivable_id)."""
        requests = facts.requests
        if requests.height > 1:
            requests = requests.sort("requested_at", "receivable_id")
        bureau = Matrix(BUREAU, book.bureau(requests["debtor_id"].to_list()))
        features = measure(book.past, requests, facts.as_of).with_columns(bureau)
        prints = tuple(fingerprints_of(row, keys) for row in requests.iter_rows(named=True))
        return cls(requests, features, models.read(features), prints, book, facts.as_of.date())

    @cached_property
    def feature_hashes(self) -> tuple[str, ...]:
        """Hash of each row's canonical JSON; integers and nulls need no escaping."""
        names = sorted(self.features.names)
        heads = [f'"{name}":' for name in names]
        return tuple(
            sha256_hex(
                ("{" + ",".join(head + _json(v) for head, v in zip(heads, row, strict=True)) + "}")
                .encode()
            )
            for row in self.features.columns(names).tolist()
        )  # fmt: skip

    def rows(self) -> Iterator[tuple[Case, Row, Scored, str]]:
        """Give case, request row, scores and feature hash, one request at a time."""
        paid = self.features.column("n_paid_all").tolist()
        columns = zip(
            self.requests.iter_rows(named=True), self.scores.rows(), self.fingerprints, paid,
            self.feature_hashes, strict=True,
        )  # fmt: skip
        for row, score, prints, settled, feature_hash in columns:
            yield self._case(row, score, prints, settled), row, score, feature_hash

    def _case(self, row: Row, score: Scored, prints: Fingerprints, paid: int) -> Case:
        debtor = self.book.debtor(row["debtor_id"])
        eligible, rule = _eligible(self.book, row)
        return Case(
            receivable_id=row["receivable_id"],
            seller_id=row["seller_id"],
            debtor_id=row["debtor_id"],
            currency=row["currency"],
            open_minor=row["open_minor"],
            days_to_due=(due_on(row) - self.today).days,
            seller_known=row["seller_id"] in self.book.sellers,
            debtor_known=debtor.is_known,
            has_debtor_tax_id=debtor.has_tax_id,
            is_natural_person=debtor.is_natural_person,
            eligible_minor=eligible,
            rule=rule,
            rule_value=_rule_value(rule, row, self.today),
            repeats=self.book.repeats.get(row["receivable_id"], ()),
            fingerprint_exact=prints.exact,
            fingerprints_near=prints.near,
            risk_grade=grade(max(score.default_ppm, PD_FLOOR_PPM)),
            paid=paid,
            has_bureau=debtor.has_bureau,
            late_points=score.late_points,
            challenger_points=score.challenger_late_points,
        )


def _json(value: int) -> str:
    return "null" if value == MISSING else str(value)


def _eligible(book: Book, row: Row) -> tuple[int, str | None]:
    rid = row["receivable_id"]
    found = book.eligible.get(rid)
    if found is None:
        if row["open_minor"]:
            raise InvalidFacts(f"receivable {rid} is requested but not in the history")
        return 0, "E01"
    amount, rule = found
    return amount, rule or (None if amount > 0 else "E01")


def _rule_value(rule: str | None, row: Row, today: date) -> Scalar:
    if rule == "E03":
        return int((today - row["issued_on"]).days)
    if rule == "E13":
        return int((due_on(row) - row["issued_on"]).days)
    if rule == "E15":
        return str(row["currency"])
    if rule == "E10":
        return int(row["disputed_minor"] or 0)
    return str(row["status"]) if rule == "E01" else None
