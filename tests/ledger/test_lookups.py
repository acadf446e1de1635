"""Entries are found by their ids however far they lie apart."""

from zlib import crc32

from ledger.lookups import BUCKET, candidates, lookup_rows, newest_candidates


def test_each_id_is_kept_once():
    assert sorted(lookup_rows(BUCKET + 3, "a", ("b", "a", "b"))) == sorted(
        (1, crc32(text.encode()), BUCKET + 3) for text in ("a", "b")
    )
    assert lookup_rows(0, None, ()) == []


def test_ids_are_found_across_buckets_in_order(any_ledger, make_entry):
    places = {0, 5, BUCKET - 1, BUCKET, 3 * BUCKET + 7}
    any_ledger.append_many(
        make_entry(body={"n": n}, subjects=("rare",) if n in places else (f"s{n}",))
        for n in range(3 * BUCKET + 9)
    )
    size = any_ledger.size()
    with any_ledger.reading() as cursor:
        assert list(candidates(cursor, "rare", low=0, high=size)) == sorted(places)
        assert list(candidates(cursor, "rare", low=6, high=BUCKET)) == [BUCKET - 1]
        found = list(newest_candidates(cursor, "rare", high=3 * BUCKET))
        assert found == [BUCKET, BUCKET - 1, 5, 0]
        assert list(newest_candidates(cursor, "rare", high=0)) == []
    assert [stored.index for stored in any_ledger.entries(subject="rare", limit=2)] == [0, 5]


def test_ids_that_share_a_digest_are_told_apart(ledger, make_entry):
    one, other = "plumless", "buckeroo"
    assert crc32(one.encode()) == crc32(other.encode())
    ledger.append(make_entry("decision", {"decision_id": one, "outcome": "approve"}))
    ledger.append(make_entry("override", {"decision_id": other, "outcome": "reject"}))
    ledger.append(make_entry("override", {"decision_id": one, "outcome": "refer"}))
    states = {state["key"]: state["outcome"] for state in ledger.projection("decisions")}
    assert states == {one: "refer", other: "reject"}
    assert [stored.index for stored in ledger.entries(key=one)] == [0, 2]
    ledger.append_many([make_entry(subjects=(one,)), make_entry(subjects=(other,))])
    assert [stored.index for stored in ledger.entries(subject=other)] == [4]
    before = ledger.projection("decisions")
    ledger.rebuild()
    assert ledger.projection("decisions") == before
