"""A folder with a ledger, and entries as a run writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ledger.entry import Actor, Entry
from ledger.store import Ledger
from orchestration import places, settings
from orchestration.metrics.server import Watched
from orchestration.resources.ledger import ledger_url, open_keyring

SYSTEM = Actor("system", "orchestration")


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 30, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def move(self, seconds: float) -> None:
        """Move on."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """The ledger's clock."""
    return Clock()


@pytest.fixture
def watched(tmp_path) -> Iterator[Watched]:
    """A platform that is watched; nothing is in it yet."""
    found = settings.load(var=tmp_path / "var")
    made = Watched(found, places.at(found.var))
    yield made
    made.close()


@pytest.fixture
def ledger(watched, clock) -> Iterator[Ledger]:
    """The ledger of that platform, as a run writes it."""
    keys = open_keyring(watched.settings, watched.where)
    with Ledger.open(ledger_url(watched.settings, watched.where), keys=keys, clock=clock) as made:
        yield made


@pytest.fixture
def note(ledger, clock) -> Callable[..., None]:
    """Append an entry: its type, then its body."""

    def append(kind: str, /, **body: object) -> None:
        ledger.append(Entry(kind, "alder", clock(), SYSTEM, (), body))

    return append
