"""Walks every page of a running dashboard in a real browser and notes what is wrong with it.

`python -m tests.browser.walk VAR [--keyboard] [--shots FOLDER]` starts a dashboard on a `var`
folder, visits each page at 420 and 1400 px in one browser and prints what it saw as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "apps" / "dashboard" / "app.py"
WIDTHS = (420, 1400)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PROBES = ("/_stcore/health", "/_stcore/host-config")
"""Streamlit tries these below the page's own path first and then at the root."""
PATIENCE = 60_000
FIRST = "portfolio"
MOST_STOPS = 400

_OVERFLOW = """() => Math.max(
  document.documentElement.scrollWidth - document.documentElement.clientWidth,
  (m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]')))"""
_SETTLED = """() => document.querySelector('.ifp-footer, .ifp-note, .ifp-empty')
  && document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'running'
  && ![...document.querySelectorAll('[data-testid=stVegaLiteChart]')].some(
    chart => !chart.querySelector('canvas, svg'))"""
_CONTROLS = """() => {
  const found = [...document.querySelectorAll(
    '[data-testid=stMain] :is(button, a[href], input, textarea, summary, [role=combobox])')];
  const isClosed = e => e.tagName !== 'SUMMARY' && e.closest('details:not([open])');
  const isPartOfBox = e => e.tabIndex < 0 && e.closest('[data-testid=stSelectbox]');
  return found.filter(e => e.checkVisibility() && !e.disabled && e.type !== 'file'
      && !e.closest('[aria-hidden=true]') && !isClosed(e) && !isPartOfBox(e)
      && !(e.getAttribute('role') === 'radio' && e.getAttribute('aria-checked') === 'false')
      && !(e.closest('[role=radiogroup]') && e.tabIndex < 0))
    .map((e, i) => { e.dataset.walk = i; return (e.getAttribute('aria-label')
      || e.innerText || e.placeholder || e.tagName).trim().slice(0, 60); }); }"""
_FOCUSED = "() => document.activeElement?.dataset?.walk ?? null"


@dataclass(frozen=True)
class Seen:
    """What one page looked like at one width.

    Attributes:
        path: the page's address below the server.
        width: of the window, in pixels.
        title: what it asks.
        overflow: how far it is wider than its window, in pixels.
        problems: errors of scripts and of the page, and hosts other than this machine.
        unreached: controls that the Tab key did not reach; empty when it was not tried.
        seconds: from the address to the finished page.
    """

    path: str
    width: int
    title: str
    overflow: int
    problems: tuple[str, ...]
    unreached: tuple[str, ...]
    seconds: float


def pages() -> list[str]:
    """Name the pages by their addresses, from the modules in the folder of screens.

    The first page of the menu has the address of the server itself.
    """
    found = {path.stem for path in (APP.parent / "screens").glob("[a-z]*.py")}
    return ["", *sorted(found - {FIRST})]


@contextmanager
def serve(var: Path) -> Iterator[str]:
    """Run a dashboard on a `var` folder and give its address."""
    port = _free_port()
    command = [
        sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port),
    ]  # fmt: skip
    environment = {**os.environ, "IFP_VAR": str(var.resolve()), "IFP_PROFILE": "dev"}
    with (
        tempfile.TemporaryDirectory() as folder,
        (Path(folder) / "log").open("w+") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            _wait_until_up(f"http://127.0.0.1:{port}/_stcore/health", server, Path(log.name))
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


@contextmanager
def browser(chromium: str) -> Iterator[Browser]:
    """Start a headless browser."""
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


def walk(
    opened: Browser,
    address: str,
    paths: Sequence[str],
    *,
    keyboard: bool = False,
    shots: Path | None = None,
) -> list[Seen]:
    """Visit pages at every width in one context and note what is wrong.

    Args:
        opened: a browser.
        address: of the running dashboard.
        paths: addresses below it.
        keyboard: press Tab through each page at its widest and name controls never reached.
        shots: a folder for pictures of every page at every width.
    """
    context = opened.new_context(viewport={"width": WIDTHS[0], "height": 900})
    seen: list[Seen] = []
    for path in paths:
        page = context.new_page()
        problems = _listen(page)
        started = time.monotonic()
        page.goto(f"{address}/{path}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            _settle(page, problems)
            took = time.monotonic() - started
            overflow = int(page.evaluate(_OVERFLOW))
            if shots is not None:
                _picture(page, shots / f"{_name(path)}-{width}.png")
            reach = keyboard and width == WIDTHS[-1]
            unreached = _unreached(page) if reach else ()
            title = page.inner_text("h1") if page.locator("h1").count() else ""
            seen.append(
                Seen(path, width, title, overflow, tuple(problems), unreached, round(took, 2))
            )
            started = time.monotonic()
        page.close()
    context.close()
    return seen


def _listen(page: Page) -> list[str]:
    problems: list[str] = []

    def console(message: ConsoleMessage) -> None:
        is_probe = urlsplit(message.location["url"]).path.endswith(PROBES)
        if message.type == "error" and not is_probe:
            problems.append(message.text[:200])

    def request(url: str) -> None:
        host = urlsplit(url).hostname
        if host not in {None, "127.0.0.1"}:
            problems.append(f"asked {host}")

    page.on("console", console)
    page.on("pageerror", lambda error: problems.append(str(error)[:200]))
    page.on("request", lambda sent: request(sent.url))
    return problems


def _settle(page: Page, problems: list[str]) -> None:
    """Wait until the page has said everything; say so when it does not."""
    try:
        page.wait_for_function(_SETTLED, timeout=PATIENCE)
        page.wait_for_timeout(150)
    except BrowserError:
        problems.append("the page never finished")
    shown = page.locator("[data-testid=stException]").all()
    problems += [one.inner_text()[:200] for one in shown]


def _unreached(page: Page) -> tuple[str, ...]:
    """Press Tab until every control was in focus, or the focus has come round."""
    names = page.evaluate(_CONTROLS)
    missing = set(range(len(names)))
    for _ in range(MOST_STOPS):
        if not missing:
            break
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is not None:
            missing.discard(int(focused))
    return tuple(names[number] for number in sorted(missing))


def _picture(page: Page, target: Path) -> None:
    """Take a picture of the whole page, which scrolls inside its window."""
    target.parent.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size or {"width": WIDTHS[0], "height": 900}
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(int(height) + 10, 6000)})
    page.wait_for_timeout(400)
    page.screenshot(path=str(target))
    page.set_viewport_size(size)


def _name(path: str) -> str:
    page, _, query = path.partition("?")
    return f"{page or 'first'}{'-one' if query else ''}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(url, timeout=2, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text()[-3000:]}")


def main() -> int:
    """Walk once and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.walk", description=__doc__)
    parser.add_argument("var", type=Path, help="the folder a run filled")
    parser.add_argument("paths", nargs="*", help="addresses; every page when left out")
    parser.add_argument("--keyboard", action="store_true", help="press Tab through each page")
    parser.add_argument("--shots", type=Path, default=None, help="where pictures go")
    chosen = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no Chromium on this machine", file=sys.stderr)
        return 1
    with serve(chosen.var) as address, browser(chromium) as opened:
        seen = walk(
            opened,
            address,
            chosen.paths or pages(),
            keyboard=chosen.keyboard,
            shots=chosen.shots,
        )
    print(json.dumps([asdict(one) for one in seen], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
