"""Of two approvals at the same moment, exactly one takes what only one can have."""

import multiprocessing
import threading
from datetime import UTC, datetime

import pytest

from ledger.entry import Actor, Entry
from ledger.errors import ReservationRefused
from ledger.keys import Keyring
from ledger.reservations import Limit, Reservation
from ledger.store import Ledger
from ledger.verify import verify


def approve(ledger, racer, *, receivable, limit_minor):
    """Approve as the worker does; say how it ended."""
    reservation = Reservation(
        "alder",
        f"fingerprint of {receivable}",
        (),
        receivable,
        100,
        "EUR",
        (Limit("debtor", "d1", limit_minor),),
    )
    moment = datetime(2026, 6, 30, tzinfo=UTC)
    with ledger.transaction() as tx:
        outcome = "approve"
        try:
            tx.reserve(reservation)
        except ReservationRefused as refused:
            outcome = refused.code
        body = {"decision_id": f"{receivable} by {racer}", "outcome": outcome}
        tx.append(Entry("decision", "alder", moment, Actor("system", racer), (receivable,), body))
        if outcome == "approve":
            tx.enqueue("bank.submit", "alder", f"submit {receivable}", {})
    return outcome


def race_in_a_process(url, master, signing, barrier, answers, racer, receivable, limit_minor):
    """Open the ledger anew and approve when everyone is ready."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    keys = Keyring(Ed25519PrivateKey.from_private_bytes(signing), master)
    with Ledger.open(url, keys=keys) as ledger:
        barrier.wait(timeout=60)
        answers.put(approve(ledger, racer, receivable=receivable, limit_minor=limit_minor))


def race_of_processes(url, keys, jobs):
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(len(jobs)), context.Queue()
    signing = keys.signing.private_bytes_raw()
    processes = [
        context.Process(
            target=race_in_a_process,
            args=(url, keys.master, signing, barrier, answers, f"w{number}", *job),
        )
        for number, job in enumerate(jobs)
    ]
    for process in processes:
        process.start()
    outcomes = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(timeout=60)
    return sorted(outcomes)


def race_of_threads(ledger, jobs):
    barrier, outcomes = threading.Barrier(len(jobs)), []

    def run(number, job):
        barrier.wait(timeout=60)
        receivable, limit_minor = job
        outcomes.append(
            approve(ledger, f"w{number}", receivable=receivable, limit_minor=limit_minor)
        )

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.fixture(params=["processes", "threads"])
def race(request, any_url, keys):
    """A ledger, how to race for it, and how many race: starting a process takes its time."""
    with Ledger.open(any_url, keys=keys) as ledger:
        if request.param == "threads":
            yield ledger, lambda jobs: race_of_threads(ledger, jobs), 8
        else:
            yield ledger, lambda jobs: race_of_processes(any_url, keys, jobs), 2


def test_one_receivable_is_approved_once(race, any_url):
    ledger, run, racers = race
    outcomes = run([("r1", 10_000)] * racers)
    assert outcomes == ["DUPLICATE_EXACT"] * (racers - 1) + ["approve"]
    assert ledger.exposures("alder") == {("debtor", "d1", "EUR"): 100}
    assert ledger.queue.stats() == {"bank.submit": {"open": 1}}
    assert len(ledger.projection("decisions")) == racers
    assert verify(any_url).ok


def test_the_last_of_a_limit_is_given_once(race, any_url):
    ledger, run, racers = race
    outcomes = run([(f"r{number}", 150) for number in range(racers)])
    assert outcomes == ["LIMIT_DEBTOR"] * (racers - 1) + ["approve"]
    assert ledger.exposures("alder") == {("debtor", "d1", "EUR"): 100}
    assert verify(any_url).ok


def test_a_task_is_claimed_by_one_worker(any_ledger):
    with any_ledger.transaction() as tx:
        for number in range(30):
            tx.enqueue("notice.send", "alder", f"k{number}", {})
    claimed = []

    def work():
        while tasks := any_ledger.queue.claim(["notice.send"], 60, 2):
            claimed.extend(task.id for task in tasks)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(set(claimed))
    assert len(claimed) == 30


def test_two_processes_may_open_a_new_ledger_at_once(any_url, keys):
    outcomes = race_of_processes(any_url, keys, [(f"r{number}", 10_000) for number in range(2)])
    assert outcomes == ["approve"] * 2
