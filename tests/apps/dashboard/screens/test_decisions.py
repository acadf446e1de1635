"""The list of decisions and one decision in full."""

import html
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.apps.published_world import World

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]
Figures = Callable[[AppTest], dict[str, str]]


def one(world: World, outcome: str, tenant: str = "alder") -> dict:
    return next(
        row
        for row in world.book.decisions
        if row["outcome"] == outcome and row["tenant_id"] == tenant
    )


def test_the_list_counts_outcomes_and_can_be_filtered(
    run_page: RunPage, world: World, shown: Shown, figures: Figures
):
    app = run_page(world.var, "decisions")
    own = [row for row in world.book.decisions if row["tenant_id"] == "alder"]
    approved = sum(row["outcome"] == "approve" for row in own)
    assert figures(app)["Approved"] == str(approved)
    app.selectbox(key="decisions-outcome").select("refer").run()
    assert figures(app)["Approved"] == "0"
    assert app.query_params["outcome"] == "refer"
    app.text_input(key="decisions-text").input("no such thing").run()
    assert "No decision fits these filters" in shown(app)
    clear = next(button for button in app.button if button.label == "Clear filters")
    clear.click().run()
    assert figures(app)["Approved"] == str(approved)
    assert "outcome" not in app.query_params


def test_filters_are_taken_from_the_address_and_unknown_values_are_left_out(
    run_page: RunPage, world: World, figures: Figures
):
    own = [row for row in world.book.decisions if row["tenant_id"] == "alder"]
    rejected = sum(row["outcome"] == "reject" for row in own)
    app = run_page(world.var, "decisions", outcome="reject", seller="nobody")
    assert figures(app)["Rejected"] == str(rejected)
    assert "seller" not in app.query_params


def test_long_lists_are_read_a_page_at_a_time(run_page: RunPage, world: World, shown: Shown):
    app = run_page(world.var, "decisions")
    assert "1–25 of " in shown(app)
    app.get("pagination")[0].set_value(2).run()
    assert "26–50 of " in shown(app)
    assert app.query_params["page"] == "2"
    app.selectbox(key="decisions-outcome").select("approve").run()
    assert "1–25 of " in shown(app)
    assert "page" not in app.query_params


def test_a_page_of_a_list_is_taken_from_the_address(run_page: RunPage, world: World, shown: Shown):
    assert "26–50 of " in shown(run_page(world.var, "decisions", page="2"))


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
