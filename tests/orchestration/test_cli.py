"""The command line answers at once, teaches, and ends with the codes it lists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

VERBS = (
    "run", "up", "sync", "evaluate", "decisions", "doctor", "audit", "queue", "quarantine",
    "sandbox", "backup", "migrate", "logs", "serve",
)  # fmt: skip


@pytest.fixture
def ifp(tmp_path, root):
    """Run the command in a folder of its own."""

    def call(*arguments, **environment):
        return subprocess.run(
            [str(Path(sys.executable).parent / "ifp"), *arguments],
            cwd=root,
            env={**os.environ, "IFP_VAR": str(tmp_path / "var"), "COLUMNS": "120", **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


def test_help_names_every_verb_and_exit_code(ifp):
    said = ifp("--help").stdout
    for verb in VERBS:
        assert verb in said
    assert "Exit codes" in said
    assert "130" in said


def test_help_loads_nothing_heavy(root):
    code = (
        "import sys\nimport orchestration.cli\n"
        "heavy = {'dagster', 'dlt', 'duckdb', 'polars', 'pandas', 'sqlalchemy', 'sklearn'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_help_answers_within_a_second_of_processor_time(ifp):
    before = os.times()
    assert ifp("--help").returncode == 0
    after = os.times()
    spent = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    assert spent < 1.5


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(ifp, verb):
    done = ifp(verb, "--help")
    assert done.returncode == 0
    assert len(done.stdout) > 300


def test_doctor_has_a_stable_shape(ifp):
    done = ifp("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert found["ok"] is True
    assert set(found["checks"][0]) == {"what", "ok", "found", "do"}


def test_an_empty_folder_has_no_decisions_and_an_empty_verified_ledger(ifp):
    assert json.loads(ifp("decisions", "--json").stdout) == {"total": 0, "decisions": []}
    report = json.loads(ifp("audit", "verify", "--json").stdout)
    assert (report["ok"], report["size"], report["problems"]) == (True, 0, [])
    assert report["checkpoint"].startswith("ifp.local/ledger\n0\n")


def test_wrong_settings_are_refused_by_name(ifp):
    done = ifp("doctor", IFP_PROFILE="prod")
    assert done.returncode == 2
    assert "IFP_BANK_URL is required in prod" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_a_wrong_call(ifp):
    done = ifp("run", "nothing.csv")
    assert done.returncode == 2
    assert "no such file: nothing.csv" in done.stderr


def test_a_sandbox_that_does_not_answer_is_unreachable(ifp, free_port):
    done = ifp("sync", IFP_SANDBOX_URL=f"http://127.0.0.1:{free_port}")
    assert done.returncode == 4
    assert "no sandbox answers" in done.stderr


def test_an_occupied_port_is_refused_before_anything_starts(ifp, free_port):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        started = time.monotonic()
        done = ifp("up", "--dashboard-port", str(free_port))
    assert done.returncode == 3
    assert f"port {free_port} is in use (dashboard)" in done.stderr
    assert time.monotonic() - started < 60


def test_output_without_a_terminal_is_plain(ifp):
    assert "\x1b[" not in ifp("doctor").stdout


def test_a_connection_file_that_says_nothing_is_a_wrong_call(ifp, tmp_path):
    empty = tmp_path / "empty.yml"
    empty.write_text("tenant_id: alder\n")
    done = ifp("sync", "--connection", str(empty))
    assert done.returncode == 2
    assert "needs tenant_id, connection_id and system" in done.stderr
