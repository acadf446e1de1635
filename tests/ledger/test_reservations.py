"""What an approval takes cannot be taken twice, and is free again when it is given back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import InvalidEntry, ReservationRefused, UnknownReservation
from ledger.reservations import Limit


def refusal(ledger, reservation, **rest):
    with ledger.transaction() as tx:
        with pytest.raises(ReservationRefused) as caught:
            tx.reserve(reservation, **rest)
        return caught.value


def reserve(ledger, reservation, **rest):
    with ledger.transaction() as tx:
        return tx.reserve(reservation, **rest)


def test_a_reservation_counts_against_every_limit(any_ledger, make_reservation):
    limits = (Limit("seller", "s1", 500), Limit("debtor", "d1", 500), Limit("group", "g1", 500))
    wanted = make_reservation(limits=limits, fingerprints_near=("n1", "n2"))
    entry = reserve(any_ledger, wanted)
    assert entry.entry.type == "reservation"
    assert any_ledger.exposures("alder") == {(limit.kind, limit.id, "EUR"): 100 for limit in limits}
    assert any_ledger.reserved("alder") == [wanted]
    assert any_ledger.exposures("birch") == {}


def test_the_same_fingerprint_is_refused(any_ledger, make_reservation):
    reserve(any_ledger, make_reservation("r1", fingerprint_exact="f"))
    error = refusal(any_ledger, make_reservation("r2", fingerprint_exact="f"))
    assert (error.code, "r1" in error.detail) == ("DUPLICATE_EXACT", True)
    same = refusal(any_ledger, make_reservation("r1", fingerprint_exact="other"))
    assert same.code == "DUPLICATE_EXACT"
    reserve(any_ledger, make_reservation("r3", fingerprint_exact="f", tenant_id="birch"))


def test_a_near_fingerprint_is_refused_until_a_person_lets_it_pass(any_ledger, make_reservation):
    reserve(any_ledger, make_reservation("r1", fingerprints_near=("n", "m")))
    near = make_reservation("r2", fingerprints_near=("x", "n"))
    assert refusal(any_ledger, near).code == "NEAR_DUPLICATE"
    reserve(any_ledger, near, allow_near=True)
    assert [held.receivable_id for held in any_ledger.reserved("alder")] == ["r1", "r2"]


@pytest.mark.parametrize("kind", ["seller", "debtor", "group"])
def test_a_limit_is_reached_but_not_passed(ledger, make_reservation, kind):
    limits = (Limit(kind, "x", 250),)
    reserve(ledger, make_reservation("r1", limits=limits))
    reserve(ledger, make_reservation("r2", limits=limits, amount_minor=150))
    error = refusal(ledger, make_reservation("r3", limits=limits, amount_minor=1))
    assert (error.code, error.detail) == (
        f"LIMIT_{kind.upper()}",
        f"{kind} x: 250 used of 250 EUR, 1 asked",
    )
    reserve(ledger, make_reservation("r3", limits=limits, currency="USD"))


def test_a_refusal_leaves_the_transaction_usable(any_ledger, make_reservation, make_entry):
    reserve(any_ledger, make_reservation())
    with any_ledger.transaction() as tx:
        with pytest.raises(ReservationRefused):
            tx.reserve(make_reservation())
        tx.append(make_entry("decision", {"decision_id": "d1", "outcome": "refer"}))
    assert any_ledger.projection("decisions")[0]["outcome"] == "refer"


def test_release_frees_fingerprint_and_exposure(any_ledger, make_reservation):
    wanted = make_reservation(fingerprints_near=("n",))
    reserve(any_ledger, wanted)
    with any_ledger.transaction() as tx:
        tx.release("r1")
    assert (any_ledger.exposures("alder"), any_ledger.reserved("alder")) == ({}, [])
    reserve(any_ledger, wanted)


def test_a_repaid_receivable_stays_taken(any_ledger, make_reservation):
    reserve(any_ledger, make_reservation())
    with any_ledger.transaction() as tx:
        tx.release("r1", keep_fingerprint=True)
    assert any_ledger.exposures("alder") == {}
    assert refusal(any_ledger, make_reservation()).code == "DUPLICATE_EXACT"
    with any_ledger.transaction() as tx, pytest.raises(UnknownReservation):
        tx.release("r1")


def test_what_was_not_reserved_is_not_released(ledger):
    with ledger.transaction() as tx, pytest.raises(UnknownReservation):
        tx.release("r9")


def test_an_amount_of_nothing_is_refused(ledger, make_reservation):
    with ledger.transaction() as tx, pytest.raises(InvalidEntry):
        tx.reserve(make_reservation(amount_minor=0))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 400)), max_size=25))
def test_exposure_is_the_sum_of_what_is_held_and_survives_a_rebuild(
    ledger, make_reservation, steps
):
    held = {reservation.receivable_id: reservation for reservation in ledger.reserved("alder")}
    for number, amount in steps:
        name = f"r{number}"
        with ledger.transaction() as tx:
            if amount <= 0:
                if name in held:
                    tx.release(name)
                    del held[name]
                continue
            wanted = make_reservation(name, amount_minor=amount)
            total = sum(reservation.amount_minor for reservation in held.values())
            if name in held or total + amount > 1_000:
                with pytest.raises(ReservationRefused):
                    tx.reserve(wanted)
            else:
                tx.reserve(wanted)
                held[name] = wanted
    total = sum(reservation.amount_minor for reservation in held.values())
    expected = {("seller", "s1", "EUR"): total} if total else {}
    assert ledger.exposures("alder") == expected
    ledger.rebuild()
    assert ledger.exposures("alder") == expected
    assert {found.receivable_id: found for found in ledger.reserved("alder")} == held
