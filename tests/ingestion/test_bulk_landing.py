"""Landing in bulk comes to what landing record by record comes to."""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.bulk import AMOUNT, Batch, Refused, Sound
from ingestion.bulk_landing import BulkLanding
from ingestion.identities import HELD, Held, Met, hashed
from ingestion.landing import Landing, Latest, Page, Scope
from ingestion.quarantine import Unlandable
from ingestion.totals import Described

SCOPE = Scope("alder", "acme", "files", "receivables")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
RECORD = st.tuples(
    st.sampled_from("ABCDE"),
    st.sampled_from(["1.00", "2.50", "-3"]),
    st.sampled_from(["EUR", "JPY"]),
)


def payload(record):
    key, amount, currency = record
    return json.dumps({"record_id": key, "amount": amount, "currency": currency})


def describe(text):
    found = json.loads(text)
    return Described(
        found["record_id"], currency=found["currency"], amount=Decimal(found["amount"])
    )


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def batch_of(records, refused=()):
    sound = Sound(
        pa.array([key for key, _, _ in records], pa.string()),
        pa.array([payload(one) for one in records], pa.string()),
        pa.array(range(len(records)), pa.int64()),
        pa.array([currency for *_, currency in records], pa.string()),
        pa.array([Decimal(amount) for _, amount, _ in records], AMOUNT),
    )
    return Batch("file a.csv", "f" * 64, sound, refused)


def landings(held):
    latest = {key: (record, is_deleted) for record, is_deleted in held for key in record[0]}
    known = {
        key: Latest(sha256(payload(record)), is_deleted)
        for key, (record, is_deleted) in latest.items()
    }
    rows = [
        (key, sha256(payload(record)), is_deleted, record[2], record[1])
        for key, (record, is_deleted) in latest.items()
    ]
    table = pa.Table.from_pylist(
        [dict(zip(HELD.names, row, strict=True)) for row in rows], schema=HELD
    )
    payloads = {key: (payload(record), is_deleted) for key, (record, is_deleted) in latest.items()}
    one_by_one = Landing(SCOPE, known, describe, NOW)
    in_bulk = BulkLanding(SCOPE, {}, describe, NOW, held=Held.of(table))
    return one_by_one, in_bulk, lambda keys: {key: payloads[key] for key in keys}


@settings(max_examples=60, deadline=None)
@given(
    held=st.lists(st.tuples(RECORD, st.booleans()), max_size=5),
    batches=st.lists(st.lists(RECORD, max_size=8), max_size=4),
)
def test_any_records_land_alike_both_ways(held, batches):
    one_by_one, in_bulk, payloads = landings(held)

    for records in batches:
        batch = batch_of(records)
        expected, found = one_by_one.take(batch), in_bulk.take(batch)
        assert (expected is None) == (found is None)
        if expected is not None:
            assert found.schema == expected.schema
            assert found.to_pylist() == expected.to_pylist()

    assert in_bulk.counts == one_by_one.counts
    assert in_bulk.counts.reconciles
    assert in_bulk.duplicates == one_by_one.duplicates
    assert in_bulk.difference(payloads) == one_by_one.difference(payloads)
    assert in_bulk.sound_of({"A", "B", "Z"}) == one_by_one.sound_of({"A", "B", "Z"})


def test_what_cannot_land_is_kept_with_its_place_and_reason():
    one_by_one, in_bulk, _ = landings([])
    refused = [Refused(7, b'{"source":{}}', Unlandable("missing_value", "the amount is empty"))]
    batch = batch_of([("A", "1.00", "EUR")], refused)

    one_by_one.take(batch)
    in_bulk.take(batch)

    assert in_bulk.quarantine == one_by_one.quarantine
    assert [row.position for row in in_bulk.quarantine] == [7]


def test_single_records_and_whole_refused_files_go_the_same_way():
    _, in_bulk, _ = landings([])
    good, bad = payload(("A", "1.00", "EUR")).encode(), b"%PDF"
    page = Page("file a.pdf", bad, [good, bad], problems={1: Unlandable("not_a_table", "a PDF")})

    table = in_bulk.take(page)

    assert table.column("record_id").to_pylist() == ["A"]
    assert [row.reason_code for row in in_bulk.quarantine] == ["not_a_table"]
    assert in_bulk.counts.reconciles


@pytest.mark.parametrize("size", [1, 3, 16])
def test_records_met_are_found_however_many_runs_they_came_in(size):
    met = Met()
    keys = [f"r{number}" for number in range(100)]
    for start in range(0, len(keys), size):
        met.add(hashed(pa.array(keys[start : start + size])))

    assert met.find(hashed(pa.array(keys))).tolist() == list(range(100))
    assert met.find(hashed(pa.array(["other"]))).tolist() == [-1]
    assert len(met.runs) <= 8
