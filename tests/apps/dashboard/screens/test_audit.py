"""The audit page: lineage, verification, checkpoint."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from apps.dashboard.lineage import STAGES
from tests.apps.published_world import World

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]


def verify(app: AppTest) -> AppTest:
    button = next(one for one in app.button if one.label.startswith("Verify"))
    return button.click().run()


def test_the_lineage_names_every_word_of_the_flow(run_page: RunPage, var: Path, shown: Shown):
    text = shown(run_page(var, "audit"))
    for stage in STAGES:
        assert f"<h4>{stage}</h4>" in text


def test_the_verify_button_verifies_in_a_separate_process(
    run_page: RunPage, world: World, shown: Shown
):
    app = verify(run_page(world.var, "audit"))
    with world.ledger() as ledger:
        size, root = ledger.size(), ledger.root().hex()
    assert f"Intact: {size:,} entries verified" in shown(app)
    assert root in shown(app)
    assert "ledger verified" in shown(run_page(world.var, "portfolio"))


def test_a_changed_byte_is_named_and_the_page_stays_usable(
    run_page: RunPage, world: World, tmp_path: Path, shown: Shown
):
    var = tmp_path / "var"
    shutil.copytree(world.var, var)
    app = run_page(var, "audit")
    with sqlite3.connect(var / "ledger" / "ledger.sqlite") as database:
        database.execute(
            "update entries set canonical = replace(canonical, 'approve', 'refer00') where idx = "
            "(select min(idx) from entries where instr(canonical, 'approve') > 0)"
        )
    database.close()
    app = verify(app)
    assert not app.exception
    assert "Not intact" in shown(app)
