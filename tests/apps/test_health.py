"""Each thing that is looked at, and what is said when it is not well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apps import health
from apps.settings import AppSettings
from apps.warehouse import latest_publication
from ledger.entry import Actor, Entry
from ledger.heartbeats import STOPPED, Heartbeat
from ledger.store import Ledger
from tests.apps.operated_world import Operated, operate

NOW = datetime.now(UTC)
SYSTEM = Actor("system", "orchestration")


@pytest.fixture
def world(tmp_path: Path) -> Operated:
    return operate(tmp_path / "var", is_quiet=True)


@pytest.fixture
def ledger(world: Operated) -> Iterator[Ledger]:
    with world.ledger() as opened:
        yield opened


@pytest.fixture
def settings(world: Operated) -> AppSettings:
    return AppSettings(var=world.var, _env_file=None)


def beat(ledger: Ledger, *, seconds_ago: int, doing: str = "idle") -> None:
    at = NOW - timedelta(seconds=seconds_ago)
    ledger.heartbeats.beat(Heartbeat("worker", "host:1", at, at, doing, at, {"commands": 3}))


@pytest.mark.parametrize(
    ("seconds", "doing", "standing", "served"),
    [(5, "idle", "good", True), (3_600, "serving 2 commands", "act", False),
     (3_600, STOPPED, "attention", False)],
)  # fmt: skip
def test_a_worker_is_judged_by_its_heartbeat(
    ledger: Ledger, seconds: int, doing: str, standing: str, served: bool
):
    beat(ledger, seconds_ago=seconds, doing=doing)
    assert health.worker(ledger, NOW).standing == standing
    assert health.is_served(ledger, NOW) is served


def test_without_a_worker_it_says_how_to_start_one(ledger: Ledger):
    found = health.worker(ledger, NOW)
    assert found.standing == "attention"
    assert health.START_WORKER in found.remedy


def test_a_missing_snapshot_file_needs_a_person(ledger: Ledger, settings: AppSettings):
    announced = latest_publication(ledger)
    assert health.snapshot(announced, settings.published, NOW).standing == "good"
    (settings.published / announced.file).unlink()
    assert health.snapshot(announced, settings.published, NOW).standing == "act"
    assert health.snapshot(None, settings.published, NOW).standing == "attention"


def test_an_old_snapshot_and_a_stale_tenant_want_a_look(tmp_path: Path, ledger: Ledger, settings):
    announced = latest_publication(ledger)
    later = NOW + timedelta(hours=7)
    assert health.snapshot(announced, settings.published, later).standing == "attention"
    stale = operate(tmp_path / "stale", stale="birch")
    with stale.ledger() as other:
        found = health.snapshot(latest_publication(other), stale.var / "published", NOW)
    assert (found.standing, "1 tenant" in found.found) == ("attention", True)


def test_a_key_that_others_may_read_needs_a_person(settings: AppSettings, ledger: Ledger):
    assert health.keys(settings).standing == "good"
    (settings.ledger_keys / "signing.pem").chmod(0o644)
    assert health.keys(settings).standing == "act"
    (settings.ledger_keys / "signing.pem").unlink()
    assert health.keys(settings).standing == "act"


def test_a_checkpoint_is_told_with_what_came_since(ledger: Ledger):
    assert health.checkpoint(ledger, NOW).standing == "attention"
    for kind, body in (("checkpoint", {"checkpoint": "x"}), ("note", {})):
        ledger.append(Entry(kind, "platform", NOW, SYSTEM, (), body))
    assert "1 entry came since" in health.checkpoint(ledger, NOW).found


def test_simulated_counterparts_are_called_so(settings: AppSettings):
    assert "simulated" in health.counterparts(settings).found
    real = AppSettings(var=settings.var, bank_url="https://bank.example", _env_file=None)
    assert "money moves" in health.counterparts(real).found


def test_a_writer_is_seen_by_its_lock(settings: AppSettings, ledger: Ledger):
    import fcntl

    assert health.writer(settings).standing == "good"
    with settings.warehouse_lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "writing now" in health.writer(settings).found


def test_folders_are_measured_the_largest_first(settings: AppSettings, ledger: Ledger):
    found = health.folder_sizes(settings.var)
    assert {"ledger", "published", "warehouse"} <= {one.name for one in found}
    assert [one.size_bytes for one in found] == sorted(
        (one.size_bytes for one in found), reverse=True
    )


def test_the_worst_finding_speaks_for_all(settings: AppSettings, ledger: Ledger):
    good, rest = health.keys(settings), health.counterparts(settings)
    assert health.worst([good, rest]) == "good"
    assert health.worst([good, health.checkpoint(ledger, NOW)]) == "attention"
    assert health.worst([]) == "rest"


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 B"), (999, "999 B"), (1_240_000, "1.24 MB"), (31_000_000, "31.0 MB"),
                       (271_000_000_000, "271 GB")],
)  # fmt: skip
def test_sizes_have_three_digits(size: int, said: str):
    assert health.bytes_text(size) == said


def test_versions_name_what_is_installed():
    assert {"Python", "duckdb", "streamlit"} <= {name for name, _ in health.versions()}
