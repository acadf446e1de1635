"""A file is uploaded, asked about, followed, and answered with its figures and its reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from apps import commands
from apps.access.sign_in import demo_user
from apps.assessments import Upload, request
from ledger.entry import Actor, Entry
from tests.apps.operated_world import Operated, operate

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]
Figures = Callable[[AppTest], dict[str, str]]

RESULT = {
    "ok": False,
    "headline": ["EUR 1,000.00 is outstanding on 2 invoices."],
    "as_of": "2026-06-30",
    "notes": ["The due date is missing on 1 row."],
    "rejects": [
        {"place": "row 4", "reason_code": "date_unreadable", "detail": "issue date 31.02.2026"}
    ],
    "rejects_total": 1,
    "currencies": [
        {
            "currency": "EUR",
            "outstanding": {"minor": 100_000, "invoices": 2, "debtors": 1,
                            "past_due_minor": 40_000},
            "ageing": {"due": [{"bucket": "not_due", "receivables": 2, "minor": 100_000}]},
            "eligibility": {
                "gross_minor": 100_000,
                "lines": [
                    {"rule": "E01", "code": "TOO_OLD", "text": "Too old", "receivables": 1,
                     "minor": 40_000}
                ],
                "eligible_minor": 60_000,
            },
            "payers": [
                {"debtor": "d1", "name": "Northwind", "open_minor": 100_000,
                 "share_ppm": 1_000_000, "settled": 0, "late_ppm": None, "days_late_mdays": None}
            ],
            "payers_total": 1,
            "improvements": [
                {"code": "AGE", "text": "Collect what is old", "receivables": 1,
                 "eligible_gain_minor": 40_000}
            ],
            "offer": {"approved": {"invoices": 1, "advance_minor": 51_000}},
        }
    ],
}  # fmt: skip


def asked(world: Operated, **told: str) -> str:
    with world.ledger() as ledger:
        command = request("alder", Upload("ab" * 32, "book.csv", 10), None, None)
        command_id = commands.ask(ledger, demo_user(), command)
        if told:
            body = {"command_id": command_id, **told}
            worker = Actor("system", "worker")
            ledger.append(Entry("command_status", "alder", commands.now(), worker, (), body))
    return command_id


def test_a_newcomer_is_told_what_a_file_would_answer(
    run_page: RunPage, tmp_path: Path, shown: Shown
):
    world = Operated(tmp_path / "var")
    with world.ledger():
        pass
    app = run_page(world.var, "assess")
    assert app.title[0].value == "What is my book worth?"
    assert "nothing is decided or paid" in shown(app)
    assert "No file was assessed" in shown(app)


def test_while_it_waits_the_page_says_for_whom(run_page: RunPage, tmp_path: Path, shown: Shown):
    world = operate(tmp_path / "var", is_quiet=True)
    app = run_page(world.var, "assess", asked=asked(world))
    assert "Assessing book.csv" in shown(app)
    assert "No worker is running" in shown(app)


def test_a_refusal_says_what_to_change(run_page: RunPage, tmp_path: Path, shown: Shown):
    world = operate(tmp_path / "var", is_quiet=True)
    told = asked(world, status="refused", reason="No column holds amounts; name one “amount”.")
    text = shown(run_page(world.var, "assess", asked=told))
    assert "No column holds amounts" in text


def test_an_answer_shows_its_figures_and_offers_its_reports(
    run_page: RunPage, tmp_path: Path, shown: Shown, figures: Figures
):
    world = operate(tmp_path / "var", is_quiet=True)
    folder = world.var / "assessments" / "a1"
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(json.dumps(RESULT))
    (folder / "report.html").write_text("<p>")
    (folder / "report.xlsx").write_bytes(b"x")
    app = run_page(world.var, "assess", asked=asked(world, status="done", assessment_id="a1"))
    found = figures(app)
    assert (found["Outstanding"], found["Past due"]) == ("EUR 1.00 k", "40.0 %")
    assert (found["Eligible"], found["Advance on offer"]) == ("EUR 600", "EUR 510")
    text = shown(app)
    assert "The answer is partial." in text
    assert "issue date 31.02.2026" in text
    assert "Collect what is old" in text
    assert len(app.get("download_button")) == 2


def test_another_tenants_answer_is_not_shown(run_page: RunPage, tmp_path: Path, shown: Shown):
    world = operate(tmp_path / "var", is_quiet=True)
    command_id = asked(world)
    app = run_page(world.var, "assess", asked=command_id, tenant="birch")
    assert "book.csv" not in shown(app)


def test_pressing_the_button_without_a_file_asks_for_one(
    run_page: RunPage, tmp_path: Path, shown: Shown
):
    world = operate(tmp_path / "var", is_quiet=True)
    app = run_page(world.var, "assess")
    next(one for one in app.button if one.label == "Assess this file").click().run()
    assert "Choose a file first." in shown(app)
