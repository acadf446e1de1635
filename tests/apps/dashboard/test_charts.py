"""The pictures."""

from apps.dashboard import charts
from apps.look import BUCKET_LABELS


def test_bars_start_at_zero_and_carry_their_exact_amount():
    amounts = [(bucket, 100_00 * n, n) for n, bucket in enumerate(BUCKET_LABELS, start=1)]
    spec = charts.ageing(amounts, "EUR").to_dict()
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"][0] == 0
    rows = next(iter(spec["datasets"].values()))
    assert rows[0]["exact"] == "EUR 100.00"
    assert [row["length"] for row in rows] == [minor for _, minor, _ in amounts]
    assert all(type(row["length"]) is int for row in rows)
    assert [row["label"] for row in rows] == list(BUCKET_LABELS.values())


def test_reasons_stand_in_full_above_their_bars():
    spec = charts.counted_reasons([("R101", "A reason with many words in it", 7)]).to_dict()
    rows = next(iter(spec["datasets"].values()))
    assert rows == [{"code": "R101", "text": "A reason with many words in it", "requests": 7}]
