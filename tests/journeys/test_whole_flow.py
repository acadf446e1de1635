"""From the sources to the verified ledger: the one journey we would keep."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
STAGES = [
    "raw", "staging", "intermediate", "marts", "features", "scores", "decisions", "actions",
    "audit",
]  # fmt: skip


def orders(sandbox) -> Counter[str]:
    """Count payment orders at the bank by our id."""
    answer = sandbox.get("/admin/payment-orders").json()
    found = answer if isinstance(answer, list) else next(iter(answer.values()))
    return Counter(order["end_to_end_id"] for order in found)


def mails(sandbox) -> Counter[str]:
    """Count mails in the sink by message id."""
    return Counter(mail["message_id"] for mail in sandbox.get("/admin/mail").json()["messages"])


def test_every_stage_has_rows_and_the_ledger_is_verified(finished):
    summary = finished.summary
    assert [item["stage"] for item in summary["stages"]] == STAGES
    assert all(item["rows"] for item in summary["stages"])
    assert summary["ledger"]["verified"] is True
    assert summary["checks"]["failed"] == 0
    assert summary["ok"] is True


def test_control_totals_equal_the_sources_own_sums(finished):
    totals = finished.summary["control_totals"]
    assert {row["entity"] for row in totals} >= {"invoices", "credit_notes", "payments"}
    assert [row for row in totals if row["difference_minor"]] == []


def test_every_approval_is_paid_once_and_told(finished):
    summary = finished.summary
    approved = summary["decisions"]["approve"]
    assert approved > 0
    assert summary["payments"]["sent"] == approved
    assert summary["payments"]["confirmed"] == approved
    assert summary["notices"] == {"queued": approved, "delivered": approved}
    assert set(orders(finished.sandbox).values()) == {1}
    assert sum(orders(finished.sandbox).values()) == approved
    assert set(mails(finished.sandbox).values()) == {1}


def test_the_monthly_report_reaches_the_mail_sink(finished):
    assert finished.summary["reports"]["delivered"] == 2
    reports = list((finished.var / "reports").rglob("*.pdf"))
    assert len(reports) == 2
    assert all(path.read_bytes().startswith(b"%PDF") for path in reports)
    assert all(path.with_suffix(".xlsx").is_file() for path in reports)


def test_the_snapshot_is_what_the_ledger_points_to(finished):
    snapshot = finished.summary["snapshot"]
    assert set(snapshot["tenants"].values()) == {"fresh"}
    with duckdb.connect(snapshot["file"], read_only=True) as connection:
        decided = connection.execute("select count(*) from decisions.decisions").fetchall()
        people = connection.execute(
            "select count(*) from marts_risk.dim_debtors"
            " where is_natural_person and display_name is not null"
        ).fetchall()
    assert decided[0][0] == finished.summary["decisions"]["total"]
    assert people[0][0] == 0


def test_a_decision_is_proven_down_to_the_vendors_bytes(finished, ifp):
    listed = ifp("decisions", "--outcome", "approve", "--json", var=finished.var).json()
    decision = listed["decisions"][0]["decision_id"]
    shown = ifp("audit", "show", decision[:16], "--json", var=finished.var)
    assert shown.code == 0, shown.err
    chain = shown.json()
    assert chain["proven"] is True
    stages = [link["stage"] for link in chain["chain"]]
    assert stages[:6] == ["decisions", "scores", "features", "marts", "raw", "sources"]
    assert "actions" in stages
    assert all(link["proven"] for link in chain["chain"])


def test_an_unknown_decision_is_a_wrong_call(finished, ifp):
    assert ifp("audit", "show", "nothing", var=finished.var).code == 2


def test_verification_says_so_and_hands_out_a_checkpoint(finished, ifp, tmp_path: Path):
    done = ifp("audit", "verify", "--json", var=finished.var)
    assert done.code == 0
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(done.json()["checkpoint"], encoding="utf-8")
    again = ifp("audit", "verify", "--json", "--checkpoint", str(kept), var=finished.var)
    assert again.json()["ok"] is True


def test_running_again_decides_and_pays_nothing_twice(finished, ifp):
    before = orders(finished.sandbox), mails(finished.sandbox)
    done = ifp("run", "--json", var=finished.var, environment=finished.environment)
    assert done.code == 0, done.err[-2000:]
    summary = done.json()
    assert summary["decisions"]["new"] == 0
    assert summary["decisions"]["total"] == finished.summary["decisions"]["total"]
    assert summary["payments"] == finished.summary["payments"]
    assert (orders(finished.sandbox), mails(finished.sandbox)) == before
    assert summary["snapshot"] == finished.summary["snapshot"]


def test_the_queue_is_empty_and_nothing_is_in_quarantine(finished, ifp):
    queue = ifp("queue", "list", "--json", var=finished.var).json()
    assert queue["dead_letters"] == []
    assert not any(states.get("open") for states in queue["stats"].values())
    listed = ifp("quarantine", "list", "--json", var=finished.var).json()
    assert listed == {"records": []}
