"""Ledgers to try things on: a fresh SQLite one, and one per engine."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.reservations import Limit, Reservation
from ledger.store import Ledger

MOMENT = datetime(2026, 6, 30, 12, tzinfo=UTC)
WORKER = Actor("system", "worker")


@pytest.fixture(scope="session")
def keys() -> Keyring:
    """Keys for every ledger of the session."""
    return Keyring.generate()


@pytest.fixture
def url(tmp_path) -> str:
    """The address of an empty SQLite ledger."""
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture
def ledger(url, keys) -> Iterator[Ledger]:
    """An empty SQLite ledger."""
    with Ledger.open(url, keys=keys) as opened:
        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_url(request, tmp_path) -> str:
    """The address of an empty ledger, once per engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    return request.getfixturevalue("new_postgres_url")()


@pytest.fixture
def any_ledger(any_url, keys) -> Iterator[Ledger]:
    """An empty ledger, once per engine."""
    with Ledger.open(any_url, keys=keys) as opened:
        yield opened


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    """Make entries; what is left out does not matter to the test."""

    def make(kind="note", body=None, *, tenant_id="alder", subjects=(), **rest) -> Entry:
        return Entry(kind, tenant_id, MOMENT, WORKER, tuple(subjects), body or {}, **rest)

    return make


@pytest.fixture
def make_reservation() -> Callable[..., Reservation]:
    """Make reservations of one receivable against one seller."""

    def make(receivable="r1", **changes) -> Reservation:
        fields = {
            "tenant_id": "alder",
            "fingerprint_exact": f"exact-{receivable}",
            "fingerprints_near": (),
            "receivable_id": receivable,
            "amount_minor": 100,
            "currency": "EUR",
            "limits": (Limit("seller", "s1", 1_000),),
        }
        return Reservation(**{**fields, **changes})

    return make
