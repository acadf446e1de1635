"""Whether the platform is well, said with what to do where it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from streamlit.testing.v1 import AppTest

from ledger.heartbeats import Heartbeat
from tests.apps.operated_world import Operated, operate

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]
Figures = Callable[[AppTest], dict[str, str]]


def test_a_living_worker_is_seen_by_its_heartbeat(
    run_page: RunPage, tmp_path: Path, shown: Shown, figures: Figures
):
    world = operate(tmp_path / "var", is_quiet=True)
    now = datetime.now(UTC)
    with world.ledger() as ledger:
        ledger.heartbeats.beat(Heartbeat("worker", "host:1", now, now, "idle", now, {"tasks": 3}))
    app = run_page(world.var, "health")
    assert figures(app)["Worker"] == "running"
    assert "3 tasks" in shown(app)


def test_without_a_worker_the_page_says_how_to_start_one(
    run_page: RunPage, tmp_path: Path, shown: Shown, figures: Figures
):
    app = run_page(operate(tmp_path / "var", is_quiet=True).var, "health")
    assert figures(app)["Worker"] == "none"
    assert "Start it: ifp up" in shown(app)
    assert "simulated" in shown(app)


def test_before_anything_is_published_the_page_stands_already(
    run_page: RunPage, tmp_path: Path, shown: Shown, figures: Figures
):
    world = Operated(tmp_path / "var")
    with world.ledger():
        pass
    app = run_page(world.var, "health")
    assert figures(app)["Last publication"] == "–"
    assert "Publish: ifp run" in shown(app)
