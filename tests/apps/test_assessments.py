"""Uploads are kept once by content, asked about, and answered only to who asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from apps import assessments, commands
from apps.access import Role, User
from apps.assessments import UploadRefusedError
from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.store import Ledger

ANN = User("ann", "Ann", {"alder": Role.ANALYST})
CONTENT = b"number,amount\nA1,10\n"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    keys = Keyring.load(tmp_path / "keys", create=True)
    with Ledger.open(tmp_path / "ledger.sqlite", keys=keys) as opened:
        yield opened


def test_the_same_bytes_are_kept_once_under_their_hash(tmp_path: Path):
    first = assessments.keep(tmp_path, "book.csv", CONTENT)
    second = assessments.keep(tmp_path, "copy of book.CSV", CONTENT)
    assert first.sha256 == second.sha256
    assert [path.name for path in tmp_path.iterdir()] == [f"{first.sha256}.csv"]
    assert (tmp_path / f"{first.sha256}.csv").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("book.pdf", CONTENT, "save it as .csv or .xlsx"), ("book.csv", b"", "is empty"),
     ("book", CONTENT, "is not one of")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_what_to_change(tmp_path, name, content, says):
    with pytest.raises(UploadRefusedError, match=says):
        assessments.keep(tmp_path, name, content)
    assert not list(tmp_path.iterdir())


def test_a_name_with_a_path_stays_in_the_inbox(tmp_path: Path):
    kept = assessments.keep(tmp_path / "inbox", "../../etc/book.csv", CONTENT)
    assert kept.name == "book.csv"
    assert [path.name for path in tmp_path.iterdir()] == ["inbox"]


def test_a_currency_is_three_letters(tmp_path: Path):
    kept = assessments.keep(tmp_path, "book.csv", CONTENT)
    with pytest.raises(UploadRefusedError, match="three letters"):
        assessments.request("alder", kept, "Euro", None)


def test_a_refusal_names_the_fields_of_the_page():
    told = assessments.on_page("no column names the currency: give it with --currency.")
    assert told == "no column names the currency: give it with the field “Currency of amounts”."


def test_other_options_are_another_question(ledger: Ledger, tmp_path: Path):
    kept = assessments.keep(tmp_path / "inbox", "book.csv", CONTENT)
    plain = assessments.request("alder", kept, None, None)
    dated = assessments.request("alder", kept, "EUR", date(2026, 6, 30))
    assert dated.payload == {
        "sha256": kept.sha256, "name": "book.csv", "currency": "EUR", "as_of": "2026-06-30",
    }  # fmt: skip
    assert commands.ask(ledger, ANN, plain) != commands.ask(ledger, ANN, dated)
    assert commands.ask(ledger, ANN, plain) == commands.ask(ledger, ANN, plain)


@pytest.mark.parametrize(
    ("folder", "is_there"), [("a1", True), ("../a1", False), ("gone", False), ("", False)]
)
def test_an_answer_is_read_from_the_folder_that_the_command_names(
    ledger: Ledger, tmp_path: Path, folder: str, is_there: bool
):
    place = tmp_path / "assessments" / "a1"
    place.mkdir(parents=True)
    (place / "result.json").write_text(json.dumps({"currencies": []}))
    (place / "report.html").write_text("<p>")
    kept = assessments.keep(tmp_path / "inbox", "book.csv", CONTENT)
    command_id = commands.ask(ledger, ANN, assessments.request("alder", kept, None, None))
    body = {"command_id": command_id, "status": "done", "assessment_id": folder}
    worker = Actor("system", "worker")
    ledger.append(Entry("command_status", "alder", commands.now(), worker, (), body))
    state = commands.state(ledger, "alder", command_id)
    assert state is not None
    found = assessments.answer(tmp_path / "assessments", state)
    assert (found is not None) is is_there
    if found is not None:
        assert found.report("report.html") == place / "report.html"
        assert found.report("report.xlsx") is None
        assert found.report("result.json") is None
