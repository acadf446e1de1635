"""A crash happens where it was asked for and nowhere else."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from orchestration.commit_points import CommitPoint, reach


def test_there_are_ten_of_them():
    assert len(CommitPoint) == 10


@pytest.mark.parametrize("point", CommitPoint)
def test_nothing_happens_unless_asked_for(point):
    reach(point, None)
    reach(point, "elsewhere")


def test_the_process_dies_as_by_kill_9():
    code = (
        "from orchestration.commit_points import CommitPoint, reach\n"
        "try:\n reach(CommitPoint.RAW_LANDED, 'raw_landed')\nfinally:\n print('cleaned up')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == ""
