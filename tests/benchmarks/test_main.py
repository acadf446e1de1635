"""The benchmark runner lists, runs and survives a failing benchmark."""

import json

import pytest

from benchmarks import __main__ as runner


def test_a_ratio_is_ours_by_the_peers():
    assert runner.with_ratio({"work": "w", "measured": 3.0, "peer": 2.0})["ratio"] == 1.5
    assert runner.with_ratio({"work": "w", "measured": 3.0, "ratio": 9})["ratio"] == 9


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [(0.12345, "measured", "0.123 s"), (1.5, "ratio", "1.5×"), (None, "peer", "–")],
)
def test_cells_carry_their_unit(value, column, text):
    assert runner.shown(value, column, "s") == text


def test_a_failing_benchmark_names_its_cause():
    outcome = runner.measure("no_such_module")
    assert "ModuleNotFoundError" in outcome["cause"]


def test_an_unknown_name_ends_with_the_list(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["benchmarks", "no_such_module"])
    assert runner.main() == 1
    assert "no benchmark is called no_such_module" in capsys.readouterr().out


def test_results_are_written_as_json(monkeypatch, tmp_path):
    monkeypatch.setattr(runner, "available", lambda: ["quick"])
    monkeypatch.setattr(
        runner, "measure", lambda name: {"benchmark": name, "records": [], "took_seconds": 0.0}
    )
    monkeypatch.setattr("sys.argv", ["benchmarks", "--json", str(tmp_path / "out.json")])
    assert runner.main() == 0
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["benchmarks"][0]["benchmark"] == "quick"
    assert written["machine"]["cores"]
