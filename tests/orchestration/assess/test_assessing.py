"""One file goes the whole way, by the command that a page appends, and is answered exactly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from ledger.tasks import Task
from orchestration import places, settings
from orchestration.assess import assessing
from orchestration.assess import command as assess_command
from orchestration.platform import Platform
from orchestration.resources import counterparts
from orchestration.resources.clock import Clock

DOCS = Path(__file__).resolve().parents[3] / "docs" / "assess.md"
HEAD = "Invoice;Customer;Invoice date;Due date;Clear date;Amount;Open amount;Currency;Disputed"
ROWS = (
    *(f"P-{n};C{n % 3};2026-0{n}-10;2026-0{n + 1}-09;2026-0{n + 1}-1{n};{n}00,50;;EUR;" for n in
      range(1, 4)),
    "A-1;C0;2026-04-20;2026-06-19;;1.000,00;;EUR;",
    "A-2;C1;2026-04-21;2026-06-20;;1.200,00;;EUR;",
    "A-3;C2;2026-04-22;2026-06-21;;900,00;;EUR;yes",
    "A-4;C3;2026-04-23;2026-06-22;;1.100,00;;EUR;",
    "A 4;C3;2026-04-23;2026-06-22;;1.100,00;;EUR;",
    "A-5;C4;2026-04-24;;;800,00;;EUR;",
    "A-6;C5;2026-04-25;2026-06-24;;1.300,00;;EUR;",
    "G-1;C0;2026-04-26;;;-150,00;;EUR;",
    "U-1;D1;2026-04-27;2026-05-27;;1.000,00;400,00;USD;",
    "X-1;C3;2026-04-28;2026-06-12;;viel;;EUR;",
)  # fmt: skip
OPEN_EUR = 725_000
GROSS_EUR = 725_000 + 60_150


class Scene:
    """A platform that knows nobody, and files in its inbox."""

    def __init__(self, folder: Path) -> None:
        found = settings.load(var=folder / "var")
        self.platform = Platform(
            found, places.at(found.var), counterparts.from_settings(found), Clock()
        )

    def serve(self, content: str, name: str, **payload: Any) -> dict[str, Any]:
        """Put a file into the inbox and serve the command about it."""
        digest = sha256(content.encode()).hexdigest()
        inbox = self.platform.places.inbox
        (inbox / f"{digest}{Path(name).suffix}").write_text(content, encoding="utf-8")
        asked = {"command_id": "c", "by": "u", "currency": None, "as_of": None, **payload}
        task = Task(
            1, assess_command.KIND, "alder", "k", {**asked, "sha256": digest, "name": name}, 1, "l"
        )
        return dict(assess_command.serve(self.platform, task))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("assess"))


@pytest.fixture(scope="module")
def body(scene: Scene) -> dict[str, Any]:
    """What the worker says of the file."""
    return scene.serve("\n".join([HEAD, *ROWS, ""]), "Book 2026.csv")


@pytest.fixture(scope="module")
def folder(scene: Scene, body: dict[str, Any]) -> Path:
    assert body["outcome"] == "assessed", body
    return scene.platform.places.var / "assessments" / body["assessment_id"]


@pytest.fixture(scope="module")
def result(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


@pytest.fixture
def euros(result: dict[str, Any]) -> dict[str, Any]:
    return next(item for item in result["currencies"] if item["currency"] == "EUR")


def test_the_worker_says_where_the_answer_lies(body: dict[str, Any], folder: Path) -> None:
    assert (body["status"], body["rows"], body["rejected"]) == ("done", 13, 1)
    assert body["is_whole"] is False
    names = {path.name for path in folder.iterdir()}
    assert names >= {"result.json", "report.html", "report.xlsx", "mapping.yml", "warehouse"}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_every_amount_of_the_file_is_accounted_for(euros: dict[str, Any]) -> None:
    control = euros["control"]
    assert control["file_minor"] == GROSS_EUR
    assert control["settled_minor"] == 60_150
    assert control["outstanding_minor"] == euros["outstanding"]["minor"] == OPEN_EUR
    assert control["difference_minor"] == 0


def test_everything_adds_up_to_the_outstanding(result: dict[str, Any]) -> None:
    for item in result["currencies"]:
        owed, told = item["outstanding"], item["collections"]
        for basis in ("due", "invoice"):
            assert sum(row["minor"] for row in item["ageing"][basis]) == owed["minor"]
        base = item["eligibility"]
        assert base["gross_minor"] == owed["minor"]
        assert (
            base["gross_minor"] - sum(x["minor"] for x in base["lines"]) == base["eligible_minor"]
        )
        for periods in (told["weeks"], told["months"]):
            dated = sum(row["expected_minor"] for row in periods)
            assert dated + told["undated_minor"] == owed["invoices_minor"]
        offered = (item["offer"][name] for name in ("approved", "referred", "rejected"))
        assert sum(part["open_minor"] for part in offered) == owed["invoices_minor"]


def test_the_day_looked_at_is_the_latest_in_the_file(result: dict[str, Any]) -> None:
    assert (result["as_of"], result["as_of_basis"]) == ("2026-04-27", "latest_event")


def test_what_the_file_says_is_found(euros: dict[str, Any]) -> None:
    assert euros["outstanding"]["credit_notes_minor"] == -15_000
    assert euros["outstanding"]["disputed_minor"] == 90_000
    assert euros["outstanding"]["without_due_date"] == 1
    assert euros["all_payers"]["settled"] == 3
    assert euros["duplicates"]["exact"] == 1
    assert {way["key"] for way in euros["improvements"]} >= {"disputes_settled"}


def test_currencies_are_never_added_up(result: dict[str, Any]) -> None:
    assert [item["currency"] for item in result["currencies"]] == ["EUR", "USD"]
    assert result["currencies"][1]["outstanding"]["minor"] == 40_000


def test_a_row_that_could_not_be_read_is_listed_with_its_place(result: dict[str, Any]) -> None:
    (row,) = result["rejects"]
    assert row["place"] == "row 14"
    assert row["reason_code"] == "amount_unreadable"
    assert result["ok"] is False


def test_every_field_is_described(result: dict[str, Any]) -> None:
    described = set(re.findall(r"`([a-z_0-9]+)`", DOCS.read_text(encoding="utf-8")))
    wanted = set(result) | {name for item in result["currencies"] for name in item}
    assert wanted <= described


def test_the_page_and_the_workbook_tell_the_same(folder: Path, euros: dict[str, Any]) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "EUR 7,250.00 is outstanding on 2026-04-27" in page
    book = openpyxl.load_workbook(folder / "report.xlsx")
    rows = list(book["Control"].iter_rows(min_row=2, values_only=True))
    assert ("EUR", "Outstanding", 7250) in rows
    opened = list(book["Open invoices"].iter_rows(min_row=2, values_only=True))
    assert len([row for row in opened if row[0] == "EUR" and row[1]]) == 8


def test_the_warehouse_is_its_own(folder: Path) -> None:
    with duckdb.connect(str(folder / "warehouse" / "ifp.duckdb"), read_only=True) as connection:
        (rows,) = connection.execute("select count(*) from raw_files.receivables").fetchall()
    assert rows == (12,)


def test_a_file_that_is_no_table_is_refused_with_what_to_change(scene: Scene) -> None:
    said = scene.serve("Invoice,Customer,Date,Remark\nA-1,Acme,2026-01-15,paid\n", "odd.csv")
    assert (said["status"], said["outcome"]) == ("failed", "refused")
    assert said["reason_code"] == "columns_missing"
    assert "amount" in said["detail"]


def test_a_currency_that_nobody_names_is_asked_for(scene: Scene) -> None:
    said = scene.serve("Invoice;Customer;Date;Amount\nA-1;Acme;2026-01-15;10,00\n", "plain.csv")
    assert said["outcome"] == "refused"
    assert "--currency" in said["detail"]


def test_a_file_that_is_not_there_is_refused(scene: Scene) -> None:
    task = Task(1, assess_command.KIND, "alder", "k", {"sha256": "0" * 64, "name": "x.csv"}, 1, "l")
    assert assess_command.serve(scene.platform, task)["outcome"] == "refused"


@pytest.mark.parametrize(
    "change",
    [
        lambda options: replace(options, currency="USD"),
        lambda options: replace(options, as_of=date(2026, 1, 1)),
        lambda options: replace(options, seller="Acme"),
        lambda options: replace(options, name="other.csv"),
    ],
)
def test_another_question_is_another_assessment(
    change: Callable[[assessing.Options], assessing.Options],
) -> None:
    options = assessing.Options(Path("book.csv"))
    assert assessing.identify("f", options, "p") == assessing.identify("f", options, "p")
    assert assessing.identify("f", change(options), "p") != assessing.identify("f", options, "p")
