"""Ten named places at which a test may kill the process, to prove that nothing is lost or doubled.

Each lies right after something became durable and before the step that builds on it. The setting
``IFP_CRASH_AT`` names one, in the dev profile only; the process then dies as by ``kill -9``.
"""

from __future__ import annotations

import os
import signal
from enum import StrEnum


class CommitPoint(StrEnum):
    """Where a crash is tried, in the order in which a run passes them."""

    RAW_LANDED = "raw_landed"
    MARTS_BUILT = "marts_built"
    SCORES_WRITTEN = "scores_written"
    FIRST_DECISION_COMMITTED = "first_decision_committed"
    DECISIONS_COMMITTED = "decisions_committed"
    BANK_ASKED = "bank_asked"
    PAYMENT_INSTRUCTED = "payment_instructed"
    PAYMENT_SENT = "payment_sent"
    NOTICE_SENT = "notice_sent"
    SNAPSHOT_WRITTEN = "snapshot_written"


def reach(point: CommitPoint, crash_at: str | None) -> None:
    """Die here when the settings ask for it, without any clean-up."""
    if crash_at == point:
        os.kill(os.getpid(), signal.SIGKILL)
