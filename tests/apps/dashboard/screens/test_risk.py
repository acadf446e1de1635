"""The risk page: grades, debtors, limits used, the score's record, and its filters."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.apps.published_world import World

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]
Figures = Callable[[AppTest], dict[str, str]]


def test_the_page_says_what_lateness_would_cost(
    run_page: RunPage, world: World, shown: Shown, figures: Figures
):
    app = run_page(world.var, "risk")
    text = shown(app)
    assert figures(app)["Advances paid late"] == "31.0 %"
    assert "will probably be" in text
    assert "cannot be told from these invoices" in text
    assert "Used of limit" in text
    assert "Paydex" in text


def test_a_grade_of_the_address_is_the_only_one_shown(
    run_page: RunPage, world: World, shown: Shown
):
    own = [row for row in world.book.decisions if row["tenant_id"] == "alder"]
    grade = own[0]["grade"]
    currency = own[0]["currency"]
    text = shown(run_page(world.var, "risk", grade=str(grade), currency=currency))
    assert f">Grade {grade}</a>" in text
    assert f">Grade {grade % 10 + 1}</a>" not in text
