"""dbt as this platform runs it: a subprocess, told by variables where the warehouse is.

The manifest has to exist before definitions are built; it is parsed again when a file of the
project is newer. Parsing and building share one target folder, so that a build reuses the parse.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

from orchestration import continuation
from orchestration.dbt_process import WAIT
from orchestration.places import Places
from orchestration.settings import ROOT, Settings
from orchestration.telemetry import SWITCHES

PROFILES = ROOT / "transform"
_PROJECT_SUFFIXES = {".sql", ".yml", ".yaml", ".csv"}
_DONE = {"success", "pass"}


class DbtError(Exception):
    """dbt ended with an error; the message holds the end of what it said."""


def environment(settings: Settings, where: Places) -> dict[str, str]:
    """Give the variables that dbt's profile reads."""
    password = settings.postgres_password
    return {
        **SWITCHES,
        "IFP_DBT_TARGET": settings.dbt_target,
        "IFP_WAREHOUSE_PATH": str(settings.warehouse_path or where.warehouse),
        "IFP_WAREHOUSE_MEMORY": settings.warehouse_memory,
        "IFP_POSTGRES_HOST": settings.postgres_host,
        "IFP_POSTGRES_PORT": str(settings.postgres_port),
        "IFP_POSTGRES_USER": settings.postgres_user,
        "IFP_POSTGRES_PASSWORD": password.get_secret_value() if password else "",
        "IFP_POSTGRES_DBNAME": settings.postgres_dbname,
        "DBT_TARGET_PATH": str(where.dbt),
        "DBT_LOG_PATH": str(where.logs),
        "DBT_PROFILES_DIR": str(PROFILES),
    }


def variables(as_of: str, *, since: str = "") -> str:
    """Give the value of ``--vars`` for a knowledge time, and for that of a build to go on from."""
    return json.dumps({"as_of": as_of, **({"since": since} if since else {})})


def target(settings: Settings, where: Places) -> Path | str:
    """Give the warehouse that dbt builds: a DuckDB file or a Postgres URL."""
    if settings.dbt_target == "duckdb":
        return settings.warehouse_path or where.warehouse
    password = settings.postgres_password
    user = quote(settings.postgres_user, safe="")
    if password:
        user += ":" + quote(password.get_secret_value(), safe="")
    host = f"{settings.postgres_host}:{settings.postgres_port}"
    return f"postgresql://{user}@{host}/{settings.postgres_dbname}"


def manifest(settings: Settings, where: Places, *, as_of: str) -> Path:
    """Return the parsed project, parsing it when it is missing or older than its files."""
    path = where.dbt / "manifest.json"
    if not path.is_file() or path.stat().st_mtime < _newest(project_files()):
        run(settings, where, ["parse", "--vars", variables(as_of)])
    return path


def parse_early(settings: Settings, where: Places) -> Future[Path]:
    """Start parsing in a thread where it is needed; other things can be made ready meanwhile."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dbt-parse")
    parsing = pool.submit(manifest, settings, where, as_of="")
    pool.shutdown(wait=False)
    return parsing


def build(
    settings: Settings, where: Places, *, as_of: str, inherited: tuple[int, ...]
) -> list[dict[str, Any]]:
    """Build and test the whole project and return what dbt noted about each node.

    Where only raw has grown since the build before, dbt makes anew what moved.

    Args:
        settings: What the environment said.
        where: Places of the run.
        as_of: Knowledge time.
        inherited: Descriptors of the warehouse's lock, which the caller holds: dbt holds it too,
            so that one that outlives its killed caller is waited for.

    Raises:
        DbtError: When dbt could not even begin.
    """
    results = where.dbt / "run_results.json"
    results.unlink(missing_ok=True)
    # unit tests try the rules, not the data: they belong to the test run
    left_out = ["--exclude-resource-type", "unit_test"]
    built = target(settings, where)
    note, since = continuation.begin(built, as_of=as_of, files=project_files())
    arguments = ["build", *left_out, "--vars", variables(as_of, since=since)]
    done = _invoke(settings, where, arguments, inherited)
    if not results.is_file():
        raise DbtError(f"dbt build failed:\n{_end_of(done)}")
    noted: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))["results"]
    if all(item["status"] in _DONE for item in noted if not item["unique_id"].startswith("test.")):
        continuation.finish(built, note)
    return noted


def run(
    settings: Settings, where: Places, arguments: list[str], *, target: Path | None = None
) -> None:
    """Run one dbt command to its end.

    Args:
        settings: What the environment said.
        where: Places of the run.
        arguments: The command and its options.
        target: Folder for what dbt writes, instead of the one that builds share.

    Raises:
        DbtError: When it ends with an error; the message is the end of what it said.
    """
    done = _invoke(settings, where, arguments, target=target)
    if done.returncode:
        raise DbtError(f"dbt {arguments[0]} failed:\n{_end_of(done)}")


class Waiting:
    """A dbt that is loaded already and waits for its one command.

    Loading takes seconds; whoever has something else to do first starts it before that.

    Args:
        settings: What the environment said.
        where: Places of the run.
    """

    def __init__(self, settings: Settings, where: Places) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "orchestration.dbt_process", WAIT],
            cwd=ROOT,
            env={**os.environ, **environment(settings, where)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, arguments: list[str]) -> None:
        """Give it its command and wait for the end.

        Raises:
            DbtError: When it ends with an error; the message is the end of what it said.
        """
        said, _ = self._process.communicate(json.dumps(["--quiet", *arguments]))
        if self._process.returncode:
            raise DbtError(f"dbt {arguments[0]} failed:\n{said[-4000:]}")

    def close(self) -> None:
        """End it, whether it was given a command or not."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


def _invoke(
    settings: Settings,
    where: Places,
    arguments: list[str],
    inherited: tuple[int, ...] = (),
    *,
    target: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestration.dbt_process"]
    if arguments[0] == "parse":
        command = [sys.executable, "-m", "dbt.cli.main"]
    return subprocess.run(  # noqa: S603 - our own arguments
        [*command, "--quiet", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            **environment(settings, where),
            **({"DBT_TARGET_PATH": str(target)} if target else {}),
        },
        capture_output=True,
        text=True,
        check=False,
        pass_fds=inherited,
    )


def _end_of(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout + done.stderr)[-4000:]


def project_files() -> Iterable[Path]:
    """Name the files of the project and of its tests."""
    yield ROOT / "dbt_project.yml"
    for folder in (PROFILES, ROOT / "tests" / "transform"):
        yield from (path for path in folder.rglob("*") if path.suffix in _PROJECT_SUFFIXES)


def _newest(files: Iterable[Path]) -> float:
    return max((path.stat().st_mtime for path in files if path.is_file()), default=0.0)
