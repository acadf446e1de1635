"""People's words on decisions and reports sent, as the ledger tells them."""

from datetime import UTC, datetime
from pathlib import Path

from apps.paper_trail import overrides, reports
from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.store import Ledger


def test_reports_carry_the_state_of_their_delivery(ledger: Ledger):
    (sent,) = reports(ledger, "alder")
    assert (sent.month, sent.status) == ("2026-06", "delivered")
    assert sent.files == ("report.pdf", "report.xlsx")
    assert reports(ledger, "birch") == []


def test_what_a_person_said_of_a_decision_is_told_with_name_and_reason(tmp_path: Path):
    keys = Keyring.load(tmp_path / "keys", create=True)
    body = {"decision_id": "d", "reason": "seen the delivery note", "outcome": "approve"}
    ann = Actor("person", "ann@financier.example")
    now = datetime(2026, 6, 30, tzinfo=UTC)
    with Ledger.open(tmp_path / "ledger.sqlite", keys=keys) as ledger:
        ledger.append(Entry("decision", "alder", now, ann, (), {"decision_id": "d"}))
        ledger.append(Entry("override", "alder", now, ann, (), body))
        (said,) = overrides(ledger, "alder")
        assert overrides(ledger, "birch") == []
    assert (said.by, said.reason, said.outcome) == (ann.id, body["reason"], "approve")
