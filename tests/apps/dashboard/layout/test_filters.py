"""Filters: taken from the address, written back to it, and never stuck on what is gone."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    """A page with one filter of each kind."""
    import streamlit as st

    from apps.dashboard.layout import Choice, Search, filters

    colours = st.session_state.get("colours", {"r": "Red", "g": "Green"})
    chosen = filters.bar(
        "sample",
        [
            Choice("colour", "Colour", colours),
            Choice("size", "Size", {"s": "Small", "l": "Large"}, every=None),
            Search("text", "Text"),
        ],
    )
    st.json(chosen)


@pytest.fixture
def shown() -> Callable[..., AppTest]:
    """A function that runs the page with an address."""

    def run(**query: str) -> AppTest:
        app = AppTest.from_function(page)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return run


def chosen(app: AppTest) -> str:
    return app.json[0].value


def test_without_an_address_everything_or_the_first_is_chosen(shown):
    app = shown()
    assert chosen(app) == '{"colour": "", "size": "s", "text": ""}'
    assert not app.button


def test_the_address_chooses_and_what_it_does_not_know_is_dropped(shown):
    app = shown(colour="g", size="xxl", text="abc")
    assert chosen(app) == '{"colour": "g", "size": "s", "text": "abc"}'
    assert app.query_params["colour"] == "g"
    assert "size" not in app.query_params


def test_choices_are_told_in_the_address_and_can_be_cleared(shown):
    app = shown()
    app.selectbox(key="sample-size").select("l").run()
    assert app.query_params["size"] == "l"
    app.button[0].click().run()
    assert chosen(app) == '{"colour": "", "size": "s", "text": ""}'
    assert "size" not in app.query_params


def test_a_choice_that_is_no_longer_offered_is_given_up(shown):
    app = shown(colour="g")
    app.session_state["colours"] = {"r": "Red", "b": "Blue"}
    app.run()
    assert not app.exception
    assert chosen(app).startswith('{"colour": ""')
