"""A heartbeat stays young by itself, says what is done, and says goodbye."""

from __future__ import annotations

import time

import pytest

from ledger.heartbeats import STOPPED
from orchestration import heartbeat


def test_a_block_begins_and_ends_with_a_beat(platform):
    with heartbeat.beating(platform.ledger, "worker") as beat:
        (begun,) = platform.ledger.heartbeats.all()
        beat.now("serving 3 commands")
        beat.count(commands=3)
    (ended,) = platform.ledger.heartbeats.all()
    assert (begun.process, begun.doing) == ("worker", "starting")
    assert (ended.doing, ended.counters) == (STOPPED, {"commands": 3})
    assert ended.started_at == begun.started_at


def test_a_long_piece_of_work_does_not_stop_the_heart(platform):
    with heartbeat.beating(platform.ledger, "worker", seconds=0.02) as beat:
        beat.now("serving 1 command")
        first = _await_beat(platform, "serving 1 command")
        later = _await_beat(platform, "serving 1 command", after=first.beat_at)
    assert later.doing_since == first.doing_since


def test_a_look_that_finds_nothing_leaves_the_process_idle_since_before(platform):
    with heartbeat.beating(platform.ledger, "worker", seconds=0.02) as beat:
        beat.now("idle")
        first = _await_beat(platform, "idle")
        for _ in range(3):
            with beat.during("serving"):
                pass
        later = _await_beat(platform, "idle", after=first.beat_at)
    assert later.doing_since == first.doing_since


def test_a_process_that_dies_in_the_block_is_said_to_have_stopped(platform):
    with pytest.raises(RuntimeError), heartbeat.beating(platform.ledger, "run"):
        raise RuntimeError("power cut")
    assert platform.ledger.heartbeats.all()[0].doing == STOPPED


def test_a_ledger_that_is_busy_does_not_end_the_work(platform, monkeypatch):
    from ledger.errors import LedgerBusy

    def refuse(_beat):
        raise LedgerBusy("another process wrote for over 30 s")

    monkeypatch.setattr(platform.ledger.heartbeats, "beat", refuse)
    with heartbeat.beating(platform.ledger, "worker") as beat:
        beat.count(commands=1)


def _await_beat(platform, doing, after=None):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        (found,) = platform.ledger.heartbeats.all()
        if found.doing == doing and (after is None or found.beat_at > after):
            return found
        time.sleep(0.01)
    pytest.fail(f"no beat says {doing}")
