"""The dashboard in a real browser: every page fits, is quiet, and can be worked by keyboard.

One server and one browser serve all tests; `walk` visits the pages. Deeper walks, with pictures and
the Tab key on every page, are `python -m tests.browser.walk VAR --keyboard --shots FOLDER`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.apps.published_world import World, publish
from tests.browser.walk import WIDTHS, browser, pages, serve, walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A published world of this module's own."""
    return publish(tmp_path_factory.mktemp("browser") / "var", receivables=800)


@pytest.fixture(scope="module")
def address(published: World) -> Iterator[str]:
    """A running dashboard."""
    with serve(published.var) as running:
        yield running


@pytest.fixture(scope="module")
def opened(chromium: str) -> Iterator[Browser]:
    """A headless browser."""
    with browser(chromium) as started:
        yield started


@pytest.fixture
def page(opened: Browser) -> Iterator[Page]:
    """An empty page on a telephone."""
    context = opened.new_context(viewport={"width": WIDTHS[0], "height": 900})
    yield context.new_page()
    context.close()


def one(published: World, tenant: str) -> str:
    row = next(row for row in published.book.decisions if row["tenant_id"] == tenant)
    return f"decisions?tenant={tenant}&decision={row['decision_id']}"


def test_every_page_fits_both_widths_without_errors_or_outside_requests(
    published: World, opened: Browser, address: str
):
    seen = walk(opened, address, [*pages(), one(published, "alder")])
    assert len(seen) == len(WIDTHS) * (len(pages()) + 1)
    assert [(s.path, s.width, s.problems) for s in seen if s.problems] == []
    assert [(s.path, s.width, s.overflow) for s in seen if s.overflow > 0] == []
    assert all(s.title for s in seen)


def test_a_person_reaches_every_control_of_a_page_by_keyboard(opened: Browser, address: str):
    (_, wide) = walk(opened, address, ["decisions"], keyboard=True)
    assert wide.unreached == ()


def test_the_verify_button_shows_a_verified_ledger(page: Page, address: str):
    page.goto(f"{address}/audit")
    page.get_by_role("button", name="Verify").click(timeout=60_000)
    page.wait_for_selector("text=Intact:", timeout=60_000)
    expect(page.locator(".ifp-footer")).to_contain_text("ledger verified", timeout=60_000)


def test_a_deep_link_opens_one_decision_of_its_tenant(published: World, page: Page, address: str):
    row = next(row for row in published.book.decisions if row["tenant_id"] == "birch")
    page.goto(f"{address}/{one(published, 'birch')}")
    page.wait_for_selector(".ifp-footer", timeout=60_000)
    expect(page.locator("h1")).to_have_text(re.compile("^Why (was|does)"), timeout=60_000)
    assert row["leaf_hash"] in page.content()


def test_the_first_page_is_found_by_its_name_too(page: Page, address: str):
    page.goto(f"{address}/portfolio?tenant=birch")
    expect(page.locator("h1")).to_have_text("What is the book worth today?", timeout=60_000)
    page.wait_for_url(f"{address}/?tenant=birch", timeout=60_000)
    assert page.get_by_role("dialog").count() == 0


def test_filters_of_a_link_are_set_and_stay_in_the_address(page: Page, address: str):
    page.goto(f"{address}/decisions?tenant=alder&outcome=refer")
    page.wait_for_selector("text=that fit the filters", timeout=60_000)
    assert "outcome=refer" in page.url
    page.get_by_role("button", name="Clear filters").click()
    page.wait_for_selector("text=that fit the filters", state="detached", timeout=60_000)
    page.wait_for_url(lambda url: "outcome" not in url, timeout=60_000)
