"""A batch lowers its priority, once."""

from __future__ import annotations

import subprocess
import sys

TWICE = """
import os
from orchestration import priority
before = os.nice(0)
priority.give_way()
priority.give_way()
print(os.nice(0) - before)
"""


def test_a_process_gives_way_once():
    done = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "10"
