"""The sandbox as the dev profile's counterparts: find a running one or start one of our own.

It is another process with its own memory of the world (``var/sandbox``); what it is told on start
is its only tie to us. Its address is kept beside its state, so that `ifp run` finds the sandbox
that `ifp up` started for the same ``var``.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from orchestration.settings import ROOT, Settings

_START_SECONDS = 120.0
_STOP_SECONDS = 10.0


class SandboxError(Exception):
    """The sandbox could not be started or does not answer."""


@dataclass(frozen=True, slots=True)
class SandboxAddress:
    """Where a sandbox listens.

    Attributes:
        base_url: Address of its HTTP counterparts.
        smtp_port: Port of its mail sink, on the same host.
    """

    base_url: str
    smtp_port: int

    @property
    def host(self) -> str:
        """The host of the mail sink."""
        return urlsplit(self.base_url).hostname or "127.0.0.1"


def read_world(base_url: str, *, timeout: float = 30.0) -> dict[str, Any]:
    """Ask a sandbox who lives in its world and what time it is there.

    Raises:
        SandboxError: When nothing answers there.
    """
    try:
        answer = httpx.get(f"{base_url}/admin/world", timeout=timeout, trust_env=False)
        answer.raise_for_status()
        world: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise SandboxError(f"no sandbox answers at {base_url}: {error}") from error
    return world


def find(settings: Settings, state: Path) -> SandboxAddress | None:
    """Return the sandbox the settings name, or the running one of this state folder."""
    if settings.sandbox_url:
        world = read_world(settings.sandbox_url)
        return SandboxAddress(settings.sandbox_url.rstrip("/"), int(world.get("smtp_port", 0)))
    noted = state / "address.json"
    if not noted.is_file():
        return None
    address = json.loads(noted.read_text(encoding="utf-8"))
    try:
        read_world(address["base_url"], timeout=5)
    except SandboxError:
        return None
    return SandboxAddress(address["base_url"], int(address["smtp_port"]))


@contextmanager
def reachable(settings: Settings, state: Path) -> Iterator[SandboxAddress]:
    """Use the sandbox that runs, else run one for the length of the block."""
    found = find(settings, state)
    if found is None:
        with running(settings, state) as address:
            yield address
        return
    try:
        yield found
    finally:
        if not settings.sandbox_url:
            stop_left_over(state)


@contextmanager
def running(settings: Settings, state: Path, port: int = 0) -> Iterator[SandboxAddress]:
    """Start a sandbox, note its address, and end it with the block."""
    process, address = start(settings, state, port)
    try:
        yield address
    finally:
        stop(process)
        (state / "address.json").unlink(missing_ok=True)


def command(settings: Settings, state: Path, port: int) -> list[str]:
    """Build the command line that starts a sandbox of the settings' size."""
    sizes = {
        "seed": settings.sandbox_seed,
        "sellers": settings.sandbox_sellers,
        "debtors": settings.sandbox_debtors,
        "invoices": settings.sandbox_invoices,
        "months": settings.sandbox_months,
        "as-of": settings.sandbox_as_of.isoformat(),
    }
    flags = [text for name, value in sizes.items() for text in (f"--{name}", str(value))]
    base = [sys.executable, "-m", "apps.sandbox", "serve"]
    return [*base, "--port", str(port), "--state", str(state), *flags]


def start(
    settings: Settings, state: Path, port: int = 0
) -> tuple[subprocess.Popen[str], SandboxAddress]:
    """Start a sandbox process and wait until it says that it is ready.

    Raises:
        SandboxError: With the end of its log when it does not start.
    """
    state.mkdir(parents=True, exist_ok=True)
    log = state / "sandbox.log"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own module, arguments from typed settings
            command(settings, state, port),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    address = _await_ready(process, log)
    noted = {
        "base_url": address.base_url,
        "smtp_port": address.smtp_port,
        "pid": process.pid,
        "owner": os.getpid(),
    }
    (state / "address.json").write_text(json.dumps(noted), encoding="utf-8")
    return process, address


def stop(process: subprocess.Popen[str]) -> None:
    """End a sandbox process, by force when it does not go by itself."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def stop_left_over(state: Path) -> bool:
    """End the sandbox of this state folder if the process that started it is gone."""
    noted = state / "address.json"
    if not noted.is_file():
        return False
    address = json.loads(noted.read_text(encoding="utf-8"))
    if _is_alive(int(address["owner"])):
        return False
    noted.unlink(missing_ok=True)
    try:
        os.kill(int(address["pid"]), signal.SIGTERM)
    except ProcessLookupError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _await_ready(process: subprocess.Popen[str], log: Path) -> SandboxAddress:
    deadline = time.monotonic() + _START_SECONDS
    stdout = process.stdout
    while stdout is not None and time.monotonic() < deadline and process.poll() is None:
        if not select.select([stdout], [], [], 0.2)[0]:
            continue
        line = stdout.readline()
        if line.startswith("{"):
            ready = json.loads(line)
            if ready.get("event") == "sandbox.ready":
                return SandboxAddress(ready["base_url"].rstrip("/"), int(ready["smtp_port"]))
    stop(process)
    raise SandboxError(f"the sandbox did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
