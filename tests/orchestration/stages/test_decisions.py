"""Two deciders at once: what only one may have, exactly one gets."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain

import polars as pl
import pytest

from ledger.store import Ledger
from models.domain.identity import surrogate_key
from models.domain.outcomes import LimitUse
from orchestration.lineage import Announced
from orchestration.resources.ledger import ledger_url
from orchestration.stages.decisions import Proven, ask_for_accounts, commit_cores

NOTHING_PROVEN = Proven({}, Announced())


@dataclass(frozen=True)
class _Book:
    receivables: pl.DataFrame


class _Asked:
    """Questions about receivables, each decided by a decider of its own name."""

    def __init__(self, cores, name: str) -> None:
        ids = [core.receivable_id for core in cores]
        moments = [datetime(2026, 6, 30, tzinfo=UTC)] * len(ids)
        self.found = _Book(pl.DataFrame({"receivable_id": ids, "recorded_at": moments}))
        self.states = dict.fromkeys(ids, "state")
        self._name = name

    def decision_id(self, receivable_id: str) -> str:
        return surrogate_key(self._name, receivable_id)


def race(platform, cores_by_decider):
    """Let deciders commit at once, each with a ledger connection of its own."""
    start = threading.Barrier(len(cores_by_decider))
    outcomes: dict[str, list[str]] = {}
    where = platform.places

    def decide(name, cores):
        own = replace_ledger(platform, Ledger.open(ledger_url(platform.settings, where),
                                                   keys=platform.keyring))  # fmt: skip
        start.wait()
        outcomes[name] = commit_cores(own, _Asked(cores, name), cores, NOTHING_PROVEN, run_id=name)
        own.ledger.close()

    threads = [threading.Thread(target=decide, args=item) for item in cores_by_decider.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def replace_ledger(platform, ledger):
    """Give the same platform with another connection to the ledger."""
    other = type(platform)(
        platform.settings, platform.places, platform.counterparts, platform.clock
    )
    other.__dict__["ledger"] = ledger
    return other


def test_racing_for_one_receivable_exactly_one_approves(platform, approved):
    platform.ledger.size()
    outcomes = race(platform, {name: [approved] for name in ("one", "two", "three")})
    assert sorted(chain(*outcomes.values())) == ["approve", "reject", "reject"]
    assert len(platform.ledger.reserved(approved.tenant_id)) == 1
    rejected = [
        row for row in platform.ledger.projection("decisions") if row["outcome"] == "reject"
    ]
    assert {row["reasons"][0]["code"] for row in rejected} == {"R201"}
    assert {row["advance_minor"] for row in rejected} == {0}


def test_racing_for_the_last_of_a_limit_exactly_one_approves(platform, approved, another):
    platform.ledger.size()
    tight = (LimitUse("debtor", approved.debtor_id, 100_000, 0),)
    cores = {f"decider {n}": [replace(another(n), limits=tight)] for n in range(3)}
    outcomes = race(platform, cores)
    assert sorted(chain(*outcomes.values())) == ["approve", "refer", "refer"]
    used = platform.ledger.exposures(approved.tenant_id)
    assert used["debtor", approved.debtor_id, "EUR"] == approved.advance_minor


def test_committing_again_adds_nothing(platform, approved):
    asked = _Asked([approved], "batch")
    first = commit_cores(platform, asked, [approved], NOTHING_PROVEN, run_id="one")
    size = platform.ledger.size()
    second = commit_cores(platform, asked, [approved], NOTHING_PROVEN, run_id="two")
    assert (first, second) == (["approve"], [])
    assert platform.ledger.size() == size


def test_an_approval_and_what_it_owes_stand_in_one_transaction(platform, approved):
    commit_cores(platform, _Asked([approved], "batch"), [approved], NOTHING_PROVEN, run_id="one")
    types = [item.entry.type for item in platform.ledger.entries()]
    assert types == ["reservation", "decision", "bank_submission"]
    assert platform.ledger.queue.stats() == {"bank.submit": {"open": 1}}


@pytest.mark.parametrize("code", ["R201", "R206", "R501", "R502", "R505"])
def test_every_refusal_has_words(code):
    from models.domain.reasons import reason

    assert reason(code, 1).text


def test_an_account_is_asked_about_once_and_only_with_its_entry(
    platform, directory, approved, another
):
    for cores in ([approved, another(2)], [another(3)]):
        ask_for_accounts(platform, directory, cores)
    entries = list(platform.ledger.entries("bank_submission"))
    assert [entry.entry.body["about"] for entry in entries] == ["account_verification"]
    assert platform.ledger.queue.stats()["bank.verify_account"]["open"] == 1
