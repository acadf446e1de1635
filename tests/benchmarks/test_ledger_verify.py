"""The ledger's benchmark fills a ledger that verifies, and measures beside its floors."""

from benchmarks import ledger_verify


def test_a_small_run_gives_every_line(monkeypatch):
    monkeypatch.setenv("IFP_BENCH_ENTRIES", "3000")
    monkeypatch.setattr(ledger_verify, "ROUNDS", 1)
    monkeypatch.setattr(ledger_verify, "PROOFS", 20)
    records = list(ledger_verify.run())
    assert [record["budget"] for record in records] == ["≤ 2×", "≤ 2×", "≤ 1 ms"]
    assert all(record["measured"] > 0 for record in records)
