"""Records pulled before are landed once, and never over a newer version."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from ingestion import kept

EARLY = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def land(tmp_path):
    """Land reports of one company pulled at some times; give what raw holds after each."""

    def landed(*versions):
        target = tmp_path / "warehouse.duckdb"
        for hours, text in versions:
            payload = json.dumps(
                {"organization": {"duns": "1"}, "blockStatus": [], "text": text}
            ).encode()
            record = kept.Kept(
                "alder", "dnb-alder", "reports", "1", "GET /v1/data/duns/1",
                hashlib.sha256(payload).hexdigest(), 0, payload, EARLY + timedelta(hours=hours),
            )  # fmt: skip
            kept.land("dnb", [record], warehouse=target, var=tmp_path)
        with duckdb.connect(str(target)) as connection:
            rows = connection.execute(
                "select json_extract_string(payload, '$.text') from raw_dnb.reports"
                " order by fetched_at"
            ).fetchall()
        return [text for (text,) in rows]

    return landed


def test_the_same_bytes_land_once_and_a_change_is_a_version(land):
    assert land((0, "a"), (1, "a"), (2, "b")) == ["a", "b"]


def test_an_older_pull_does_not_cover_a_newer_version(land):
    assert land((2, "new"), (1, "old")) == ["new"]
