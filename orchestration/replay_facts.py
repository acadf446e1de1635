"""The facts a decision was made from, found again: snapshot, policy, models, live facts.

::

    batch: inputs name a version of fct_receivables ─► the published snapshot that holds just it
    live:  the entry names its snapshot and its own facts entry
    both:  policy by hash from its entry, models by hash from the store

What cannot be found again is named; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ledger.errors import SubjectErased
from ledger.merkle import content_root
from orchestration import directory, facts, hashes, lineage
from orchestration.lineage import PLATFORM_TENANT
from orchestration.live import facts as live_facts
from orchestration.live import snapshot as live_snapshot
from orchestration.stages import training

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.entry import StoredEntry
    from models.assessment import Book, Facts
    from models.decisions.policy import Policy
    from models.scores.scoring import ScoreModels
    from orchestration.live.book import TenantBook
    from orchestration.platform import Platform

_RECEIVABLES = "marts/risk/fct_receivables"
_MOST_SNAPSHOTS = 5


class NotReplayableError(Exception):
    """What a decision was made from is not there any more, or was never noted. Says what."""


@dataclass
class Sources:
    """Finds and keeps what decisions were made from.

    Attributes:
        platform: The opened platform.
    """

    platform: Platform
    _books: dict[tuple[str, str], TenantBook] = field(default_factory=dict)
    _roots: dict[tuple[str, str], str] = field(default_factory=dict)
    _policies: dict[str, Policy] = field(default_factory=dict)
    _models: dict[str, ScoreModels] = field(default_factory=dict)

    def live(self, decision: StoredEntry, policy: Policy) -> tuple[Facts, Book]:
        """Give facts and book of a live decision.

        Raises:
            NotReplayableError: Something of it is gone.
        """
        body, tenant_id = decision.entry.body, decision.entry.tenant_id
        publication = self.platform.ledger.entry(int(body["snapshot_entry"]))
        book = self._book(publication, str(body["snapshot_id"]), tenant_id)
        told = self.platform.ledger.entry(int(body["facts_entry"]))
        try:
            private = live_facts.private_part(self.platform.ledger, told)
        except SubjectErased as error:
            raise NotReplayableError(f"its facts were erased under case {error.case}") from None
        receivable = live_facts.typed(private["receivable"], book.found.receivables.schema)
        debtor = live_facts.typed(private["debtor"], book.found.debtors.schema)
        request = facts.open_requests(replace(book.found, receivables=receivable))
        told_anew = None if debtor.is_empty() else debtor
        return book.beside(request, told_anew, policy, _moment(body))

    def batch(self, decisions: list[StoredEntry]) -> Facts:
        """Give the facts of decisions that one run made together.

        Raises:
            NotReplayableError: No kept snapshot holds the version they were made from.
        """
        import polars as pl

        from models.assessment import Facts

        first = decisions[0]
        found = self._book_of_batch(decisions).found
        wanted = [str(one.entry.body["receivable_id"]) for one in decisions]
        requests = facts.open_requests(found).filter(pl.col("receivable_id").is_in(wanted))
        if requests.height != len(set(wanted)):
            raise NotReplayableError("the snapshot lacks a receivable that was decided with it")
        as_of = _moment(first.entry.body)
        return Facts(as_of, requests, found.receivables, found.debtors, found.sellers)

    def policy(self, wanted: str) -> Policy:
        """Give the policy of a hash.

        Raises:
            NotReplayableError: It was never published, or reads otherwise now.
        """
        from models.decisions.policy import Policy

        if wanted not in self._policies:
            for stored in self.platform.ledger.entries("policy_published", PLATFORM_TENANT):
                if stored.entry.body["policy_hash"] == wanted:
                    self._policies[wanted] = Policy.load(str(stored.entry.body["text"]))
        found = self._policies.get(wanted)
        if found is None or found.hash != wanted:
            raise NotReplayableError(f"policy {wanted[:12]} is not among those published")
        return found

    def models(self, decision: StoredEntry) -> ScoreModels:
        """Give the models that a decision names.

        Raises:
            NotReplayableError: They are not in the store.
        """
        wanted = dict(decision.entry.body["model_hashes"])
        published = self.platform.ledger.entries(
            "model_published",
            decision.entry.tenant_id,
            key=training.MODEL_ID,
            newest_first=True,
        )
        for stored in published:
            if stored.index < decision.index:
                models = self._models_of(str(stored.entry.body["sha256"]))
                if dict(models.hashes) == wanted:
                    return models
        raise NotReplayableError("the models it names were not published for its tenant")

    def _models_of(self, sha256: str) -> ScoreModels:
        from models.scores import registry

        if sha256 not in self._models:
            try:
                self._models[sha256] = registry.load(self.platform.model_store.get(sha256))
            except FileNotFoundError:
                raise NotReplayableError(f"models {sha256[:12]} are not in the store") from None
        return self._models[sha256]

    def _book_of_batch(self, decisions: list[StoredEntry]) -> TenantBook:
        """Find the snapshot whose receivables are the version that the decisions name."""
        tenant_id = decisions[0].entry.tenant_id
        root = _root_of(decisions[0])
        later = self.platform.ledger.entries(
            "publication", after=decisions[-1].index, limit=_MOST_SNAPSHOTS
        )
        for publication in later:
            state = publication.entry.body["tenants"].get(tenant_id, {})
            if state.get("state") != "fresh":
                continue
            book = self._book(publication, str(state["snapshot_id"]), tenant_id)
            if self._roots[book.snapshot_id, tenant_id] == root and self._fits(book, decisions[0]):
                return book
        raise NotReplayableError("no published snapshot holds the version it was made from")

    def _fits(self, book: TenantBook, decision: StoredEntry) -> bool:
        """Tell whether the parties of a book are the versions announced before a decision."""
        for asset_key in live_snapshot.PROVEN_PARTIES:
            announced = self.platform.ledger.entries(
                "asset_materialised",
                decision.entry.tenant_id,
                key=asset_key,
                newest_first=True,
            )
            known = next((one for one in announced if one.index < decision.index), None)
            proven = book.parties.get(asset_key)
            if known is None or proven is None or known.entry.body["content_root"] != proven[0]:
                return False
        return True

    def _book(self, publication: StoredEntry, snapshot_id: str, tenant_id: str) -> TenantBook:
        key = (snapshot_id, tenant_id)
        if key not in self._books:
            path = self.platform.places.published / f"{snapshot_id}.duckdb"
            body = publication.entry.body
            if not path.is_file():
                raise NotReplayableError(f"snapshot {snapshot_id} is not kept any more")
            if snapshot_id == body["snapshot_id"] and hashes.of_file(path) != body["sha256"]:
                raise NotReplayableError(f"snapshot {snapshot_id} is not the file published")
            paid = directory.accounts(self.platform)
            self._books[key] = live_snapshot.read(
                self.platform.ledger, path, tenant_id, publication.index, body, paid
            )
            self._roots[key] = _receivables_root(path, tenant_id)
        return self._books[key]


def _moment(body: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(body["as_of"]))


def _root_of(decision: StoredEntry) -> str:
    for item in decision.entry.body["inputs"]:
        if item["asset_key"] == _RECEIVABLES:
            return str(item["content_root"])
    raise NotReplayableError("its inputs name no version of fct_receivables")


def _receivables_root(path: Path, tenant_id: str) -> str:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        hashes = lineage.record_hashes(connection, "marts_risk", "fct_receivables")
    return content_root(hashes.get(tenant_id, [])).hex()
