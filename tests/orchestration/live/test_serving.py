"""Live, batch and replay say the same of the same facts, and a writing batch holds nothing up."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from dataclasses import dataclass

import pytest

from ledger.entry import Actor
from ledger.store import Ledger
from orchestration import audit, dbt, replay, settings
from orchestration import platform as platforms
from orchestration.live import landing as live_landing
from orchestration.live import submission
from orchestration.live.serving import SCORE_REQUESTED, Live
from orchestration.platform import Platform
from orchestration.stages import assessment, landing, policy, training
from orchestration.worker import Worker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PERSON = Actor("person", "officer-1")
WORLD = {"sellers": 2, "debtors": 12, "invoices": 420, "months": 8}
MOST = 8


@dataclass(frozen=True)
class World:
    """A published book that nothing was decided on, and who serves commands beside it."""

    platform: Platform
    sandbox: object
    live: Live
    worker: Worker
    asked: list

    def submit(self, row, **more):
        """Submit an invoice and serve it; give the command's state."""
        names = ("tenant_id", "connection_id", "record_id")
        invoice = {name: row[name] for name in names}
        command = submission.submit(self.platform, **invoice, by=PERSON, **more)
        assert self.worker.serve_live() == 1
        (state,) = self.platform.ledger.projection("commands", key=command)
        return state

    def change(self, row, **fields):
        """Change an invoice as a user of the ledger system would."""
        organisations = self.platform.counterparts.organisations
        by_connection = {one.connection_id: one.xero_tenant_id for one in organisations}
        body = {
            "organisation": by_connection[row["connection_id"]],
            "entity": "invoices",
            "id": row["record_id"],
            "set": fields,
        }
        assert self.sandbox.post("/admin/records", body).status_code == 200


@pytest.fixture(scope="module")
def world(start_sandbox, tmp_path_factory):
    """Sync, build and publish a small world; decide nothing."""
    from orchestration import publication

    sandbox = start_sandbox(tmp_path_factory.mktemp("live-sandbox"), **WORLD)
    found = settings.load(
        var=tmp_path_factory.mktemp("live") / "var",
        sandbox_url=sandbox.base_url,
        smtp_port=sandbox.smtp_port,
    )
    with platforms.opened(found) as opened:
        landing.sync(opened, ("xero",))
        landing.sync(opened, ("dnb",))
        left_out = [f"--exclude-resource-type={kind}" for kind in ("test", "unit_test")]
        as_of = dbt.variables(opened.clock.text)
        dbt.run(found, opened.places, ["build", *left_out, "--vars", as_of])
        policy.ensure_policy(opened)
        training.ensure_models(opened)
        assessment.assess(opened, run_id="batch")
        publication.publish(opened)
        live = Live(opened)
        live.prepare()
        served = Worker(opened, reports_events=False, served_live=live)
        asked = assessment.asked(opened)
        yield World(opened, sandbox, live, served, asked)
        live.close()
        opened.ledger.close()


def undecided(world, item):
    """Give the rows of a tenant's open invoices that nothing was decided on, in canonical order."""
    batch = assessment.decide(world.platform, item)
    book = {row["receivable_id"]: row for row in item.found.receivables.to_dicts()}
    return [book[core.receivable_id] for core in batch.cores]


def test_live_batch_and_replay_give_the_same_bytes_in_the_same_order(world):
    served = []
    for item in world.asked:
        batch = assessment.decide(world.platform, item)
        book = {row["receivable_id"]: row for row in item.found.receivables.to_dicts()}
        for core in batch.cores[:MOST]:
            state = world.submit(book[core.receivable_id])
            stored = world.platform.ledger.latest("decision", key=state["decision_id"])
            assert stored.entry.body["core_digest"] == core.digest, core.receivable_id
            assert state["decision_id"] == item.decision_id(core.receivable_id)
            served.append(stored)
    assert len(served) == MOST * len(world.asked)
    assert {one.entry.body["outcome"] for one in served} >= {"approve", "reject"}
    verdicts = {(one.verdict, one.detail) for one in replay.replay(world.platform, served)}
    assert verdicts == {("equal", "")}


def test_the_chain_of_a_live_decision_is_proven_down_to_the_bytes(world):
    state = world.submit(undecided(world, world.asked[0])[0])
    platform = world.platform
    found = audit.chain(
        platform.ledger, platform.warehouse, platform.places.proofs, state["decision_id"]
    )
    assert found["proven"]
    names = {link["name"] for link in found["chain"]}
    assert names >= {"raw/xero/invoices", "marts/risk/fct_receivables", "publications/snapshot"}
    assert any(link["name"] == "record bytes" for link in found["chain"])


def test_a_run_that_writes_the_warehouse_holds_no_command_up(world):
    descriptor = os.open(world.platform.places.lock, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        state = world.submit(undecided(world, world.asked[0])[0])
    finally:
        os.close(descriptor)
    assert state["status"] == "done"


def test_a_corrected_invoice_is_decided_anew_and_an_unchanged_one_is_not(world):
    row = next(
        row for row in undecided(world, world.asked[0]) if world.submit(row)["outcome"] != "approve"
    )
    first = world.submit(row)
    assert world.submit(row)["decision_id"] == first["decision_id"]
    world.change(row, SentToContact=True, InvoiceNumber="CORRECTED-1")
    second = world.submit(row)
    assert second["decision_id"] != first["decision_id"]
    decided = world.platform.ledger.entries("decision", subject=first["receivable_id"])
    assert len(decided) == 2


def test_an_approved_invoice_submitted_again_tells_the_decision_that_stands(world):
    for row in undecided(world, world.asked[0]):
        first = world.submit(row)
        if first["outcome"] == "approve":
            break
    state = world.submit(row)
    assert state["decision_id"] == first["decision_id"]
    assert state["is_standing"]


def test_a_score_is_told_and_nothing_is_decided(world):
    size = len(world.platform.ledger.projection("decisions"))
    row = undecided(world, world.asked[0])[0]
    state = world.submit(row, kind=SCORE_REQUESTED)
    assert state["indicated_outcome"] in {"approve", "refer", "reject"}
    assert len(world.platform.ledger.projection("decisions")) == size


def test_what_does_not_exist_is_refused_with_words(world):
    row = {
        **undecided(world, world.asked[0])[0],
        "record_id": "00000000-0000-0000-0000-000000000000",
    }
    state = world.submit(row)
    assert (state["status"], state["reason"]) == (
        "refused",
        "the ledger system holds no such invoice",
    )


def test_the_next_batch_lands_the_bytes_and_asks_nothing_twice(world):
    state = world.submit(undecided(world, world.asked[-1])[0])
    assert live_landing.take_in(world.platform, "xero") > 0
    assert live_landing.take_in(world.platform, "xero") == 0
    stored = world.platform.ledger.latest("decision", key=state["decision_id"])
    told = world.platform.ledger.entry(int(stored.entry.body["facts_entry"]))
    (invoice,) = [
        one for one in told.entry.body["records"] if one["asset_key"] == "raw/xero/invoices"
    ]
    with world.platform.warehouse.open() as connection:
        held = connection.execute(
            "select payload_sha256 from raw_xero.invoices where record_id = ?"
            " order by fetched_at desc limit 1",
            [invoice["record_id"]],
        ).fetchall()
    assert held == [(invoice["payload_sha256"],)]
    again = assessment.decide(world.platform, world.asked[-1])
    assert again is None or state["receivable_id"] not in {
        core.receivable_id for core in again.cores
    }


def test_a_decision_whose_debtor_was_erased_is_not_replayable_but_proven(world, tmp_path):
    state = world.submit(undecided(world, world.asked[-1])[0])
    platform = with_a_copy_of_the_ledger(world.platform, tmp_path / "ledger.sqlite")
    stored = platform.ledger.latest("decision", key=state["decision_id"])
    body = stored.entry.body
    platform.ledger.erase(stored.entry.tenant_id, body["debtor_id"], by=PERSON, case="case-1")
    (found,) = replay.replay(platform, [stored])
    assert (found.verdict, found.detail) == (
        "not_replayable",
        "its facts were erased under case case-1",
    )
    proofs = platform.places.proofs
    chain = audit.chain(platform.ledger, platform.warehouse, proofs, body["decision_id"])
    assert chain["proven"]
    assert json.dumps(chain).count('"erased": true') >= 1
    platform.ledger.close()


def with_a_copy_of_the_ledger(platform, path):
    """Give the same platform on a copy of its ledger, for what cannot be taken back."""
    with sqlite3.connect(platform.places.ledger) as one, sqlite3.connect(path) as other:
        one.backup(other)
    copied = Platform(platform.settings, platform.places, platform.counterparts, platform.clock)
    copied.__dict__["ledger"] = Ledger.open(path, keys=platform.keyring)
    return copied
