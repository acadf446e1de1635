"""The processes of ``ifp up``: what is started how, watched, and ended together.

Each writes to its own log under ``var/logs``. Whichever ends by itself ends the others: a platform
that runs in part would only look healthy.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from orchestration import dbt, instance, places, ports, recovery
from orchestration.resources import counterparts, sandbox
from orchestration.resources.bank import Bank
from orchestration.resources.ledger import open_keyring, open_ledger
from orchestration.settings import ROOT
from orchestration.telemetry import SWITCHES

if TYPE_CHECKING:
    from orchestration.places import Places
    from orchestration.resources.sandbox import SandboxAddress
    from orchestration.settings import Settings

_STOP_SECONDS = 15.0
_WATCH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Service:
    """One process.

    Attributes:
        name: What people call it.
        command: How it is started.
        address: Where it is reached, or what it does.
    """

    name: str
    command: tuple[str, ...]
    address: str

    @property
    def slug(self) -> str:
        """The name as `ifp serve` and log files have it."""
        return self.name.lower().replace(" ", "-")


def taken_ports(settings: Settings) -> list[tuple[str, int]]:
    """Return what cannot be started because its port is in use."""
    wanted = [
        ("Dagster UI", settings.dagster_port),
        ("dashboard", settings.dashboard_port),
        ("API", settings.api_port),
    ]
    taken = [(name, port) for name, port in wanted if not ports.is_free(settings.host, port)]
    if not ports.is_free(settings.metrics_host, settings.metrics_port):
        taken.append(("metrics", settings.metrics_port))
    return taken


def services(settings: Settings) -> list[Service]:
    """List the processes to be started, in their order."""
    scripts = Path(sys.executable).parent
    host, workspace = settings.host, str(ROOT / "workspace.yaml")
    page = f"http://{host}:{settings.dashboard_port}"
    return [
        Service(
            "Dagster UI",
            (
                str(scripts / "dagster-webserver"),
                *("-w", workspace, "-h", host, "-p", str(settings.dagster_port)),
            ),
            f"http://{host}:{settings.dagster_port}",
        ),
        Service("Dagster", (str(scripts / "dagster-daemon"), "run", "-w", workspace), "schedules"),
        Service("worker", (sys.executable, "-m", "orchestration.worker"), "commands and payments"),
        Service(
            "API",
            (
                *(sys.executable, "-m", "apps.api"),
                *("--host", host, "--port", str(settings.api_port)),
            ),
            door(settings),
        ),
        Service(
            "metrics",
            (sys.executable, "-m", "orchestration.metrics.server"),
            f"http://{settings.metrics_host}:{settings.metrics_port}/metrics",
        ),
        Service(
            "dashboard",
            (
                *(sys.executable, "-m", "streamlit", "run"),
                str(ROOT / "apps" / "dashboard" / "app.py"),
                f"--server.address={host}",
                f"--server.port={settings.dashboard_port}",
                "--server.headless=true",
                "--server.fileWatcherType=none",
                "--browser.gatherUsageStats=false",
            ),
            page,
        ),
    ]


def become(settings: Settings, slug: str) -> NoReturn:
    """Turn this process into one of the services; for supervisors that watch each by itself.

    Raises:
        KeyError: There is no service of that name.
    """
    where = places.at(settings.var)
    service = {item.slug: item for item in services(settings)}[slug]
    instance.prepare(where.dagster)
    environment = {**os.environ, **SWITCHES, "IFP_VAR": str(where.var)}
    os.chdir(ROOT)
    os.execve(service.command[0], service.command, environment)  # noqa: S606 - our own commands


def door(settings: Settings) -> str:
    """Give the address that the bank's events go to."""
    return f"http://{settings.host}:{settings.api_port}/webhooks/bank"


def register_door(settings: Settings, address: SandboxAddress) -> str:
    """Have the sandbox's bank announce changes at our door; return the secret they share.

    With another bank the endpoint is agreed on with it, and the secret is a setting.
    """
    world = sandbox.read_world(address.base_url)
    given = settings.bank_webhook_secret
    secret = str(world["credentials"]["bank"]["webhook_secret"])
    if given is not None:
        secret = given.get_secret_value()
    bank = Bank(counterparts.from_world(settings, address, world).bank)
    try:
        bank.register_webhook(door(settings), secret)
    finally:
        bank.close()
    return secret


def run(
    settings: Settings,
    *,
    on_started: Callable[[str, str], None],
    until: threading.Event | None = None,
) -> str | None:
    """Start everything and wait for Ctrl-C, a stop signal, or the first process to end.

    Args:
        settings: What the environment said.
        on_started: Told name and address of each.
        until: Ends all when it is set, for callers that are no terminal.

    Returns:
        The name of the process that ended by itself, or ``None``.
    """
    where = places.at(settings.var)
    stop = until or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    dbt.manifest(settings, where, as_of="")
    open_ledger(settings, where, open_keyring(settings, where)).close()
    with instance.opened(where.dagster) as opened:
        recovery.recover(opened, where.dagster)
    with ExitStack() as stack:
        environment = {**os.environ, **SWITCHES, "IFP_VAR": str(where.var)}
        environment["DAGSTER_HOME"] = str(where.dagster)
        environment["IFP_METRICS_PORT"] = str(settings.metrics_port)
        if settings.uses_sandbox:
            address = stack.enter_context(sandbox.reachable(settings, where.sandbox))
            environment["IFP_SANDBOX_URL"] = address.base_url
            environment["IFP_BANK_WEBHOOK_SECRET"] = register_door(settings, address)
            on_started("sandbox", address.base_url)
        started: list[tuple[Service, subprocess.Popen[bytes]]] = []
        for service in services(settings):
            started.append((service, stack.enter_context(_running(service, where, environment))))
            on_started(service.name, service.address)
        return _watch(started, stop)


def _watch(
    started: list[tuple[Service, subprocess.Popen[bytes]]], stop: threading.Event
) -> str | None:
    while not stop.wait(_WATCH_SECONDS):
        for service, process in started:
            if process.poll() is not None:
                return service.name
    return None


@contextmanager
def _running(
    service: Service, where: Places, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    log = where.logs / f"{service.slug}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            service.command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started, by force when it takes too long."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
