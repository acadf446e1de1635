"""`ifp logs` shows what was said, by level and by event, the newest last."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def said(tmp_path):
    """Two log files, one of them turned over."""
    folder = tmp_path / "var" / "logs"
    folder.mkdir(parents=True)
    lines = [
        {"event": "worker.started", "level": "info", "timestamp": "2026-06-30T10:00:00Z"},
        {"event": "sync.failed", "level": "error", "timestamp": "2026-06-30T11:00:00Z", "n": 3},
        {"event": "worker.stopped", "level": "info", "timestamp": "2026-06-30T12:00:00Z"},
    ]
    (folder / "ifp.jsonl.1").write_text(json.dumps(lines[0]) + "\n")
    (folder / "ifp.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines[1:]))


def events(done) -> list[str]:
    return [json.loads(line)["event"] for line in done.stdout.splitlines()]


@pytest.mark.usefixtures("said")
def test_lines_come_in_their_order_also_from_older_files(call):
    assert events(call("logs", "--json")) == ["worker.started", "sync.failed", "worker.stopped"]
    assert events(call("logs", "--json", "--limit", "1")) == ["worker.stopped"]


@pytest.mark.usefixtures("said")
def test_only_what_is_asked_for_is_shown(call):
    assert events(call("logs", "--json", "--level", "warning")) == ["sync.failed"]
    assert events(call("logs", "--json", "--event", "worker.")) == [
        "worker.started",
        "worker.stopped",
    ]
    assert "2026-06-30 11:00:00  error   sync.failed  n=3" in call("logs").stdout


def test_an_unknown_level_is_a_wrong_call(call):
    assert call("logs", "--level", "loud").exit_code == 2
