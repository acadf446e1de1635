"""The dashboard as a person finds it: pages, tenants, and every state that is not the usual one."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from apps.dashboard import session
from apps.warehouse import Snapshot, open_snapshot
from ledger.entry import Entry
from tests.apps.published_world import AS_OF, SYSTEM, World

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]
Figures = Callable[[AppTest], dict[str, str]]


def test_the_first_page_answers_what_the_book_is_worth(
    run_page: RunPage, var: Path, shown: Shown, figures: Figures
):
    app = run_page(var)
    assert app.title[0].value == "What is the book worth today?"
    assert list(figures(app)) == ["Open book", "Past due", "Advanced", "Effective debtors"]
    assert "past due</abbr>" in shown(app)


def test_every_page_ends_with_snapshot_time_and_verification(
    run_page: RunPage, world: World, shown: Shown
):
    for page in ("portfolio", "decisions", "audit"):
        text = shown(run_page(world.var, page))
        assert world.snapshot_id in text
        assert "as of 2026-06-30 23:59 UTC" in text
        assert "not verified since" in text


def test_the_tenant_picker_changes_whose_book_is_shown(
    run_page: RunPage, var: Path, figures: Figures
):
    app = run_page(var)
    assert list(app.sidebar.selectbox[0].options) == ["alder", "birch"]
    before = figures(app)["Open book"]
    app.sidebar.selectbox[0].select("birch").run()
    assert not app.exception
    assert figures(app)["Open book"] != before
    assert app.query_params["tenant"] == "birch"


def test_a_snapshot_that_stopped_answering_is_opened_anew_at_the_next_view(
    run_page: RunPage, var: Path, figures: Figures, monkeypatch: pytest.MonkeyPatch
):
    opened: list[Snapshot] = []

    def opening(*asked: Any) -> Snapshot:
        opened.append(open_snapshot(*asked))
        return opened[-1]

    monkeypatch.setattr(session, "open_snapshot", opening)
    before = figures(run_page(var))
    opened[-1].connection.close()
    assert figures(run_page(var)) == before
    assert len(opened) == 2


def test_without_a_ledger_the_page_says_how_to_get_one(
    run_page: RunPage, tmp_path: Path, shown: Shown
):
    app = run_page(tmp_path / "var")
    assert app.title[0].value == "Nothing is published yet"
    assert "ifp run" in shown(app)
    assert not (tmp_path / "var").exists()


def test_a_missing_snapshot_is_named_and_no_figure_is_shown(
    run_page: RunPage, world: World, tmp_path: Path, shown: Shown, figures: Figures
):
    var = tmp_path / "var"
    shutil.copytree(world.var, var)
    (var / "published" / world.snapshot.name).unlink()
    app = run_page(var)
    assert app.title[0].value == "The published snapshot is missing"
    assert world.snapshot.name in shown(app)
    assert not figures(app)


@pytest.fixture
def as_role(
    root: Path, world: World, tmp_path: Path, clean_caches: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], AppTest]:
    """A function that shows a page to a person who holds one role."""

    def show(role: str, page: str) -> AppTest:
        var = tmp_path / "var"
        shutil.copytree(world.var, var)
        body = {"grant_id": "g", "user_id": "ann@financier.example", "role": role}
        with replace(world, var=var).ledger() as ledger:
            ledger.append(Entry("grant", "alder", AS_OF, SYSTEM, (), body))
        monkeypatch.setenv("IFP_VAR", str(var))
        monkeypatch.setenv("IFP_PROFILE", "staging")
        app = AppTest.from_file(str(root / "apps" / "dashboard" / "app.py"), default_timeout=60)
        app.user = {"email": "ann@financier.example", "is_logged_in": True}
        app.switch_page(f"screens/{page}.py")
        app.run()
        assert not app.exception
        return app

    return show


@pytest.mark.parametrize(
    ("role", "page", "title", "files"),
    [
        ("admin", "portfolio", "No access", 0),
        ("admin", "risk", "No access", 0),
        ("admin", "compliance", "Can we prove what we did?", 0),
        ("operator", "portfolio", "What is the book worth today?", 0),
        ("operator", "decisions", "What was decided, and why?", 0),
        ("analyst", "portfolio", "What is the book worth today?", 1),
        ("analyst", "risk", "Who will pay late, and what would it cost?", 1),
        ("compliance", "decisions", "What was decided, and why?", 1),
    ],
)
def test_a_page_shows_and_gives_away_what_the_role_allows(
    as_role: Callable[[str, str], AppTest], role: str, page: str, title: str, files: int
):
    app = as_role(role, page)
    assert app.title[0].value == title
    assert len(app.get("download_button")) == files


def test_rows_leave_only_through_the_one_part_that_asks_for_the_role(root: Path):
    """Streamlit's own tables carry a download of their own, so no page uses them."""
    pages = [
        path
        for path in (root / "apps" / "dashboard").rglob("*.py")
        if re.search(r"st\.(dataframe|data_editor|table)\(", path.read_text(encoding="utf-8"))
    ]
    assert pages == []


def test_a_page_whose_tables_are_missing_shows_no_half_of_itself(
    run_page: RunPage, world: World, tmp_path: Path, shown: Shown, figures: Figures
):
    var = tmp_path / "var"
    shutil.copytree(world.var, var)
    with duckdb.connect(str(var / "published" / world.snapshot.name)) as connection:
        connection.execute("drop table scores.receivable_scores")
    app = run_page(var, "risk")
    assert [title.value for title in app.title] == ["This page cannot be computed"]
    assert "publishes it anew" in shown(app)
    assert not figures(app)


def test_outside_dev_a_visitor_without_a_grant_sees_nothing(
    run_page: RunPage, var: Path, figures: Figures, monkeypatch
):
    app = run_page(var)
    monkeypatch.setenv("IFP_PROFILE", "prod")
    import streamlit as st

    st.cache_resource.clear()
    app.run()
    assert app.title[0].value == "No access"
    assert not figures(app)
