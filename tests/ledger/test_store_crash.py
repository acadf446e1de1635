"""A ledger whose writer is killed keeps every committed transaction whole and nothing of others."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.keys import Keyring
from ledger.store import Ledger
from ledger.verify import verify

WRITER = Path(__file__).with_name("crashing_writer.py")
POINTS = [
    "before",
    "begun",
    "appended",
    "reserved",
    "enqueued",
    "released",
    "before_commit",
    "after_commit",
]


@pytest.fixture
def place(tmp_path):
    Keyring.load(tmp_path / "keys", create=True)
    return tmp_path


def write(place, url, *arguments, **options):
    command = [sys.executable, str(WRITER), str(place / "keys"), url, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)


def assert_whole(place, url, *, committed):
    """Reopen, and find exactly the committed rounds, each with everything that belongs to it."""
    with Ledger.open(url, keys=Keyring.load(place / "keys")) as ledger:
        rounds = [state["round"] for state in ledger.projection("decisions")]
        assert rounds == list(range(committed))
        assert len(ledger.reserved("alder")) == (committed + 1) // 2
        open_tasks = ledger.queue.stats().get("bank.submit", {}).get("open", 0)
        assert open_tasks == committed
        report = verify(url, checkpoint=ledger.checkpoint(), public_key=ledger.verifier_key)
        assert report.problems == ()


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_point_of_a_transaction(place, any_url, root, point):
    with write(place, any_url, "3", point, cwd=root) as writer:
        assert writer.wait(timeout=60) == -9
    committed = 4 if point == "after_commit" else 3
    assert_whole(place, any_url, committed=committed)
    with write(place, any_url, "5", "none", cwd=root) as writer:
        assert writer.wait(timeout=60) == 0
    assert_whole(place, any_url, committed=5)


def test_a_kill_at_any_moment(place, url, root):
    chooser, committed = random.Random(7), 0  # noqa: S311  moments, no secret
    for _ in range(6):
        with write(place, url, "100000", "none", cwd=root) as writer:
            for line in writer.stdout:
                committed = json.loads(line)["committed"]
                break
            time.sleep(chooser.uniform(0.0, 0.08))
            writer.kill()
            told = [json.loads(line)["committed"] for line in writer.stdout if line.endswith("\n")]
        with Ledger.open(url, keys=Keyring.load(place / "keys")) as ledger:
            kept = len(ledger.projection("decisions"))
        assert kept >= max([committed, *told])
        assert_whole(place, url, committed=kept)
