"""The score's record: its card, drift between months, and what happened after it spoke."""

from collections.abc import Callable

from apps import score_record
from apps.warehouse import Snapshot
from ledger.store import Ledger


def test_the_card_is_read_from_the_entry_that_published_the_models(ledger: Ledger):
    card = score_record.card(ledger, "alder")
    assert card is not None
    assert card.examples == 8_211
    assert card.auc("card") == score_record.Interval(847_179, 789_005, 891_378)
    assert card.gain is not None
    assert card.gain.low < 0 < card.gain.high
    assert score_record.card(ledger, "nobody") is None


def test_one_month_is_not_compared_with_itself(open_for: Callable[[str], Snapshot]):
    assert score_record.drift(open_for("alder")) is None
    assert score_record.compared({"2026-05": {1: 40, 2: 10}, "2026-06": {1: 9}}) is None


def test_equal_months_do_not_drift_and_unlike_ones_do():
    before = {"2026-05": {2: 400, 6: 100}}
    same = score_record.compared({**before, "2026-06": {2: 200, 6: 50}})
    worse = score_record.compared({**before, "2026-06": {2: 50, 6: 200}})
    assert same is not None
    assert worse is not None
    assert same.psi_ppm == 0
    assert not same.is_shifted
    assert worse.is_shifted


def test_without_settlements_there_are_no_outcomes(open_for: Callable[[str], Snapshot]):
    assert score_record.outcomes(open_for("alder")) == []
