"""Entries have one byte form and say what they are about."""

from datetime import datetime, timedelta, timezone

import pytest
import rfc8785

from ledger.entry import KEY_FIELDS, canonical_entry, key_of, stored_entry, utc_moment, utc_text
from ledger.errors import InvalidEntry
from models.domain.errors import NotCanonical

NOW = "2026-06-30T12:00:00.000000Z"


def written(entry, **rest):
    return canonical_entry(entry, index=3, key=None, recorded_at=NOW, private_sha256=None, **rest)


def test_an_entry_is_canonical_json_and_reads_back(make_entry):
    entry = make_entry("note", {"b": [1, None, True], "a": "é\u2028"}, subjects=("r1", "s1"))
    data = written(entry)
    stored = stored_entry(data, b"")
    assert rfc8785.dumps(__import__("json").loads(data)) == data
    assert stored.entry == entry
    assert (stored.index, stored.recorded_at) == (3, utc_moment(NOW))


def test_floats_are_refused(make_entry):
    with pytest.raises(NotCanonical, match=r"body\.rate"):
        written(make_entry(body={"rate": 0.1}))


def test_times_are_utc_of_one_width():
    moment = datetime(2026, 6, 30, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert utc_text(moment) == NOW
    assert utc_moment(NOW) == moment
    with pytest.raises(InvalidEntry, match="time zone"):
        utc_text(datetime(2026, 6, 30))  # noqa: DTZ001  what is refused


@pytest.mark.parametrize(("kind", "field"), KEY_FIELDS.items())
def test_a_type_that_needs_a_key_is_refused_without(kind, field, make_entry):
    assert key_of(make_entry(kind, {field: "x"})) == "x"
    for body in ({}, {field: ""}, {field: 7}):
        with pytest.raises(InvalidEntry, match=field):
            key_of(make_entry(kind, body))


def test_other_types_may_go_without_a_key(make_entry):
    assert key_of(make_entry("asset_materialised", {"asset_key": "raw/x"})) == "raw/x"
    assert key_of(make_entry("asset_materialised", {})) is None
    assert key_of(make_entry("anything", {"decision_id": "d"})) is None
