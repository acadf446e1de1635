"""Laws of landing: nothing is lost, nothing is invented, versions are what changed."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.landing import Landing, Latest, Page, Scope, split
from ingestion.quarantine import Unlandable, raw_bytes
from ingestion.totals import Described

SCOPE = Scope("alder", "seller-1", "xero", "invoices")


def describe(record: bytes) -> Described:
    found = msgspec.json.decode(record)
    if "id" not in found:
        raise Unlandable("shape_changed", "no id")
    return Described(found["id"], is_deleted=found.get("deleted", False))


def landing(now, known=None) -> Landing:
    return Landing(SCOPE, known if known is not None else {}, describe, now)


def page(*records: bytes) -> Page:
    return Page("GET /x?page=1", b"[" + b",".join(records) + b"]", list(records))


def rows(table) -> list[dict]:
    return [] if table is None else table.to_pylist()


def record(key: str, value: object, **more: object) -> bytes:
    return json.dumps({"id": key, "value": value, **more}).encode()


def test_splitting_keeps_every_byte_of_a_record():
    body = b'[ {"total": 1.10 , "x":12345678901234567.89},\n{"total":1e3,"\xc3\xa9":"\\u00e9"} ]'

    assert split(body) == [
        b'{"total": 1.10 , "x":12345678901234567.89}',
        b'{"total":1e3,"\xc3\xa9":"\\u00e9"}',
    ]


def test_payload_and_hashes_tie_a_row_to_the_bytes(now):
    one = page(b'{"id": "a", "v": 1.10}')

    (row,) = rows(landing(now).take(one))

    assert row["payload"] == '{"id": "a", "v": 1.10}'
    assert row["payload_sha256"] == hashlib.sha256(one.records[0]).hexdigest()
    assert row["page_sha256"] == hashlib.sha256(one.body).hexdigest()
    assert (row["endpoint"], row["position"]) == ("GET /x?page=1", 0)


def test_a_then_b_then_a_is_three_versions(now):
    known: dict[str, Latest] = {}
    landed = []
    for hour, value in enumerate("ABA"):
        sync = landing(now + timedelta(hours=hour), known)
        landed += rows(sync.take(page(record("r", value))))

    assert [json.loads(row["payload"])["value"] for row in landed] == ["A", "B", "A"]
    assert [row["fetched_at"] for row in landed] == [now + timedelta(hours=h) for h in range(3)]


def test_a_deletion_and_a_return_are_versions_even_with_equal_bytes(now):
    known: dict[str, Latest] = {}
    first = landing(now, known)
    first.take(page(record("r", 1)))
    second = landing(now, known)
    assert second.gone() == ["r"]
    (gone,) = rows(second.vanish("GET /x", {"r": record("r", 1).decode()}))
    third = landing(now, known)
    (back,) = rows(third.take(page(record("r", 1))))

    assert gone["is_deleted"]
    assert gone["payload"] == back["payload"]
    assert not back["is_deleted"]
    assert third.counts.landed == 1


def test_a_deletion_the_source_tells_is_a_version(now):
    known: dict[str, Latest] = {}
    landing(now, known).take(page(record("r", 1)))

    (row,) = rows(landing(now, known).take(page(record("r", 1, deleted=True))))

    assert row["is_deleted"]


def test_two_versions_of_a_record_in_one_sync_have_an_order(now):
    sync = landing(now)

    first, second = rows(sync.take(page(record("r", "A"), record("r", "B"))))

    assert first["fetched_at"] == now
    assert second["fetched_at"] == now + timedelta(microseconds=1)


def test_a_stale_copy_met_later_in_a_sync_does_not_become_the_latest(now):
    def stamped(one: bytes) -> Described:
        found = json.loads(one)
        return Described(found["id"], modified_at=now + timedelta(seconds=found["value"]))

    sync = Landing(SCOPE, {}, stamped, now)
    landed = rows(sync.take(page(record("r", 5), record("r", 3))))

    assert len(landed) == 1
    assert (sync.counts.landed, sync.counts.duplicate) == (1, 1)


def test_a_bad_record_is_kept_with_its_bytes_place_and_reason(now):
    sync = landing(now)
    landed = rows(sync.take(page(record("a", 1), b'{"idd": "\xff"}', b'{"n": 1}')))

    assert len(landed) == 1
    bad = sync.quarantine
    assert [(one.reason_code, one.position) for one in bad] == [
        ("not_utf8", 1),
        ("shape_changed", 2),
    ]
    assert raw_bytes(bad[0].raw_text, bad[0].raw_encoding) == b'{"idd": "\xff"}'
    assert bad[1].raw_text == '{"n": 1}'


def test_a_page_that_cannot_be_split_counts_as_one_record_in_quarantine(now):
    sync = landing(now)
    sync.refuse_page("GET /x?page=2", b'{"Invoi', "truncated", "the body ended early")

    assert sync.counts.reconciles
    assert (sync.counts.read, sync.counts.quarantined) == (1, 1)
    assert sync.quarantine[0].raw_text == '{"Invoi'


records = st.one_of(
    st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.booleans()).map(
        lambda one: record(one[0], one[1], deleted=one[2])
    ),
    st.just(b'{"broken": true}'),
)


@given(syncs=st.lists(st.lists(st.lists(records, max_size=6), max_size=3), max_size=5))
def test_every_record_read_is_accounted_for_and_versions_alternate(syncs):
    now = datetime(2026, 6, 30, tzinfo=UTC)
    known: dict[str, Latest] = {}
    history: dict[str, list[tuple[str, bool]]] = {}
    last: dict[str, tuple[str, bool]] = {}
    fetched = []
    for hour, pages in enumerate(syncs):
        sync = landing(now + timedelta(hours=hour), known)
        landed = [row for one in pages for row in rows(sync.take(page(*one)))]
        for row in landed:
            version = (row["payload_sha256"], row["is_deleted"])
            history.setdefault(row["record_id"], []).append(version)
            fetched.append((row["record_id"], row["fetched_at"]))
        for one in (one for records_ in pages for one in records_):
            if b"broken" not in one:
                key, deleted = describe(one).record_id, describe(one).is_deleted
                last[key] = (hashlib.sha256(one).hexdigest(), deleted)
        assert sync.counts.reconciles
        assert sync.counts.read == sum(len(one) for one in pages)
        assert sync.counts.landed == len(landed)

    assert {key: versions[-1] for key, versions in history.items()} == last
    assert all(a != b for one in history.values() for a, b in pairwise(one))
    assert len(set(fetched)) == len(fetched)


@pytest.mark.parametrize("text", [b'{"a": 1}', b"[1, 2", b"nonsense"])
def test_what_is_no_array_cannot_be_split(text):
    with pytest.raises(msgspec.DecodeError):
        split(text)
