"""Keys are stable, parts cannot run into each other, fingerprints need the key."""

import hashlib
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from models.domain.identity import fingerprints, surrogate_key

PARTS = {
    "seller_tax": "S1",
    "debtor_tax": "D1",
    "number_norm": "INV12",
    "issued_on": date(2026, 1, 2),
    "gross_minor": 12345,
    "currency": "EUR",
}


def test_a_surrogate_key_is_the_hash_of_its_joined_parts() -> None:
    expected = hashlib.sha256(b"alder\x1fseller\x1fx1").hexdigest()
    assert surrogate_key("alder", "seller", "x1") == expected


@given(st.lists(st.text(max_size=5), min_size=2, max_size=4))
def test_moving_a_character_over_a_part_border_changes_the_key(parts: list[str]) -> None:
    joined = ["".join(parts[:2]), *parts[2:]]
    assert surrogate_key(*parts) != surrogate_key(*joined)


def test_each_near_form_forgets_exactly_one_thing() -> None:
    full = fingerprints(b"k", **PARTS)
    other_day = fingerprints(b"k", **{**PARTS, "issued_on": date(2026, 1, 3)})
    other_number = fingerprints(b"k", **{**PARTS, "number_norm": "INV13"})
    assert full.exact not in {other_day.exact, other_number.exact}
    assert full.near_without_date == other_day.near_without_date
    assert full.near_without_number != other_day.near_without_number
    assert full.near_without_number == other_number.near_without_number
    assert full.near == (full.near_without_date, full.near_without_number)


def test_another_key_gives_unrelated_fingerprints() -> None:
    mine, theirs = fingerprints(b"k1", **PARTS), fingerprints(b"k2", **PARTS)
    assert {mine.exact, *mine.near}.isdisjoint({theirs.exact, *theirs.near})
