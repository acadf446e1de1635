"""An offer past its validity goes to people; two of them may still have it paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.entry import Actor
from models.domain.identity import surrogate_key
from orchestration import validity
from orchestration.outbox import Drained, Outbox
from orchestration.resources.clock import Clock
from orchestration.settlements import PAY, SUBMIT

TENANT = "alder"


@pytest.fixture
def offered(platform, directory, approved, decision_entry):
    """Decide an approval and let it be asked about so many hours later."""

    def offer(kind, hours):
        decision = surrogate_key("decision", kind, str(platform.places.var))
        with platform.ledger.transaction() as tx:
            tx.append(decision_entry(approved, decision))
            payload = {
                "request_id": decision,
                "decision_id": decision,
                "receivable_id": approved.receivable_id,
                "seller_id": approved.seller_id,
                "end_to_end_id": "e2e",
            }
            tx.enqueue(kind, TENANT, f"{kind}:{decision}", payload)
        moment = platform.clock.as_of + timedelta(hours=hours)
        platform.clock = Clock(moment)
        (task,) = platform.ledger.queue.claim([kind], 30)
        return task

    return offer


def test_an_offer_holds_for_its_hours_and_no_longer(platform, offered):
    task = offered(SUBMIT, 72)
    assert validity.lapsed(platform, task) is None
    platform.clock = Clock(platform.clock.as_of + timedelta(seconds=1))
    assert "the offer was valid until" in str(validity.lapsed(platform, task))


def test_a_lapsed_offer_is_not_sent_but_given_to_people_with_its_reason(
    platform, directory, offered
):
    task = offered(SUBMIT, 73)
    platform.ledger.queue.extend(task, -1.0)
    drained = Drained()
    Outbox(platform, directory).once(drained, (SUBMIT,))
    (letter,) = platform.ledger.queue.dead_letters()
    assert drained.dead == 1
    assert "people decide whether it still holds" in letter.reason


def test_what_two_people_reopened_goes(platform, offered):
    task = offered(PAY, 100)
    assert validity.lapsed(platform, task) is not None
    with platform.ledger.transaction() as tx:
        tx.fail(task, "lapsed")
    platform.ledger.queue.replay(
        task.id, by=Actor("person", "anna"), approved_by=Actor("person", "ben")
    )
    assert validity.lapsed(platform, task) is None
