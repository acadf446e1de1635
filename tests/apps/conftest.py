"""Fixtures of the front doors: one published world per session, opened for a signed-in person."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from apps.access.sign_in import demo_user
from apps.warehouse import Snapshot, latest_publication, open_snapshot
from ledger.store import Ledger
from tests.apps.published_world import World, publish


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A published world; nobody may change it."""
    return publish(tmp_path_factory.mktemp("world") / "var")


@pytest.fixture
def ledger(world: World) -> Iterator[Ledger]:
    """The ledger of the published world."""
    with world.ledger() as opened:
        yield opened


@pytest.fixture
def open_for(world: World, ledger: Ledger) -> Callable[[str], Snapshot]:
    """A function that opens the snapshot for the demo user of one tenant."""

    def open_one(tenant_id: str) -> Snapshot:
        publication = latest_publication(ledger)
        return open_snapshot(publication, world.var / "published", demo_user(), tenant_id)

    return open_one
