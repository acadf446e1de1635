"""The sandbox's command line writes worlds and turns a running sandbox."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from apps.sandbox.cli import app


def _run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_generate_writes_a_world_with_its_keys(tmp_path):
    size = ("--sellers", "1", "--debtors", "5", "--invoices", "30", "--months", "3")
    done = _run("generate", "--state", str(tmp_path), *size)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["world"] == str(tmp_path / "world.sqlite")
    assert {"world.sqlite", "answer_key.csv", "lookalikes.csv", "cash_key.csv"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_a_wrong_size_is_explained(tmp_path):
    done = _run("generate", "--state", str(tmp_path), "--as-of", "June")
    assert done.exit_code == 2
    assert "June" in done.output


def test_fault_switches_on_lists_and_clears(client):
    address = ("--base-url", str(client.http.base_url))
    added = _run("fault", "xero", "429", "--times", "2", "--path", "/Invoices", *address)
    assert json.loads(added.stdout)["times"] == 2
    assert len(json.loads(_run("fault", *address).stdout)["faults"]) == 1
    assert json.loads(_run("fault", "--clear", *address).stdout) == {"cleared": 1}


def test_an_unknown_fault_exits_with_an_error(client):
    done = _run("fault", "xero", "flood", "--base-url", str(client.http.base_url))
    assert done.exit_code == 1


def test_world_and_clock_speak_to_the_running_sandbox(client):
    address = ("--base-url", str(client.http.base_url))
    assert json.loads(_run("world", *address).stdout)["now"] == client.world["now"]
    moved = json.loads(_run("clock", "--advance-days", "2", *address).stdout)
    assert moved == {"now": "2026-07-02T20:00:00Z"}


@pytest.mark.parametrize("command", ["serve", "generate", "fault", "world", "clock"])
def test_help_teaches_every_command(command):
    done = _run(command, "--help")
    assert done.exit_code == 0
    assert "--" in done.output
