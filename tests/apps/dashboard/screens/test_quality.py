"""What was not taken in: counted, explained, and corrected by a command that the page follows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps import commands
from ledger.entry import Actor, Entry
from tests.apps.operated_world import HELD, HELD_ID, OTHER_ID, Operated, operate

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]
Figures = Callable[[AppTest], dict[str, str]]


@pytest.fixture
def operated(tmp_path: Path) -> Operated:
    return operate(tmp_path / "var")


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def test_what_waits_is_counted_and_explained(
    run_page: RunPage, operated: Operated, shown: Shown, figures: Figures
):
    app = run_page(operated.var, "quality")
    assert figures(app)["In quarantine"] == "2"
    assert figures(app)["Verdict"] == "published"
    text = shown(app)
    assert "Date is not of the form" in text
    assert "Someone else" not in text
    assert "Joan Smith" not in text


def test_a_tenant_held_back_is_told_what_holds_it(
    run_page: RunPage, tmp_path: Path, shown: Shown, figures: Figures
):
    app = run_page(operate(tmp_path / "stale", stale="alder").var, "quality")
    assert figures(app)["Verdict"] == "held back"
    assert "data quality: amount_present" in shown(app)


def test_with_nothing_held_back_the_page_says_what_would_be_here(
    run_page: RunPage, tmp_path: Path, shown: Shown
):
    app = run_page(operate(tmp_path / "quiet", is_quiet=True).var, "quality")
    assert "Every record that was read could be landed" in shown(app)


def test_filters_stand_in_the_address(run_page: RunPage, operated: Operated, shown: Shown):
    app = run_page(operated.var, "quality", reason="truncated")
    assert "1 record, newest first" in shown(app)
    assert "the listing ends in the middle" in shown(app)


def test_one_record_shows_its_place_and_its_bytes_to_who_corrects_it(
    run_page: RunPage, operated: Operated, shown: Shown
):
    app = run_page(operated.var, "quality", record=HELD_ID)
    assert "row 7 of what was sent" in shown(app)
    assert json.loads(app.text_area[0].value) == json.loads(HELD)
    assert button(app, "Correct and replay").disabled


def test_a_correction_becomes_one_command_without_its_text(
    run_page: RunPage, operated: Operated, shown: Shown
):
    app = run_page(operated.var, "quality", record=HELD_ID)
    app.text_area[0].set_value('{"InvoiceID": "inv-7", "Date": 12.50}').run()
    button(app, "Correct and replay").click().run()
    assert not app.exception
    assert "Queued" in shown(app)
    assert "No worker is running" in shown(app)
    with operated.ledger() as ledger:
        task = ledger.queue.claim((commands.QUARANTINE_CORRECTED,), 60)[0]
        stored = ledger.latest("command")
        assert stored is not None
        assert b"inv-7" not in stored.canonical
        assert ledger.read_private(stored.index) == b'{"InvoiceID":"inv-7","Date":12.50}'
        told = {"command_id": task.payload["command_id"], "status": "done", "landed": 1}
        worker = Actor("system", "worker")
        ledger.append(Entry("command_status", "alder", commands.now(), worker, (), told))
    app.run()
    assert "Landed. The next run takes it into the figures." in shown(app)


def test_text_that_is_no_json_is_refused_with_its_place(
    run_page: RunPage, operated: Operated, shown: Shown
):
    app = run_page(operated.var, "quality", record=HELD_ID)
    app.text_area[0].set_value('{"InvoiceID": ').run()
    assert "Not well-formed yet" in shown(app)
    assert button(app, "Correct and replay").disabled


def test_a_record_of_another_tenant_is_not_shown(
    run_page: RunPage, operated: Operated, shown: Shown
):
    app = run_page(operated.var, "quality", record=OTHER_ID)
    assert app.title[0].value == "This record is not in quarantine"
    assert not app.text_area
