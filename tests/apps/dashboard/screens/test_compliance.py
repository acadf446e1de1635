"""The compliance page: totals, signs, completeness, verdicts, reports and the ledger's state."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
from streamlit.testing.v1 import AppTest

from tests.apps.published_world import World

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]
Figures = Callable[[AppTest], dict[str, str]]


def test_a_world_in_order_is_proven_in_every_part(
    run_page: RunPage, world: World, shown: Shown, figures: Figures
):
    app = run_page(world.var, "compliance")
    text = shown(app)
    assert "Yes: all <b>" in text
    assert figures(app)["Totals that differ"] == "0"
    assert figures(app)["Acts without an entry"] == "0"
    assert "No blocking check failed" in text
    assert ">delivered<" in text
    assert "No decision of this tenant was overruled" in text


def test_a_decision_without_its_entry_is_not_called_proven(
    run_page: RunPage, world: World, tmp_path: Path, shown: Shown, figures: Figures
):
    var = tmp_path / "var"
    shutil.copytree(world.var, var)
    changed = replace(world, var=var, snapshot=var / "published" / world.snapshot.name)
    with duckdb.connect(str(changed.snapshot)) as connection:
        connection.execute(
            "update decisions.decisions set leaf_hash = 'ff' where outcome = 'refer'"
        )
    app = run_page(var, "compliance")
    assert "Not all of it" in shown(app)
    assert int(figures(app)["Acts without an entry"].replace(",", "")) > 0


def test_control_totals_can_be_narrowed_by_the_address(
    run_page: RunPage, world: World, shown: Shown
):
    text = shown(run_page(world.var, "compliance", currency="GBP"))
    assert ">GBP<" in text
    assert "<td>EUR</td>" not in text
