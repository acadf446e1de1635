"""How long an answer of the bank is waited for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ledger.queue import MOST_ATTEMPTS
from orchestration.settlements import soon


def test_a_question_is_first_repeated_at_once_and_not_given_up_within_half_a_day():
    now = datetime.now(UTC)
    waits = [soon(attempt) - now for attempt in range(1, MOST_ATTEMPTS)]
    assert waits[0] < timedelta(seconds=2)
    assert sum(waits, timedelta()) > timedelta(hours=12)
    assert max(waits) < timedelta(hours=12)
