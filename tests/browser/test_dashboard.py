"""The dashboard in a real browser: nothing overflows or is fetched from outside, and keys work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.apps.published_world import World, publish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PROBES = ("/_stcore/health", "/_stcore/host-config")
"""Streamlit tries these below the page's own path first and then at the root."""


@dataclass
class Visit:
    """A page and what it did while it was looked at."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A published world of this module's own."""
    return publish(tmp_path_factory.mktemp("browser") / "var", receivables=800)


@pytest.fixture(scope="module")
def address(
    published: World, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A running dashboard."""
    log = tmp_path_factory.mktemp("dashboard") / "log"
    port = _free_port()
    command = [
        sys.executable, "-m", "streamlit", "run", str(root / "apps" / "dashboard" / "app.py"),
        "--server.port", str(port),
    ]  # fmt: skip
    environment = {**os.environ, "IFP_VAR": str(published.var), "IFP_PROFILE": "dev"}
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=log.parent, env=environment, stdout=output, stderr=output
        ) as server,
    ):
        try:
            _wait_until_up(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(url, timeout=2, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    pytest.fail(f"the dashboard did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[[str, int], Visit]]:
    """A function that opens a page at a width and waits until it has said everything."""
    contexts = []

    def go(path: str, width: int) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        shown = Visit(context.new_page())
        shown.page.on("console", lambda message: _keep_error(shown, message))
        shown.page.on("pageerror", lambda error: shown.errors.append(str(error)))
        shown.page.on("request", lambda request: _keep_host(shown, request.url))
        shown.page.goto(f"{address}/{path}")
        shown.page.wait_for_selector(".ifp-footer", timeout=60_000)
        return shown

    yield go
    for context in contexts:
        context.close()


def _keep_host(shown: Visit, url: str) -> None:
    host = urlsplit(url).hostname
    if host is not None:
        shown.hosts.add(host)


def _keep_error(shown: Visit, message: ConsoleMessage) -> None:
    is_probe = urlsplit(message.location["url"]).path.endswith(PROBES)
    if message.type == "error" and not is_probe:
        shown.errors.append(message.text)


def _overflow(page: Page) -> int:
    """How far the page is wider than its window, in pixels."""
    return int(
        page.evaluate(
            "Math.max(document.documentElement.scrollWidth - document.documentElement.clientWidth,"
            " (m => m.scrollWidth - m.clientWidth)"
            "(document.querySelector('[data-testid=stMain]')))"
        )
    )


def _paths(published: World) -> list[str]:
    decision = published.book.decisions[0]
    address = f"decisions?decision={decision['decision_id']}&tenant={decision['tenant_id']}"
    return ["", "decisions", address, "audit"]


@pytest.mark.parametrize("width", [1400, 420])
def test_every_page_fits_its_width_without_errors_or_outside_requests(
    published: World, visit: Callable[[str, int], Visit], width: int
):
    for path in _paths(published):
        shown = visit(path, width)
        shown.page.wait_for_timeout(800)
        assert _overflow(shown.page) <= 0, path
        assert shown.errors == [], path
        assert shown.hosts == {"127.0.0.1"}, path


def test_a_person_reaches_pages_filters_and_proofs_by_keyboard(
    visit: Callable[[str, int], Visit],
):
    shown = visit("decisions", 1400)
    reached = set()
    for _ in range(40):
        shown.page.keyboard.press("Tab")
        reached.add(
            shown.page.evaluate(
                "(e => (e.getAttribute('aria-label') || e.innerText || e.tagName).trim())"
                "(document.activeElement)"
            )
        )
    text = " ".join(reached)
    for wanted in ("Portfolio", "Lineage and ledger", "Referred", "Invoice number", "Download"):
        assert wanted in text


def test_the_verify_button_shows_a_verified_ledger(visit: Callable[[str, int], Visit]):
    page = visit("audit", 420).page
    page.get_by_role("button", name="Verify").click()
    page.wait_for_selector("text=Intact:", timeout=60_000)
    page.wait_for_function(
        "document.querySelector('.ifp-footer').innerText.includes('ledger verified')"
    )
    assert _overflow(page) <= 0


def test_a_deep_link_opens_one_decision_of_its_tenant(
    published: World, visit: Callable[[str, int], Visit]
):
    row = next(row for row in published.book.decisions if row["tenant_id"] == "birch")
    page = visit(f"decisions?tenant=birch&decision={row['decision_id']}", 1400).page
    assert page.inner_text("h1").startswith(("Why was", "Why does"))
    assert row["leaf_hash"] in page.content()
