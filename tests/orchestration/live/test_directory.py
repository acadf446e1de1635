"""Names are looked up where they are, and never waited for."""

from __future__ import annotations

import fcntl
import os

import pytest

from orchestration.live import directory as live_directory
from orchestration.live.directory import LookedUp
from orchestration.resources.delivery import UnreachableError


def test_what_is_known_is_not_looked_up_and_what_is_nowhere_is_missing():
    asked = []
    found = LookedUp({"a": 1}, lambda key: asked.append(key) or {"b": 2}.get(key))
    assert (found["a"], found["b"], found.get("c")) == (1, 2, None)
    assert asked == ["b", "c"]
    assert (list(found), len(found)) == (["a"], 1)


def test_a_name_that_only_the_party_table_has_waits_for_a_run_that_writes(platform):
    platform.places.lock.touch()
    descriptor = os.open(platform.places.lock, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(UnreachableError, match="a run is writing the warehouse"):
            live_directory._debtor(platform, "someone")
    finally:
        os.close(descriptor)
    assert live_directory._debtor(platform, "someone") is None
