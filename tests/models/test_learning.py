"""Learning sees outcomes only once they were known, and measures itself honestly."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.domain.errors import InvalidFacts
from models.learning import evaluate, examples, expert_record, settled_history, train
from models.scores.registry import ModelRecord

AT = datetime(2026, 6, 30, tzinfo=UTC)


def settled_file(history: pl.DataFrame) -> pl.DataFrame:
    return history.select(
        "issued_on",
        "due_on",
        debtor="debtor_id",
        cleared_on="settled_on",
        amount_minor="gross_minor",
    )


def test_outcomes_recorded_later_are_unknown(
    make_receivable: Callable[..., dict[str, Any]], make_frame: Callable[..., pl.DataFrame]
) -> None:
    rows = [
        make_receivable(
            receivable_id="a", issued_on=date(2026, 1, 1), settled_on=date(2026, 2, 20)
        ),
        make_receivable(
            receivable_id="b", issued_on=date(2026, 1, 1), settled_on=date(2026, 7, 20)
        ),
        make_receivable(receivable_id="c", issued_on=date(2026, 7, 1)),
    ]
    found = examples(make_frame(rows), AT).select(
        "receivable_id", "is_late", "days_to_pay", "is_default"
    )
    assert found.rows() == [("a", 1, 50, 0), ("b", None, None, 1)]


def test_young_invoices_are_not_counted_as_good(
    make_receivable: Callable[..., dict[str, Any]], make_frame: Callable[..., pl.DataFrame]
) -> None:
    row = make_receivable(issued_on=date(2026, 5, 1), settled_on=date(2026, 5, 9))
    assert examples(make_frame([row]), AT)["is_default"].to_list() == [None]


def test_a_trained_record_says_how_good_it_was(make_economy: Callable[..., pl.DataFrame]) -> None:
    record = train(make_economy(4, invoices=900), AT, draws=20)
    assert record.models.lateness.origin == "trained"
    assert record.metrics["out_of_time"]["test_count"] > 100
    assert ModelRecord.load(record.dump()) == record
    assert set(record.models.hashes) >= {"payment_lateness", "debtor_default"}


def test_training_twice_gives_the_same_bytes(make_economy: Callable[..., pl.DataFrame]) -> None:
    history = make_economy(4, invoices=500)
    shuffled = history.sample(fraction=1.0, shuffle=True, seed=3)
    assert train(history, AT, draws=10).dump() == train(shuffled, AT, draws=10).dump()


def test_a_tenant_without_history_gets_the_expert_cards(
    make_frame: Callable[..., pl.DataFrame],
) -> None:
    assert train(make_frame([]), AT).models.lateness.origin == "expert"
    assert expert_record(AT).models.default.origin == "expert"


def test_any_settled_file_can_be_evaluated(make_economy: Callable[..., pl.DataFrame]) -> None:
    found = evaluate(settled_file(make_economy(5, invoices=900)), draws=20)
    assert len(found) >= 3
    assert all(e.auc["constant"].value == 0.5 for e in found)
    assert all(e.auc["card"].value > 0.7 for e in found)


def test_a_file_needs_no_issue_dates(make_economy: Callable[..., pl.DataFrame]) -> None:
    file = settled_file(make_economy(5, invoices=600)).drop("issued_on")
    assert evaluate(file, draws=10)


def test_a_file_without_due_dates_is_refused(make_economy: Callable[..., pl.DataFrame]) -> None:
    with pytest.raises(InvalidFacts, match="due_on"):
        settled_history(settled_file(make_economy()).drop("due_on"))


def test_a_training_set_never_reaches_over_its_origin(
    make_economy: Callable[..., pl.DataFrame],
) -> None:
    history = make_economy(5, invoices=900)
    origin = date(2026, 1, 1)
    (evaluation,) = evaluate(settled_file(history), [origin], draws=10)
    before = history.filter(pl.col("settled_recorded_at") < datetime(2026, 1, 1, tzinfo=UTC))
    assert evaluation.train_count == len(before)
    assert evaluation.test_count == len(
        history.filter((pl.col("issued_on") >= origin) & pl.col("settled_on").is_not_null())
    )


@pytest.mark.shared_data
def test_the_published_split_is_met_and_its_bar_reported(shared_data: Path) -> None:
    """The public receivables sample, parted on 2013-05-06, without its dispute flag."""
    day = "%m/%d/%Y"
    path = shared_data / "receivables" / "ibm_accounts_receivable.csv"
    file = pl.read_csv(path, infer_schema_length=0).select(
        debtor="customerID",
        issued_on=pl.col("InvoiceDate").str.to_date(day),
        due_on=pl.col("DueDate").str.to_date(day),
        cleared_on=pl.col("SettledDate").str.to_date(day),
        amount_minor=(pl.col("InvoiceAmount").str.to_decimal(scale=2) * 100).cast(pl.Int64),
    )
    (evaluation,) = evaluate(file, [date(2013, 5, 6)], draws=200)
    assert evaluation.test_count == 741
    assert evaluation.single_feature in {"dts_mean_all_mdays", "dbt_mean_all_mdays"}
    assert evaluation.auc["card"].value > 0.88
    assert evaluation.auc["card"].value > evaluation.auc["single"].value
    assert evaluation.mae_days["model"] < 5.8
