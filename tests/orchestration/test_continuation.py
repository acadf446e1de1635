"""A build goes on only from one whose ground is the same and whose time has come before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.tables import ensure_tables, open_warehouse
from orchestration import continuation
from orchestration.continuation import Note

JUNE, JULY = "2026-06-30T23:59:59Z", "2026-07-01T23:59:59+00:00"
FIRST = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A warehouse with its raw tables."""
    target = tmp_path / "warehouse.duckdb"
    ensure_tables(target)
    return target


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """The files of a project."""
    model = tmp_path / "model.sql"
    model.write_text("select 1", encoding="utf-8")
    return [model]


def begun(warehouse: Path, files: list[Path], as_of: str) -> str:
    return continuation.begin(warehouse, as_of=as_of, files=files)[1]


@pytest.fixture
def built_in_june(warehouse: Path, files: list[Path]) -> Path:
    note, since = continuation.begin(warehouse, as_of=JUNE, files=files)
    assert since == ""
    continuation.finish(warehouse, note)
    return warehouse


def synced(warehouse: Path, entity: str) -> None:
    values = ["s", "t", "c", "xero", entity, True, *[0] * 7, FIRST, FIRST, FIRST, "ok", None, None]
    with open_warehouse(warehouse) as opened:
        marks = ", ".join("?" for _ in values)
        opened.execute(f"insert into raw_sync.entities values ({marks})", values)


def test_the_next_build_goes_on_from_the_time_of_the_last(built_in_june, files):
    assert begun(built_in_june, files, JULY) == JUNE
    assert begun(built_in_june, files, JUNE) == JUNE


def test_an_earlier_time_builds_everything(built_in_june, files):
    assert begun(built_in_june, files, "2026-06-30T13:00:00Z") == ""


def test_a_build_as_of_now_builds_everything(built_in_june, files):
    assert begun(built_in_june, files, "") == ""


def test_another_text_of_a_model_builds_everything(built_in_june, files):
    files[0].write_text("select 2", encoding="utf-8")
    assert begun(built_in_june, files, JULY) == ""


def test_a_first_sync_that_ended_builds_everything(built_in_june, files):
    synced(built_in_june, "invoices")
    assert begun(built_in_june, files, JULY) == ""


def test_a_later_sync_of_the_same_entity_does_not(warehouse, files):
    synced(warehouse, "invoices")
    note, _ = continuation.begin(warehouse, as_of=JUNE, files=files)
    continuation.finish(warehouse, note)
    synced(warehouse, "invoices")
    assert begun(warehouse, files, JULY) == JUNE


def test_without_a_warehouse_there_is_nothing_to_go_on_from(tmp_path, files):
    note, since = continuation.begin(tmp_path / "none.duckdb", as_of=JULY, files=files)
    assert since == ""
    continuation.finish(tmp_path / "none.duckdb", note)
    assert not (tmp_path / "none.duckdb").exists()


def test_a_note_without_a_time_is_not_gone_on_from():
    assert Note(JULY, "g").since(None) == ""
    assert Note(JULY, "g").since(Note(JUNE, "other")) == ""
    assert Note(JULY, "g").since(Note("", "g")) == ""
