"""A tally counts each entry once, whenever it looks, and measures between entries."""

from __future__ import annotations

import pytest

from orchestration.metrics import tally
from orchestration.metrics.tally import Tally


@pytest.fixture
def told(note, clock):
    """Two decisions; one payment that settled after 90 s, one that did not yet; a command."""
    note("decision", decision_id="d1", outcome="approve")
    note("decision", decision_id="d2", outcome="reject")
    for key in ("e1", "e2"):
        note("payment_instruction", end_to_end_id=key, status="instructed")
    clock.move(90)
    note("payment_status", end_to_end_id="e1", status="RCVD")
    note("payment_status", end_to_end_id="e1", status="ACSC")
    note("message", message_id="m1", kind="paid", status="queued")
    note("message_status", message_id="m1", status="delivered")
    note("command", command_id="c1", command="score_requested", status="queued")
    clock.move(0.4)
    note("command_status", command_id="c1", status="done")


@pytest.mark.usefixtures("told")
def test_what_stands_is_counted_by_where_it_stands(ledger):
    found = Tally()
    assert found.advance(ledger)
    assert +found.decisions == {("alder", "approve"): 1, ("alder", "reject"): 1}
    assert +found.payments == {("alder", "ACSC"): 1, ("alder", "instructed"): 1}
    assert +found.messages == {("paid", "delivered"): 1}


@pytest.mark.usefixtures("told")
def test_durations_are_those_between_entries(ledger):
    found = Tally()
    found.advance(ledger)
    assert found.settlements.total == 90
    assert found.settlements.counts[tally.BUCKETS.index(300.0)] == 1
    assert found.commands["score_requested"].total == pytest.approx(0.4)


@pytest.mark.usefixtures("told")
def test_reading_on_page_by_page_counts_the_same(ledger, note, monkeypatch):
    whole = Tally()
    whole.advance(ledger)
    monkeypatch.setattr(tally, "_PAGE", 3)
    paged = Tally()
    while not paged.advance(ledger):
        pass
    assert paged == whole
    note("decision", decision_id="d3", outcome="approve")
    paged.advance(ledger)
    assert paged.decisions["alder", "approve"] == 2
    assert paged.entries == ledger.size()
