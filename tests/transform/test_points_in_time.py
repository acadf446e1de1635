"""What was known when: history is back-filled, later news counts from when it was read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

ONE = "select * from marts_risk.fct_receivables where tenant_id = 'alder' and record_id = '{}'"
SECOND_SYNC = datetime(2026, 7, 2, 12, tzinfo=UTC)


def test_history_of_the_first_sync_is_recorded_on_its_own_day(after_first_sync: Any) -> None:
    row = after_first_sync.one(ONE.format("01003"))
    assert row["is_backfilled"]
    assert row["recorded_at"] == datetime(2026, 5, 4, tzinfo=UTC)
    assert row["settled_recorded_at"] == datetime(2026, 6, 10, tzinfo=UTC)
    assert row["settled_on"] == date(2026, 6, 10)


def test_what_a_later_sync_brings_is_recorded_when_it_was_read(after_second_sync: Any) -> None:
    row = after_second_sync.one(ONE.format("01019"))
    assert not row["is_backfilled"]
    assert row["recorded_at"] == SECOND_SYNC


def test_an_earlier_moment_sees_the_earlier_version(
    after_first_sync: Any, after_second_sync: Any
) -> None:
    assert after_first_sync.one(ONE.format("01018"))["gross_minor"] == 40000
    assert after_second_sync.one(ONE.format("01018"))["gross_minor"] == 44000


def test_an_earlier_moment_does_not_know_what_came_later(after_first_sync: Any) -> None:
    assert after_first_sync.rows(ONE.format("01019")) == []
    assert after_first_sync.one(ONE.format("01001"))["paid_minor"] == 0
    assert after_first_sync.one(ONE.format("01020"))["status"] == "open"


def test_a_payment_told_late_happened_earlier_than_it_was_recorded(after_second_sync: Any) -> None:
    paid = after_second_sync.one(
        """
        select events.occurred_at, events.recorded_at, events.is_backfilled
        from marts_risk.fct_receivable_events as events
        join marts_risk.fct_receivables as receivables using (receivable_id)
        where receivables.tenant_id = 'alder' and receivables.record_id = '01001'
            and events.event_type = 'paid'
        """
    )
    assert paid == {
        "occurred_at": datetime(2026, 6, 28, tzinfo=UTC),
        "recorded_at": SECOND_SYNC,
        "is_backfilled": False,
    }


def test_documents_of_the_future_are_not_known_yet(after_second_sync: Any) -> None:
    assert after_second_sync.rows(ONE.format("01014")) == []
    assert after_second_sync.rows(ONE.format("row-6")) == []
