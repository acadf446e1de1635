"""The bytes of a record: for roles that correct it, in their own tenant, in no run's way."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from apps.access import AccessRefusedError, Role, User
from apps.access import quarantine as door
from apps.access.quarantine import HeldRecord, WarehouseBusyError, held_record
from tests.apps.operated_world import HELD, HELD_ID, OTHER_ID, Operated, operate

OLGA = User("olga", "Olga", {"alder": Role.OPERATOR})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Operated:
    return operate(tmp_path_factory.mktemp("operated") / "var")


def read(world: Operated, user: User = OLGA, name: str = HELD_ID) -> HeldRecord | None:
    folder = world.var / "warehouse"
    return held_record(
        user, "alder", name, warehouse=folder / "ifp.duckdb", lock=folder / "writer.lock"
    )


def test_an_operator_reads_the_bytes_as_they_came(world: Operated):
    held = read(world)
    assert held is not None
    assert (held.text, held.encoding, held.position) == (HELD, "utf-8", 6)


def test_an_analyst_does_not(world: Operated):
    with pytest.raises(AccessRefusedError, match="see_quarantined_text"):
        read(world, User("ann", "Ann", {"alder": Role.ANALYST}))


def test_a_record_of_another_tenant_is_not_there(world: Operated):
    assert read(world, name=OTHER_ID) is None


def test_nobody_looks_while_a_run_writes(world: Operated, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door, "_PATIENCE_SECONDS", 0.1)
    with (world.var / "warehouse" / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(WarehouseBusyError, match="writing"):
            read(world)
    assert read(world) is not None


def test_without_a_warehouse_there_is_nothing(tmp_path: Path):
    assert read(Operated(tmp_path)) is None


def test_bytes_that_are_no_utf8_are_read_as_windows_1252():
    assert door._readable("SvxyZ2Vu", "base64") == ("Jürgen", "cp1252")
    assert door._readable(None, "utf-8") == (None, "utf-8")
