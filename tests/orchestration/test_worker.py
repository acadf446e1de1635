"""Commands are served lane by lane, answered once, and put back where that may help."""

from __future__ import annotations

import sqlite3

import pytest

from ledger.entry import Actor
from orchestration import worker
from orchestration.live import submission
from orchestration.live.serving import INVOICE_SUBMITTED, KINDS
from orchestration.live.snapshot import NotReadyError
from orchestration.served.dispatch import Answer, CommandRefusedError
from orchestration.worker import Worker

PERSON = Actor("person", "officer-1")
INVOICE = {"tenant_id": "alder", "connection_id": "xero-001", "record_id": "a-record"}


class _Serving:
    """Serves a submitted invoice as a test says."""

    KINDS = KINDS

    def __init__(self, serve):
        self.serve = serve


def serving(platform, serve):
    return Worker(platform, reports_events=False, served_live=_Serving(serve))


def submit(platform, **invoice):
    return submission.submit(platform, **{**INVOICE, **invoice}, by=PERSON)


def _waiting(platform) -> list[dict]:
    with sqlite3.connect(platform.places.ledger) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("select * from queue where state = 'open'")]


def _state(platform, command):
    (row,) = platform.ledger.projection("commands", key=command)
    return row


def test_the_same_invoice_submitted_twice_while_it_waits_is_one_command(platform):
    assert submit(platform) == submit(platform)
    assert len(platform.ledger.projection("commands")) == 1
    assert platform.ledger.queue.stats()[INVOICE_SUBMITTED] == {"open": 1}


def test_an_invoice_submitted_again_after_its_answer_is_a_new_command(platform):
    first = submit(platform)
    serving(platform, lambda _: Answer({"outcome": "reject"})).once()
    second = submit(platform)
    assert second != first
    assert _state(platform, first)["status"] == "done"
    assert _state(platform, second)["status"] == "queued"


def test_the_same_record_id_of_another_tenant_is_another_command(platform):
    other = submit(platform, tenant_id="birch", connection_id="xero-009")
    assert submit(platform) != other


@pytest.mark.parametrize("error", [NotReadyError("no snapshot yet"), ValueError("Ann Lee")])
def test_what_may_pass_is_tried_again_without_the_words_of_a_record(platform, error):
    def fails(_task):
        raise error

    submit(platform)
    assert serving(platform, fails).once() == 1
    (task,) = _waiting(platform)
    assert task["attempts"] == 1
    assert task["reason"] in {"no snapshot yet", "ValueError"}
    assert platform.ledger.queue.dead_letters() == []


def test_what_cannot_be_done_is_refused_with_its_reason_and_asked_no_more(platform):
    def refuses(_task):
        raise CommandRefusedError("the ledger system holds no such invoice")

    command = submit(platform)
    serving(platform, refuses).once()
    row = _state(platform, command)
    assert (row["status"], row["reason"]) == (
        "refused",
        "the ledger system holds no such invoice",
    )
    assert _waiting(platform) == []


def test_what_is_done_within_the_answer_commits_with_it_or_not_at_all(platform):
    def fails(_tx):
        raise CommandRefusedError("not like this")

    command = submit(platform)
    serving(platform, lambda _: Answer({"outcome": "approve"}, within=fails)).once()
    row = _state(platform, command)
    assert row["status"] == "refused"
    assert "outcome" not in row


def test_a_lost_lease_leaves_the_command_to_its_new_holder(platform, monkeypatch):
    def loses(_task):
        platform.ledger.queue.claim(KINDS, 60)
        return Answer({"outcome": "approve"})

    monkeypatch.setattr(worker, "_LEASE_SECONDS", 0.0)
    monkeypatch.setattr(worker.leases, "kept", _no_keeping)
    command = submit(platform)
    serving(platform, loses).once()
    assert _state(platform, command)["status"] == "queued"


def _no_keeping(*_):
    import contextlib

    return contextlib.nullcontext()
