"""Small worlds and clients for the sandbox's own tests."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from apps.sandbox.world.generation import generate
from apps.sandbox.world.parameters import WorldParameters

SMALL = WorldParameters(sellers=3, debtors=30, invoices=600, months=12)


@dataclass
class Client:
    """HTTP clients that are signed in to every counterpart of one sandbox."""

    http: httpx.Client
    world: dict

    def xero(self, organisation: int = 0) -> dict[str, str]:
        """Return headers for one organisation of the ledger software."""
        given = self.world["credentials"]["xero"]
        answer = self.http.post(
            "/xero/connect/token",
            data={"grant_type": "client_credentials", "scope": "accounting.transactions.read"},
            auth=(given["client_id"], given["client_secret"]),
        )
        return {
            "Authorization": f"Bearer {answer.json()['access_token']}",
            "Xero-tenant-id": self.world["organisations"][organisation]["xero_tenant_id"],
            "Accept": "application/json",
        }

    def list(self, entity: str, headers: dict[str, str], **params: object) -> httpx.Response:
        """Call a list of the ledger software."""
        since = params.pop("since", None)
        if since:
            headers = {**headers, "If-Modified-Since": str(since)}
        return self.http.get(f"/xero/api.xro/2.0/{entity}", params=params, headers=headers)

    def bank(self) -> dict[str, str]:
        """Return headers for the bank."""
        given = self.world["credentials"]["bank"]
        answer = self.http.post(
            "/bank/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(given["client_id"], given["client_secret"]),
        )
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def dnb(self) -> dict[str, str]:
        """Return headers for the bureau."""
        given = self.world["credentials"]["dnb"]
        answer = self.http.post(
            "/dnb/v3/token",
            json={"grant_type": "client_credentials"},
            auth=(given["key"], given["secret"]),
        )
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def fault(self, counterpart: str, kind: str, **options: object) -> None:
        """Switch a fault on."""
        body = {"counterpart": counterpart, "fault": kind, **options}
        assert self.http.post("/admin/faults", json=body).status_code == 201


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small generated world; copy it before changing it."""
    folder = tmp_path_factory.mktemp("world")
    generate(SMALL, folder)
    return folder


@pytest.fixture(scope="session")
def default_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the world of default size; read it only."""
    folder = tmp_path_factory.mktemp("default-world")
    generate(WorldParameters(), folder)
    return folder


@pytest.fixture(scope="session")
def rows(small_world: Path) -> Callable[..., list[tuple]]:
    """A function that queries the small world's database."""

    def query(sql: str, *values: object) -> list[tuple]:
        database = sqlite3.connect(small_world / "world.sqlite")
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    return query


@pytest.fixture(scope="session")
def _served(start_sandbox: Callable[..., object], small_world: Path) -> Iterator[httpx.Client]:
    """One sandbox process for the session, on a copy of the small world."""
    state = small_world.parent / f"{small_world.name}-served"
    shutil.copytree(small_world, state)
    running = start_sandbox(state, seed=7, sellers=3, debtors=30, invoices=600, months=12)
    with httpx.Client(base_url=running.base_url, timeout=30, trust_env=False) as http:
        http.smtp_port = running.smtp_port
        yield http


@pytest.fixture
def client(_served: httpx.Client) -> Iterator[Client]:
    """A client of the shared sandbox; faults, limits and the clock are put back afterwards."""
    world = _served.get("/admin/world").json()
    yield Client(_served, world)
    _served.delete("/admin/faults")
    _served.post("/admin/limits", json={"xero": {}})
    _served.post("/admin/clock", json={"now": world["now"]})
