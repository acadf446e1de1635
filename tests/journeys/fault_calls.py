"""Trials of acting: an approval carried out under faults, held against the counterparts' books.

While a fault lasts nothing may be concluded that the counterpart did not say; once it is gone the
next drain ends in one settled payment, one order and one credit decision at the bank, and one
notice, and the ledger verifies.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from apps.api.webhooks import create_app
from ledger import backlog
from ledger.entry import Actor, Entry
from ledger.reservations import Reservation
from ledger.verify import verify
from models.domain.identity import surrogate_key
from models.domain.outcomes import DecisionCore, LimitUse, Outcome
from orchestration import identifiers, outbox, settings
from orchestration import platform as platforms
from orchestration.directory import Debtor, Directory, Payee
from orchestration.lineage import SYSTEM
from orchestration.outbox import Drained, Outbox
from orchestration.platform import Platform
from orchestration.resources.bank import Bank
from orchestration.resources.notifier import Notifier
from orchestration.settlements import PAY, SUBMIT, VERIFY
from tests.journeys.fault_table import LASTING, Trouble

TENANT = "alder"
SELLER = surrogate_key(TENANT, "seller", "xero-001")
DEBTOR = surrogate_key(TENANT, "debtor", "tax", "DE1")
TIMEOUT = 0.4
PATIENCE = 1.5
DRAIN_SECONDS = 20.0
SECRET = "whsec_" + "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0"
ANNA, BEN = Actor("person", "anna"), Actor("person", "ben")
DOUBLED_BY_THE_SERVER = {("smtp", "duplicate")}


@dataclass
class Calls:
    """A sandbox to act on.

    Attributes:
        url: Where it listens.
        folder: Scratch.
        state: Where its own records lie.
    """

    url: str
    folder: Path
    state: Path
    _count: int = field(default=0)

    def try_out(self, troubles: Sequence[Trouble]) -> list[str]:
        """Carry an approval out under faults and again without; name all that is not as it must."""
        self._count += 1
        var = self.folder / f"acting-{self._count}"
        self.admin("DELETE", "/faults")
        found = settings.load(
            var=var, sandbox_url=self.url, smtp_port=self.admin("GET", "/world")["smtp_port"]
        )
        with platforms.opened(found) as platform:
            trial = _Approval(self, platform, f"{self.folder}/{self._count}")
            with _receiver(self, platform, troubles) as received:
                wrong = self._disturbed(trial, troubles)
                wrong += self._healed(trial, troubles)
                wrong += received()
            wrong += _ledger_faults(platform)
            platform.ledger.close()
        return wrong

    def admin(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Turn the sandbox."""
        answer = httpx.request(
            method, f"{self.url}/admin{path}", json=body, timeout=30, trust_env=False
        )
        answer.raise_for_status()
        return answer.json()

    def asked(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the sandbox's own records."""
        with closing(sqlite3.connect(f"file:{self.state}?mode=ro", uri=True)) as records:
            return records.execute(sql, values).fetchall()

    def _disturbed(self, trial: _Approval, troubles: Sequence[Trouble]) -> list[str]:
        for trouble in troubles:
            self.admin("POST", "/faults", trouble.body())
        with _little_patience(trial.platform):
            Outbox(trial.platform, trial.directory).drain(seconds=DRAIN_SECONDS)
        struck = [fault["struck"] for fault in self.admin("GET", "/faults")["faults"]]
        self.admin("DELETE", "/faults")
        wrong = [] if any(struck) else ["the fault never struck"]
        return wrong + list(trial.false_conclusions())

    def _healed(self, trial: _Approval, troubles: Sequence[Trouble]) -> list[str]:
        trial.let_time_pass()
        drained = Outbox(trial.platform, trial.directory).drain(seconds=DRAIN_SECONDS)
        copies = any((one.lane.name, one.fault) in DOUBLED_BY_THE_SERVER for one in troubles)
        return list(trial.outcome_faults(drained, may_have_copies=copies))


class _Approval:
    """One approval, committed as `decide` does, and what has become of it."""

    def __init__(self, calls: Calls, platform: Platform, name: str) -> None:
        self.calls = calls
        self.platform = platform
        seller = platform.counterparts.organisations[0]
        payee = Payee(SELLER, seller.name, seller.payout_iban, seller.mail)
        debtor = Debtor(DEBTOR, "Muster GmbH", "DE1")
        self.directory = Directory({SELLER: payee}, {DEBTOR: debtor}, {})
        self.core = _core(name)
        self.decision = surrogate_key("decision", name)
        self._commit(identifiers.verification_id(SELLER, payee.iban))

    def _commit(self, question: str) -> None:
        core, decision = self.core, self.decision
        payload = {
            "request_id": decision,
            "decision_id": decision,
            "receivable_id": core.receivable_id,
            "seller_id": core.seller_id,
            "debtor_id": core.debtor_id,
            "face_minor": core.requested_minor,
            "payout_minor": core.advance_minor - core.fee_minor,
            "currency": core.currency,
        }
        body = {**core.body(), "decision_id": decision, "inputs": []}
        subjects = (decision, core.receivable_id)
        moment = self.platform.clock.as_of
        with self.platform.ledger.transaction() as tx:
            tx.reserve(
                Reservation(
                    TENANT,
                    core.fingerprint_exact,
                    core.fingerprints_near,
                    core.receivable_id,
                    core.advance_minor,
                    core.currency,
                    (),
                )
            )
            tx.append(Entry("decision", TENANT, moment, SYSTEM, subjects, body))
            tx.enqueue(VERIFY, TENANT, question, {"request_id": question, "seller_id": SELLER})
            tx.enqueue(SUBMIT, TENANT, f"{SUBMIT}:{decision}", payload)

    def false_conclusions(self) -> Iterator[str]:
        """Name what was concluded though no counterpart said so."""
        ledger = self.platform.ledger
        yield from (
            f"payment called {row['status']}"
            for row in ledger.projection("payments")
            if row["status"] == "RJCT"
        )
        yield from (
            f"told {row['kind']}" for row in ledger.projection("messages") if row["kind"] != "paid"
        )
        for task in self._unfinished():
            if task.attempts and not task.reason:
                yield f"{task.kind} waits without a cause"

    def let_time_pass(self) -> None:
        """Make due what waits, and have people replay what was given up."""
        queue = self.platform.ledger.queue
        for letter in queue.dead_letters():
            queue.replay(letter.id, by=ANNA, approved_by=BEN if letter.kind == PAY else None)
        with self.platform.ledger.transaction() as tx:
            for task in self._unfinished():
                tx.hasten(TENANT, task.idempotency_key)

    def outcome_faults(self, drained: Drained, *, may_have_copies: bool) -> Iterator[str]:
        """Hold the end against what the counterparts have."""
        yield from (f"{task.kind} {task.standing}: {task.reason}" for task in self._unfinished())
        payments = self.platform.ledger.projection("payments")
        if [row["status"] for row in payments] != ["ACSC"]:
            yield f"payments: {[row['status'] for row in payments]} ({drained})"
            return
        (payment,) = payments
        wanted = self.core.advance_minor - self.core.fee_minor
        orders = self.calls.asked(
            "select amount, status from payment_orders where end_to_end_id = ?",
            payment["end_to_end_id"],
        )
        if orders != [(wanted, "ACSC")]:
            yield f"the bank has {orders}, not one order of {wanted}"
        ((credits_,),) = self.calls.asked(
            "select count(*) from credit_decisions where request_id = ?", self.decision
        )
        if credits_ != 1:
            yield f"the bank decided {credits_} times"
        yield from self._mail_faults(may_have_copies=may_have_copies)

    def _mail_faults(self, *, may_have_copies: bool) -> Iterator[str]:
        (message,) = self.platform.ledger.projection("messages")
        mails = Counter(mail["message_id"] for mail in self.calls.admin("GET", "/mail")["messages"])
        copies = sum(count for name, count in mails.items() if message["message_id"] in name)
        if message["status"] != "delivered" or not copies:
            yield f"the notice is {message['status']}, {copies} arrived"
        if copies > 1 and not may_have_copies:
            yield f"the notice arrived {copies} times"

    def _unfinished(self) -> list[backlog.QueuedTask]:
        return backlog.tasks(self.platform.ledger, TENANT, now=datetime.now(UTC))


def _core(name: str) -> DecisionCore:
    return DecisionCore(
        tenant_id=TENANT,
        receivable_id=surrogate_key("receivable", name),
        seller_id=SELLER,
        debtor_id=DEBTOR,
        as_of="2026-06-30T23:59:59Z",
        requested_minor=100_000,
        currency="EUR",
        due_on="2026-08-31",
        outcome=Outcome.APPROVE,
        eligible_minor=100_000,
        ineligible_code=None,
        grade=3,
        pd_ppm=8_000,
        late_ppm=200_000,
        points=600,
        late_points=540,
        challenger_late_ppm=210_000,
        days_to_pay=(20, 35, 50),
        expected_loss_minor=300,
        el_bps=33,
        advance_bps=9_000,
        advance_minor=90_000,
        price_ppm=12_000,
        price_30d_ppm=10_000,
        fee_minor=1_200,
        tenor_days=36,
        valid_hours=72,
        conditions=("payee_verified",),
        reasons=(),
        counterfactuals=(),
        limits=(LimitUse("seller", SELLER, 1_000_000, 0),),
        checks=(),
        fingerprint_exact=surrogate_key("exact", name),
        fingerprints_near=(surrogate_key("near", name),),
        policy_hash=surrogate_key("policy"),
        model_hashes={"card": surrogate_key("model")},
        feature_hash=surrogate_key("features"),
    )


@contextmanager
def _little_patience(platform: Platform) -> Iterator[None]:
    """Shorten time limits and waits, so that a call that hangs costs less than a second.

    What heals has the usual patience: it may be slow, on a busy machine.
    """
    usual = outbox.PATIENCE_SECONDS
    bank = Bank(platform.counterparts.bank, timeout=TIMEOUT)
    notifier = Notifier(platform.counterparts.mail, timeout=TIMEOUT)
    platform.__dict__.update(bank=bank, notifier=notifier)
    outbox.PATIENCE_SECONDS = PATIENCE
    try:
        yield
    finally:
        outbox.PATIENCE_SECONDS = usual
        for name in ("bank", "notifier"):
            del platform.__dict__[name]
        bank.close()
        notifier.close()


@contextmanager
def _receiver(calls: Calls, platform: Platform, troubles: Sequence[Trouble]) -> Iterator[Any]:
    """Listen for the bank's events where they are what is disturbed; gives what went wrong."""
    if not any(trouble.lane.name == "webhook" for trouble in troubles):
        yield list
        return
    config = uvicorn.Config(
        create_app(platform.ledger, secret=SECRET), port=0, log_level="critical", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    platform.bank.register_webhook(f"http://127.0.0.1:{port}/webhooks/bank", SECRET)
    unreadable = any(one.fault == "malformed" and one.times == LASTING for one in troubles)
    try:
        yield lambda: list(_event_faults(platform, may_be_none=unreadable))
    finally:
        server.should_exit = True
        thread.join()


def _event_faults(platform: Platform, *, may_be_none: bool) -> Iterator[str]:
    """Every event that arrived is one command, whatever came twice or late."""
    ids = Counter(
        item.entry.body["webhook_id"]
        for item in platform.ledger.entries()
        if item.entry.type == "command"
    )
    if not ids and not may_be_none:
        yield "no event arrived"
    yield from (f"event {name} taken {count} times" for name, count in ids.items() if count > 1)


def _ledger_faults(platform: Platform) -> Iterator[str]:
    report = verify(f"sqlite:///{platform.places.ledger}")
    yield from (f"ledger: {problem.kind}" for problem in report.problems)
    seen: Counter[tuple[str, str]] = Counter()
    for item in platform.ledger.entries():
        if item.entry.type in {"payment_status", "payment_instruction", "message_status"}:
            seen[item.entry.type, str(item.entry.body.get("status"))] += 1
    yield from (f"{count} × {kind} {status}" for (kind, status), count in seen.items() if count > 1)
