"""How current each source is, and who stays behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.apps.operated_world import operate

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]
Figures = Callable[[AppTest], dict[str, str]]


def test_a_failing_source_is_named_with_its_cause(
    run_page: RunPage, tmp_path: Path, shown: Shown, figures: Figures
):
    app = run_page(operate(tmp_path / "var").var, "syncs")
    assert figures(app)["Sources failing"] == "1"
    text = shown(app)
    assert "In part: <b>1 of 4 sources</b>" in text
    assert "Look at the source&#x27;s status page." in text


def test_one_connection_is_shown_entity_by_entity_and_adds_up(
    run_page: RunPage, tmp_path: Path, shown: Shown
):
    text = shown(run_page(operate(tmp_path / "var").var, "syncs", q="xero-1"))
    assert "2 entities" in text


def test_a_tenant_that_stays_behind_is_listed(run_page: RunPage, tmp_path: Path, shown: Shown):
    text = shown(run_page(operate(tmp_path / "var", stale="birch").var, "syncs"))
    assert "Who stays behind?" in text
    assert "earlier" in text


def test_before_the_first_sync_the_page_says_how_to_get_one(
    run_page: RunPage, tmp_path: Path, shown: Shown
):
    app = run_page(operate(tmp_path / "var", is_quiet=True).var, "syncs")
    assert "ifp sync" in shown(app)
