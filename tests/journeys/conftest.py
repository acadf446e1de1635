"""One small world taken the whole way by the public command, for every journey to look at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORLD = {"sellers": 3, "debtors": 20, "invoices": 150, "months": 8}


@dataclass(frozen=True)
class Ran:
    """A command that came to its end."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """Read what it printed."""
        return json.loads(self.out)


def ifp(*arguments: str, var: Path, environment: Mapping[str, str] | None = None) -> Ran:
    """Run `ifp` on a folder of its own."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ifp"), *arguments],
        cwd=ROOT,
        env={**os.environ, "IFP_VAR": str(var), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session", name="ifp")
def the_command() -> Callable[..., Ran]:
    """Run `ifp`: arguments, the folder `var`, and an environment."""
    return ifp


@pytest.fixture(scope="session")
def world(start_sandbox: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory):
    """Start a sandbox of the small world; give it and the environment that names it."""

    def start(name: str):
        found = start_sandbox(tmp_path_factory.mktemp(name), **WORLD)
        return found, {"IFP_SANDBOX_URL": found.base_url}

    return start


@dataclass(frozen=True)
class Finished:
    """A run that came to its end: where, on which world, and what it said."""

    var: Path
    sandbox: Any
    environment: Mapping[str, str]
    summary: dict[str, Any]


@pytest.fixture(scope="session")
def finished(world, tmp_path_factory) -> Finished:
    """Run the whole line once on the small world."""
    sandbox, environment = world("finished-sandbox")
    var = tmp_path_factory.mktemp("finished") / "var"
    done = ifp("run", "--json", var=var, environment=environment)
    assert done.code == 0, done.err[-3000:] + done.out[-3000:]
    return Finished(var, sandbox, environment, done.json())
