"""What concerns one request of what is reserved equals what the whole says of it."""

from __future__ import annotations

from ledger.reservations import Limit, Reservation


def test_only_the_parties_and_forms_asked_about_are_told(ledger):
    limits = (Limit("seller", "s", 1000), Limit("debtor", "d", 1000))
    held = Reservation("alder", "exact", ("near", "other"), "r-1", 60, "EUR", limits)
    with ledger.transaction() as tx:
        tx.reserve(held)
    found = ledger.taken(
        "alder", parties=(("seller", "s"), ("debtor", "x")), exact="exact", near=("near", "far")
    )
    assert found.exposures == (("seller", "s", "EUR", 60),)
    assert (found.is_held, found.near, found.size) == (True, ("near",), 1)
    assert ledger.is_reserved("r-1")
    assert not ledger.is_reserved("r-2")
    foreign = ledger.taken("birch", parties=(("seller", "s"),), exact="exact", near=("near",))
    assert (foreign.exposures, foreign.is_held, foreign.near) == ((), False, ())
