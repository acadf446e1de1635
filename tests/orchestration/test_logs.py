"""Logs carry events and ids, never secrets and never names."""

from __future__ import annotations

import json
import logging

import pytest

from orchestration import logs


@pytest.fixture
def written(tmp_path):
    """Configure logs into a folder and give what was written, parsed."""
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    logs.configure(tmp_path, level="ERROR", form="json")

    def read():
        for handler in logging.getLogger().handlers:
            handler.flush()
        return [json.loads(line) for line in (tmp_path / "ifp.jsonl").read_text().splitlines()]

    yield read
    for handler in logging.getLogger().handlers[:]:
        handler.close()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def test_an_event_keeps_its_name_and_its_ids(written):
    logs.get("test").info("bank.submission_sent", submission_id="s-1", attempt=1)
    (line,) = written()
    assert (line["event"], line["submission_id"], line["attempt"]) == (
        "bank.submission_sent",
        "s-1",
        1,
    )


@pytest.mark.parametrize(
    "key",
    [
        "client_secret",
        "access_token",
        "password",
        "Authorization",
        "api_key",
        "seller_name",
        "iban",
    ],
)
def test_secrets_and_personal_data_are_blanked_by_key(written, key):
    logs.get("test").info("call.made", **{key: "visible?"})
    assert written()[0][key] == logs.REDACTED


def test_secrets_are_blanked_inside_texts_and_nested_values(written):
    logs.get("test").info(
        "call.made",
        url="postgresql://ifp:hunter2@db.example/x",
        headers={"x": "Bearer abcdefghijkl", "token": "t"},
        note="paid to DE89370400440532013000",
    )
    text = json.dumps(written())
    for hidden in ("hunter2", "abcdefghijkl", '"t"', "DE89370400440532013000"):
        assert hidden not in text


def test_records_of_other_libraries_go_through_the_same_chain(written):
    logging.getLogger("some.library").warning("sent Authorization: Basic dXNlcjpwYXNzd29yZA==")
    assert "dXNlcjpwYXNzd29yZA" not in json.dumps(written())


def test_processes_that_share_a_file_turn_it_over_together(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "_MOST_BYTES", 400)
    one, other = logs.SharedFile(tmp_path / logs.FILE), logs.SharedFile(tmp_path / logs.FILE)
    for number in range(40):
        record = logging.makeLogRecord({"msg": f'{{"event": "n{number}"}}', "levelno": 20})
        (one if number % 3 else other).emit(record)
    one.close()
    other.close()
    found = [logs.parsed(line)["event"] for line in logs.lines(tmp_path / logs.FILE)]
    assert found == [f"n{number}" for number in range(40)]
    assert len(list(tmp_path.glob(f"{logs.FILE}*"))) > 1
