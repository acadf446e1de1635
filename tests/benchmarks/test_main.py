"""The benchmark runner lists, runs and survives a failing benchmark."""

import json

import pytest

from benchmarks import __main__ as runner
from benchmarks import _page


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


@pytest.fixture
def quick(monkeypatch):
    """A single benchmark that measures nothing."""
    monkeypatch.setattr(runner, "available", lambda: ["quick"])
    monkeypatch.setattr(
        runner, "measure_apart", lambda name: {"benchmark": name, "records": [], "load": [0.1, 0.2]}
    )


def test_results_are_written_beside_those_that_were_there(quick, monkeypatch, tmp_path):
    file = tmp_path / "out.json"
    file.write_text(json.dumps({"benchmarks": [{"benchmark": "older"}, {"benchmark": "quick"}]}))
    monkeypatch.setattr("sys.argv", ["benchmarks", "--json", str(file)])
    assert runner.main() == 0
    written = json.loads(file.read_text())
    assert [one["benchmark"] for one in written["benchmarks"]] == ["older", "quick"]
    assert written["benchmarks"][1]["load"] == [0.1, 0.2]
    assert written["machine"]["cores"]


def test_a_benchmark_in_its_own_process_leaves_its_outcome(monkeypatch, tmp_path):
    file = tmp_path / "outcome.json"
    monkeypatch.setattr(runner, "available", lambda: ["no_such_module"])
    monkeypatch.setattr("sys.argv", ["benchmarks", "no_such_module", "--outcome", str(file)])
    assert runner.main() == 0
    assert "ModuleNotFoundError" in json.loads(file.read_text())["cause"]


def test_a_page_gets_its_tables_from_the_json(quick, monkeypatch, tmp_path):
    page, file = tmp_path / "page.md", tmp_path / "out.json"
    page.write_text(f"before\n{_page.BEGIN}\nold\n{_page.END}\nafter\n", encoding="utf-8")
    arguments = ["benchmarks", "--json", str(file), "--page", str(page)]
    monkeypatch.setattr("sys.argv", arguments)
    assert runner.main() == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "**quick**" in text
    assert "old" not in text
    monkeypatch.setattr("sys.argv", [*arguments, "--no-run"])
    assert runner.main() == 0
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ({"measured": 3, "ratio": 1.9, "budget": "≤ 2×"}, True),
        ({"measured": 3, "ratio": 2.1, "budget": "≤ 2×"}, False),
        ({"measured": 3, "ratio": 3.9, "budget": "≥ 4×"}, False),
        ({"measured": 900, "unit": "µs", "budget": "≤ 1 ms"}, True),
        ({"measured": 2.1, "unit": "GB", "budget": "< 2 GB"}, False),
        ({"measured": 400, "unit": "s", "budget": "≤ 5 min"}, False),
        ({"measured": 1, "budget": "beside the above"}, None),
        ({"measured": 1, "ratio": None, "budget": "≤ 2×"}, None),
    ],
)
def test_a_budget_is_held_against_what_it_names(record, verdict):
    assert _page.within(record) is verdict


def test_the_page_of_the_project_is_what_its_json_says(root):
    results = json.loads((root / "docs" / "benchmarks.json").read_text(encoding="utf-8"))
    page = (root / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert _page.page_with(page, results) == page


def test_a_flame_graph_lies_beside_the_figures_and_not_among_them(tmp_path):
    target = tmp_path / "figures.json"
    record = {"work": "w", "measured": 1.0, "flame": "<svg/>"}
    kept = runner.kept(target, [{"benchmark": "quick", "records": [record]}])
    assert (tmp_path / "figures_quick.svg").read_text() == "<svg/>"
    assert "flame" not in kept["benchmarks"][0]["records"][0]
