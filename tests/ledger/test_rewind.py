"""Reservations as they stood before any entry, and refused then as now."""

from __future__ import annotations

import pytest

from ledger.errors import ReservationRefused
from ledger.reservations import Limit, Reservation
from ledger.rewind import Rewind


def reservation(number, amount=60):
    return Reservation(
        tenant_id="alder",
        fingerprint_exact=f"exact-{number}",
        fingerprints_near=(f"near-{number}",),
        receivable_id=f"r-{number}",
        amount_minor=amount,
        currency="EUR",
        limits=(Limit("seller", "s", 100),),
    )


@pytest.fixture
def told(ledger):
    """One reservation, its release, another: entries 0, 1 and 2."""
    for act in (lambda tx: tx.reserve(reservation(1)), lambda tx: tx.release("r-1"),
                lambda tx: tx.reserve(reservation(2))):  # fmt: skip
        with ledger.transaction() as tx:
            act(tx)
    return ledger


def test_each_entry_finds_the_state_it_was_appended_in(told):
    with Rewind(told) as state:
        seen = []
        for index in range(4):
            state.to(index)
            held = [one.receivable_id for one in state.reserved("alder")]
            seen.append((held, sum(state.exposures("alder").values())))
    assert seen == [([], 0), (["r-1"], 60), ([], 0), (["r-2"], 60)]
    assert state.__class__ is Rewind


def test_the_last_state_is_that_of_the_ledger(told):
    with Rewind(told) as state:
        state.to(told.size())
        assert state.exposures("alder") == told.exposures("alder")
        assert state.reserved("alder") == told.reserved("alder")


def test_what_was_refused_then_is_refused_again_and_takes_nothing(told):
    with Rewind(told) as state:
        state.to(3)
        with pytest.raises(ReservationRefused) as refusal:
            state.reserve(reservation(3))
        assert refusal.value.code == "LIMIT_SELLER"
        state.reserve(reservation(4, amount=40))
        assert sum(state.exposures("alder").values()) == 60


def test_an_approvals_own_reservation_is_left_out(told):
    with Rewind(told) as state:
        state.to(3, before_own="r-2")
        state.reserve(reservation(2))
