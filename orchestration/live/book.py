"""The book a live decision is made beside, and how one receivable is put into it.

::

    snapshot: frames, indexed past ─────────┐
    the submitted receivable, its debtor ───┴─ beside ─► Facts, Book: as if a batch had read it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from models.assessment import Book, Facts
    from models.decisions.policy import Policy
    from models.features.history import History
    from orchestration.facts import TenantFacts

SAME = (
    "seller_id", "debtor_id", "document_type", "number_norm", "issued_on", "gross_minor",
    "currency",
)  # fmt: skip
"""Columns by which one receivable is known again that several sources of a seller tell of."""

_PARTIES = ("debtor_id", "seller_id", "currency", "document_type")


@dataclass(frozen=True)
class TenantBook:
    """What a snapshot says of one tenant, ready to decide beside.

    Attributes:
        snapshot_id: The snapshot.
        entry_index: The publication entry that points to it.
        as_of: Knowledge time of the snapshot.
        found: The tenant's facts.
        past: The indexed payment history.
        sellers: Connection to its seller and the seller's tax id.
        parties: By asset key: content root, announcing entry, and record hash by party.
    """

    snapshot_id: str
    entry_index: int
    as_of: datetime
    found: TenantFacts
    past: History
    sellers: Mapping[str, tuple[str, str | None]]
    parties: Mapping[str, tuple[str, int, Mapping[str, str]]]

    def row(self, receivable_id: str) -> dict[str, Any] | None:
        """Give the snapshot's row of a receivable."""
        rows = self._own(receivable_id).to_dicts()
        return rows[0] if rows else None

    def debtor(self, debtor_id: str) -> pl.DataFrame:
        """Give the snapshot's row of a debtor, or none."""
        import polars as pl

        return self.found.debtors.filter(pl.col("debtor_id") == debtor_id)

    def told_elsewhere(self, row: Mapping[str, Any]) -> int:
        """Count the other sources that the book has the same receivable from."""
        return int(self.found.receivables.filter(_elsewhere(row))["source_count"].sum())

    def inputs(self, parties: Mapping[str, str]) -> list[dict[str, Any]]:
        """List the rows of parties a decision stands on, each with the version it is in.

        Args:
            parties: Party id by asset key.
        """
        found = []
        for asset_key, party in parties.items():
            root, index, hashes = self.parties.get(asset_key, ("", -1, {}))
            if party in hashes:
                found.append(
                    {
                        "asset_key": asset_key,
                        "record_sha256": hashes[party],
                        "content_root": root,
                        "entry_index": index,
                    }
                )
        return found

    def beside(
        self, request: pl.DataFrame, debtor: pl.DataFrame | None, policy: Policy, as_of: datetime
    ) -> tuple[Facts, Book]:
        """Put one receivable, and its debtor where told anew, into the book.

        The book is made of what its seller sold and what its debtor owes; only the indexed past
        is of everybody, and it is shared unless the receivable itself had a part in it.

        Args:
            request: One row of ``fct_receivables`` with ``requested_at``.
            debtor: One row of ``dim_debtors``, or ``None`` to take the snapshot's.
            policy: Policy in force.
            as_of: Knowledge time.
        """
        import polars as pl

        from models.assessment import Book, Facts
        from models.features.history import History

        receivable = request.drop("requested_at")
        receivable_id = str(receivable["receivable_id"][0])
        others = self.found.receivables.filter(
            (pl.col("receivable_id") != receivable_id) & ~_elsewhere(receivable.to_dicts()[0])
        )
        part = pl.concat([others.filter(_related(receivable)), receivable])
        debtors = self.found.debtors.filter(pl.col("debtor_id").is_in(_ids(part, "debtor_id")))
        if debtor is not None:
            known = debtors.filter(pl.col("debtor_id") != str(debtor["debtor_id"][0]))
            debtors = pl.concat([known, debtor])
        past = self.past
        if not _shares_past(self._own(receivable_id), receivable):
            past = History(pl.concat([others, receivable]))
        found = Facts(as_of, request, part, debtors, self.found.sellers)
        return found, Book.of(found, policy, past=past)

    def _own(self, receivable_id: str) -> pl.DataFrame:
        import polars as pl

        return self.found.receivables.filter(pl.col("receivable_id") == receivable_id)


def _related(receivable: pl.DataFrame) -> pl.Expr:
    import polars as pl

    row = receivable.to_dicts()[0]
    same_seller = pl.coalesce("seller_tax_id", "seller_id") == (
        row["seller_tax_id"] or row["seller_id"]
    )
    return pl.any_horizontal(
        pl.col("seller_id") == row["seller_id"],
        same_seller.fill_null(False),
        (pl.col("debtor_id") == row["debtor_id"]).fill_null(False),
    )


def _elsewhere(row: Mapping[str, Any]) -> pl.Expr:
    import polars as pl

    if not row["number_norm"]:
        return pl.lit(value=False)
    same = [(pl.col(name) == row[name]).fill_null(value=False) for name in SAME]
    return pl.all_horizontal(*same, pl.col("source_system") != row["source_system"])


def _ids(frame: pl.DataFrame, column: str) -> list[str]:
    found: list[str] = frame[column].drop_nulls().unique().to_list()
    return found


def _shares_past(known: pl.DataFrame, receivable: pl.DataFrame) -> bool:
    """Tell whether the past without this receivable is the same before and after it."""
    if known.is_empty():
        return True
    before, after = known.to_dicts()[0], receivable.to_dicts()[0]
    is_open = before["settled_recorded_at"] is None and before["open_minor"] > 0
    return is_open and all(before[name] == after[name] for name in _PARTIES)
