"""The list of decisions and one decision in full."""

import html
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.apps.published_world import World

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]


def one(world: World, outcome: str, tenant: str = "alder") -> dict:
    return next(
        row
        for row in world.book.decisions
        if row["outcome"] == outcome and row["tenant_id"] == tenant
    )


def test_the_list_counts_outcomes_and_can_be_filtered(run_page: RunPage, world: World):
    app = run_page(world.var, "decisions")
    own = [row for row in world.book.decisions if row["tenant_id"] == "alder"]
    assert app.metric[0].value == str(sum(row["outcome"] == "approve" for row in own))
    assert len(app.dataframe[0].value) == len(own)
    app.text_input[0].input("inv-1").run()
    assert 0 < len(app.dataframe[0].value) <= len(own)
    app.text_input[0].input("no such thing").run()
    assert not app.dataframe


@pytest.mark.parametrize(
    ("outcome", "title"),
    [("approve", "approved?"), ("refer", "wait for a person?"), ("reject", "rejected?")],
)
def test_one_decision_shows_reasons_inputs_policy_and_proof(
    run_page: RunPage, world: World, shown: Shown, outcome: str, title: str
):
    row = one(world, outcome)
    app = run_page(world.var, "decisions", decision=row["decision_id"])
    text = shown(app)
    assert app.title[0].value.endswith(title)
    assert row["policy_hash"][:12] in text
    assert row["leaf_hash"] in text
    assert ">included<" in text
    for reason in world.book.reasons:
        if reason["decision_id"] == row["decision_id"]:
            assert html.escape(reason["text"]) in text


def test_a_decision_of_another_tenant_is_not_shown(run_page: RunPage, world: World, shown: Shown):
    row = one(world, "approve", tenant="birch")
    app = run_page(world.var, "decisions", decision=row["decision_id"])
    assert app.title[0].value == "There is no such decision here"
    assert row["leaf_hash"] not in shown(app)


def test_a_hostile_address_is_written_as_text(run_page: RunPage, world: World, shown: Shown):
    app = run_page(world.var, "decisions", decision="<img src=x onerror=alert(1)>")
    assert "<img" not in shown(app)
