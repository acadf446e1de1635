"""The live path: one submitted invoice from the command to the committed decision.

::

    command ─► pull ─► rows ─► beside the latest snapshot ─► assessment ─┐
                                                                         ▼  one transaction
          facts entry · reservation · decision entry · asked of the bank · answer · task done

Nothing here waits for the warehouse: facts come from a published snapshot and from what was pulled.
The decision itself is the batch's: the same SQL, the same assessment, the same commitment.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ledger.errors import SubjectErased
from orchestration import directory, facts, identifiers
from orchestration.live import bench as live_bench
from orchestration.live import facts as live_facts
from orchestration.live import sql as live_sql
from orchestration.live.pull import REFRESH_DAYS, Puller, receivable_id_of
from orchestration.live.snapshot import Books
from orchestration.served.dispatch import Answer, CommandRefusedError
from orchestration.stages import commitment, landing, policy, training

if TYPE_CHECKING:
    import polars as pl

    from ledger.entry import Entry
    from ledger.queue import Task
    from ledger.transaction import Transaction
    from models.decisions.policy import Policy
    from models.domain.outcomes import DecisionCore
    from models.scores.scoring import ScoreModels
    from orchestration.live.book import TenantBook
    from orchestration.live.facts import LiveFacts
    from orchestration.platform import Platform

INVOICE_SUBMITTED = "command.invoice_submitted"
SCORE_REQUESTED = "command.score_requested"
KINDS = (INVOICE_SUBMITTED, SCORE_REQUESTED)

_TOLD = ("decision_id", "outcome", "receivable_id")


@dataclass(frozen=True)
class Assessed:
    """What a command came to before anything is written.

    Attributes:
        task: The command's task.
        book: The book it was decided beside.
        live: What was pulled.
        core: What the assessment says.
        decision_id: The decision's id.
        state_hash: The state it stands on.
        requested_at: When the receivable was recorded.
        ledger_size: Under which reservations.
        as_of: Knowledge time.
    """

    task: Task
    book: TenantBook
    live: LiveFacts
    core: DecisionCore
    decision_id: str
    state_hash: str
    requested_at: datetime
    ledger_size: int
    as_of: datetime


class Live:
    """Serves submitted invoices one by one; keeps what they share.

    Args:
        platform: The opened platform.
        refresh_days: A bureau report younger than this is not asked for again.
    """

    def __init__(self, platform: Platform, *, refresh_days: int = REFRESH_DAYS) -> None:
        self._platform = platform
        self._refresh_days = refresh_days
        self._puller: Puller | None = None
        self._models: dict[str, tuple[int, ScoreModels]] = {}
        self._policy: tuple[float, Policy] | None = None
        self._turn = threading.Lock()
        self.books = Books(platform)

    def prepare(self) -> None:
        """Compile the SQL where the project is new, and read the latest snapshot."""
        self._ready()
        self.books.refresh()

    def _ready(self) -> Puller:
        with self._turn:
            if self._puller is None:
                from ingestion.single import Single

                platform = self._platform
                chain = live_sql.chain(platform.settings, platform.places)
                self._puller = Puller(
                    platform,
                    Single(platform.places.var),
                    live_bench.Bench(chain),
                    self._refresh_days,
                )
            return self._puller

    def close(self) -> None:
        """Close what was opened."""
        if self._puller is not None:
            self._puller.single.close()
            self._puller.bench.close()

    def serve(self, task: Task) -> Answer:
        """Serve one command.

        Raises:
            CommandRefusedError: Nothing can be decided, and trying again would not help.
            NotReadyError: The tenant has no book yet.
            SourceError: A source did not answer.
        """
        known = self._settled_before(task)
        if known is not None:
            return known
        found = self.assess(task)
        if task.kind == SCORE_REQUESTED:
            return Answer(_indication(found.core))
        told: dict[str, Any] = {}
        entry, inputs = live_facts.entry_of(
            found.live,
            found.book,
            self._ready().bench,
            command_id=str(task.payload["command_id"]),
            occurred_at=found.as_of,
            proofs=self._platform.places.proofs,
        )

        def commit(tx: Transaction) -> None:
            told.update(self._commit(tx, found, entry, inputs))

        return Answer(told, within=commit)

    def assess(self, task: Task) -> Assessed:
        """Pull what a command is about and assess it; raises as :meth:`serve`."""
        puller, book = self._ready(), self.books.of(task.tenant_id)
        moment = self._moment(book)
        fetched_at = min(landing.fetch_time(self._platform).replace(microsecond=0), moment)
        live = puller.pull(task, book, fetched_at=fetched_at, as_of=moment)
        request = facts.open_requests(replace(book.found, receivables=live.receivable))
        if request.is_empty():
            status = live.receivable["status"][0]
            raise CommandRefusedError(f"the invoice is {status}: nothing is open on it")
        return self._assessed(task, book, live, request, moment)

    def _assessed(
        self,
        task: Task,
        book: TenantBook,
        live: LiveFacts,
        request: pl.DataFrame,
        moment: datetime,
    ) -> Assessed:
        from models.assessment import assess
        from models.features.fingerprints import fingerprints_of

        platform, tenant_id = self._platform, task.tenant_id
        in_force, models = self._policy_in_force(), self._models_in_force(tenant_id)
        keys = {tenant_id: platform.keyring.fingerprint_key(tenant_id)}
        known, prepared = book.beside(request, live.debtor, in_force, moment)
        prints = fingerprints_of(request.to_dicts()[0], keys)
        taken = platform.ledger.taken(
            tenant_id,
            parties=(("seller", live.seller_id), ("debtor", live.debtor_id)),
            exact=prints.exact,
            near=prints.near,
        )
        known = replace(
            known,
            exposures=taken.exposures,
            financed=frozenset({prints.exact} if taken.is_held else ()),
            financed_near=frozenset(taken.near),
        )
        result = assess(known, policy=in_force, scores=models, fingerprint_keys=keys, book=prepared)
        state = facts.state_hashes(live.receivable)[live.receivable_id]
        return Assessed(
            task,
            book,
            live,
            result.cores[0],
            identifiers.decision_id(live.receivable_id, state, in_force.hash, models.hashes),
            state,
            request["requested_at"][0],
            taken.size,
            moment,
        )

    def _commit(
        self, tx: Transaction, found: Assessed, entry: Entry, inputs: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Write the facts and the decision; the same state decided before is only told again."""
        platform, core = self._platform, found.core
        known = tx.projection("decisions", tenant_id=core.tenant_id, key=found.decision_id)
        if known:
            return {name: known[-1][name] for name in _TOLD}
        try:
            told = tx.append(entry)
        except SubjectErased as error:
            raise CommandRefusedError(f"the debtor was erased under case {error.case}") from None
        parties = {"marts/risk/dim_sellers": core.seller_id}
        if found.live.debtor is None:
            parties["marts/risk/dim_debtors"] = core.debtor_id
        made = commitment.Making(
            decision_id=found.decision_id,
            state_hash=found.state_hash,
            requested_at=found.requested_at.isoformat(),
            ledger_size=found.ledger_size,
            inputs=[
                *({**item, "entry_index": told.index} for item in inputs),
                *found.book.inputs(parties),
            ],
            run_id=f"live:{found.task.payload['command_id'][:16]}",
            beside={
                "snapshot_id": found.book.snapshot_id,
                "snapshot_entry": found.book.entry_index,
                "facts_entry": told.index,
            },
        )
        payee = self._payee(found)
        if core.outcome.value == "approve" and payee is not None:
            commitment.ask_for_account(platform, tx, core.tenant_id, payee)
        final = commitment.commit_one(platform, tx, core, made)
        return {
            "decision_id": found.decision_id,
            "outcome": final.outcome.value,
            "receivable_id": final.receivable_id,
        }

    def _payee(self, found: Assessed) -> directory.Payee | None:
        key = (found.task.tenant_id, str(found.task.payload["connection_id"]))
        account = directory.accounts(self._platform).get(key)
        if account is None:
            return None
        seller_id = found.core.seller_id
        return directory.Payee(seller_id, account.name, account.payout_iban, account.mail)

    def _settled_before(self, task: Task) -> Answer | None:
        """Tell the standing decision where an advance on the receivable is reserved or paid."""
        receivable_id = receivable_id_of(
            task.tenant_id, str(task.payload["connection_id"]), str(task.payload["record_id"])
        )
        if task.kind == SCORE_REQUESTED or not self._platform.ledger.is_reserved(receivable_id):
            return None
        stored = self._platform.ledger.entries(
            "decision", task.tenant_id, subject=receivable_id, limit=1, newest_first=True
        )
        if not stored:
            return None
        body = stored[0].entry.body
        return Answer({**{name: body[name] for name in _TOLD}, "is_standing": True})

    def _moment(self, book: TenantBook) -> datetime:
        """Decide as of now, and never before the snapshot."""
        return max(self._platform.clock.as_of, book.as_of)

    def _policy_in_force(self) -> Policy:
        """Read the policy when its file is new, and publish a text that is."""
        changed_at = self._platform.settings.policy.stat().st_mtime
        if self._policy is None or self._policy[0] != changed_at:
            policy.ensure_policy(self._platform)
            self._policy = (changed_at, policy.in_force(self._platform))
        return self._policy[1]

    def _models_in_force(self, tenant_id: str) -> ScoreModels:
        index = training.published(self._platform, tenant_id).index
        known = self._models.get(tenant_id)
        if known is None or known[0] != index:
            known = (index, training.in_force(self._platform, tenant_id))
            self._models[tenant_id] = known
        return known[1]


def _indication(core: DecisionCore) -> dict[str, Any]:
    """Tell what a decision would say; nothing is decided by it."""
    names = ("grade", "pd_ppm", "late_ppm", "points", "advance_bps", "price_30d_ppm")
    return {
        "receivable_id": core.receivable_id,
        "indicated_outcome": core.outcome.value,
        **{name: getattr(core, name) for name in names},
    }
