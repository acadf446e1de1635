"""What a killed process left is swept; what a living one writes stays."""

from __future__ import annotations

import os

from orchestration import leftovers

DEAD = 999_999_999


def test_only_what_dead_processes_left_is_removed(folder):
    alive = [f".draft.{os.getpid()}.duckdb", f"m.{os.getpid()}.partial", "s1.duckdb", "m.json"]
    dead = [f".draft.{DEAD}.duckdb", f".draft.{DEAD}.duckdb.wal", f"m.{DEAD}.partial"]
    for name in (*alive, *dead):
        (folder / name).write_bytes(b"")
    assert sorted(leftovers.sweep(folder)) == sorted(dead)
    assert sorted(path.name for path in folder.iterdir()) == sorted(alive)


def test_a_folder_that_is_not_there_has_nothing_left_over(folder):
    assert leftovers.sweep(folder / "nothing") == []
