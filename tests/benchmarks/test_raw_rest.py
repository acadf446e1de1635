"""The benchmark of reading a REST source puts every record into each table it compares."""

from benchmarks import raw_rest
from benchmarks._page_server import pages


def test_pages_hold_every_record_once():
    assert [page.count(b'"InvoiceID"') for page in pages(25, 10)] == [10, 10, 5]


def test_a_small_run_gives_both_lines(monkeypatch):
    monkeypatch.setenv("IFP_BENCH_RECORDS", "300")
    monkeypatch.setattr(raw_rest, "_prepare", lambda: None)
    monkeypatch.setattr(raw_rest, "ROUNDS", 1)
    monkeypatch.setattr(raw_rest, "PAGE_SIZE", 100)
    records = list(raw_rest.run())
    assert [record["budget"] for record in records] == ["≥ 4×", "≤ 2.5×"]
    assert all(record["measured"] > 0 for record in records)
