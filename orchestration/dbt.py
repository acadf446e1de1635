"""dbt as this platform runs it: a subprocess, told by variables where the warehouse is.

The manifest has to exist before definitions are built; it is parsed again when a file of the
project is newer. Parsing and building share one target folder, so that a build reuses the parse.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from orchestration.places import Places
from orchestration.settings import ROOT, Settings
from orchestration.telemetry import SWITCHES

PROFILES = ROOT / "transform"
_PROJECT_SUFFIXES = {".sql", ".yml", ".yaml", ".csv"}


class DbtError(Exception):
    """dbt ended with an error; the message holds the end of what it said."""


def environment(settings: Settings, where: Places) -> dict[str, str]:
    """Give the variables that dbt's profile reads."""
    password = settings.postgres_password
    return {
        **SWITCHES,
        "IFP_DBT_TARGET": settings.dbt_target,
        "IFP_WAREHOUSE_PATH": str(settings.warehouse_path or where.warehouse),
        "IFP_POSTGRES_HOST": settings.postgres_host,
        "IFP_POSTGRES_PORT": str(settings.postgres_port),
        "IFP_POSTGRES_USER": settings.postgres_user,
        "IFP_POSTGRES_PASSWORD": password.get_secret_value() if password else "",
        "IFP_POSTGRES_DBNAME": settings.postgres_dbname,
        "DBT_TARGET_PATH": str(where.dbt),
        "DBT_LOG_PATH": str(where.logs),
        "DBT_PROFILES_DIR": str(PROFILES),
    }


def variables(as_of: str) -> str:
    """Give the value of ``--vars`` for a knowledge time."""
    return json.dumps({"as_of": as_of})


def manifest(settings: Settings, where: Places, *, as_of: str) -> Path:
    """Return the parsed project, parsing it when it is missing or older than its files."""
    path = where.dbt / "manifest.json"
    if not path.is_file() or path.stat().st_mtime < _newest(_project_files()):
        run(settings, where, ["parse", "--vars", variables(as_of)])
    return path


def parse_early(settings: Settings, where: Places) -> Future[Path]:
    """Start parsing in a thread where it is needed; other things can be made ready meanwhile."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dbt-parse")
    parsing = pool.submit(manifest, settings, where, as_of="")
    pool.shutdown(wait=False)
    return parsing


def run(settings: Settings, where: Places, arguments: list[str]) -> str:
    """Run one dbt command to its end and return what it said.

    Raises:
        DbtError: When it ends with an error.
    """
    done = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "dbt.cli.main", "--quiet", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment(settings, where)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DbtError(f"dbt {arguments[0]} failed:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def _project_files() -> Iterable[Path]:
    yield ROOT / "dbt_project.yml"
    for folder in (PROFILES, ROOT / "tests" / "transform"):
        yield from (path for path in folder.rglob("*") if path.suffix in _PROJECT_SUFFIXES)


def _newest(files: Iterable[Path]) -> float:
    return max((path.stat().st_mtime for path in files if path.is_file()), default=0.0)


@contextmanager
def exported(settings: Settings, where: Places) -> Iterator[None]:
    """Set dbt's variables in this process for the block; a child process inherits them."""
    wanted = environment(settings, where)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
