"""The dashboard run in-process on the published world."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.apps.published_world import World

RunPage = Callable[..., AppTest]


@pytest.fixture
def clean_caches() -> Iterator[None]:
    """Nothing remembered from another test's server."""
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def run_page(root: Path, clean_caches: None, monkeypatch: pytest.MonkeyPatch) -> RunPage:
    """A function that runs one page on a `var` folder and returns what it shows."""

    def run(var: Path, page: str | None = None, /, **query: str) -> AppTest:
        monkeypatch.setenv("IFP_VAR", str(var))
        monkeypatch.delenv("IFP_PROFILE", raising=False)
        app = AppTest.from_file(str(root / "apps" / "dashboard" / "app.py"), default_timeout=60)
        app.run()
        if page is not None:
            app.switch_page(f"screens/{page}.py")
            for name, value in query.items():
                app.query_params[name] = value
            app.run()
        assert not app.exception, [error.message for error in app.exception]
        return app

    return run


@pytest.fixture
def shown() -> Callable[[AppTest], str]:
    """A function that joins everything a page says."""

    def text(app: AppTest) -> str:
        parts = [
            element.value for kind in ("title", "subheader", "caption") for element in app.get(kind)
        ]
        parts += [element.proto.body for element in app.get("html")]
        return " ".join(parts)

    return text


@pytest.fixture
def figures() -> Callable[[AppTest], dict[str, str]]:
    """A function that reads a page's key figures: label to value, as a person reads them."""

    def read(app: AppTest) -> dict[str, str]:
        bodies = " ".join(element.proto.body for element in app.get("html"))
        found = re.findall(r"<dt>(.*?)</dt><dd class=\"v\">(.*?)</dd>", bodies)
        return {_plain(label): _plain(value) for label, value in found}

    return read


@pytest.fixture
def var(world: World) -> Path:
    """The folder of the published world."""
    return world.var


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text))
