"""Features know only what was known, and a request gets the same figures alone or in company."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain.errors import InvalidFacts
from models.features.contract import FEATURES, NULLABLE, SCHEMA
from models.features.history import History
from models.features.payment_behaviour import WEIGHT, features, measure

Maker = Callable[..., dict[str, Any]]
Framer = Callable[..., pl.DataFrame]
SEVEN = datetime(2026, 3, 1, tzinfo=UTC)


def known_at(history: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Forget everything recorded after a time: rows, and settlements of older rows."""
    later = pl.col("settled_recorded_at") > at
    return history.filter(pl.col("recorded_at") <= at).with_columns(
        settled_on=pl.when(~later).then("settled_on"),
        settled_recorded_at=pl.when(~later).then("settled_recorded_at"),
        status=pl.when(later).then(pl.lit("open")).otherwise("status"),
    )


def one(
    history: pl.DataFrame, request: dict[str, Any], framer: Framer, at: datetime
) -> dict[str, Any]:
    return features(history, framer([request]), at).row(0, named=True)


@pytest.mark.parametrize("day", [date(2025, 7, 1), date(2025, 12, 31), date(2026, 5, 17)])
def test_forgetting_the_future_changes_no_feature(
    make_economy: Callable[..., pl.DataFrame], day: date
) -> None:
    history = make_economy(11)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    requests = history.filter(pl.col("recorded_at") <= at)
    whole = features(history, requests, at)
    assert whole.equals(features(known_at(history, at), requests, at))


def test_each_feature_stands_on_its_own_at_every_issue(
    make_economy: Callable[..., pl.DataFrame],
) -> None:
    history = make_economy(12, invoices=120)
    requests = history.with_columns(decided_at=pl.col("recorded_at"))
    together = features(history, requests, SEVEN)
    for row in requests.iter_slices(1):
        at = row["decided_at"][0]
        alone = features(known_at(history, at), row, SEVEN)
        expected = together.filter(pl.col("receivable_id") == row["receivable_id"][0])
        assert alone.equals(expected)


invoices = st.lists(
    st.tuples(
        st.integers(0, 3),  # debtor
        st.integers(0, 1),  # seller
        st.integers(0, 300),  # issued
        st.integers(0, 60),  # terms
        st.one_of(st.none(), st.integers(0, 150)),  # days to settle
        st.integers(0, 40),  # days until the settlement is recorded
        st.integers(1, 10**9),
        st.sampled_from(["invoice", "invoice", "credit_note"]),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(lines=invoices, cut=st.integers(0, 400))
def test_no_feature_uses_knowledge_after_the_decision(
    lines: list[tuple[Any, ...]], cut: int, book: Callable[..., pl.DataFrame]
) -> None:
    history = book(lines)
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=cut, hours=6)
    requests = history.filter(
        (pl.col("document_type") == "invoice") & (pl.col("recorded_at") <= at)
    )
    whole = features(history, requests, at)
    assert whole.equals(features(known_at(history, at), requests, at))
    assert dict(whole.schema) == SCHEMA


@settings(max_examples=30, deadline=None)
@given(lines=invoices, pick=st.integers(0, 29))
def test_a_request_alone_equals_itself_in_company(
    lines: list[tuple[Any, ...]], pick: int, book: Callable[..., pl.DataFrame]
) -> None:
    history = book(lines)
    requests = history.filter(pl.col("document_type") == "invoice")
    if not len(requests):
        return
    index = History(history)
    together = measure(index, requests, SEVEN).values.tolist()
    place = pick % len(requests)
    alone = measure(index, requests[place : place + 1], SEVEN).values.tolist()
    assert alone == together[place : place + 1]


@pytest.fixture(scope="module")
def book() -> Callable[..., pl.DataFrame]:
    def build(lines: list[tuple[Any, ...]]) -> pl.DataFrame:
        start = date(2025, 1, 1)
        rows = []
        for i, (debtor, seller, day, terms, taken, delay, gross, kind) in enumerate(lines):
            issued = start + timedelta(days=day)
            settled = None if taken is None else issued + timedelta(days=taken)
            recorded = datetime(issued.year, issued.month, issued.day, tzinfo=UTC)
            rows.append(
                {
                    "tenant_id": "t", "receivable_id": f"r{i:03d}", "seller_id": f"s{seller}",
                    "debtor_id": f"d{debtor}", "document_type": kind,
                    "status": "open" if settled is None else "paid", "currency": "EUR",
                    "gross_minor": gross, "issued_on": issued,
                    "due_on": issued + timedelta(days=terms), "terms_days": terms,
                    "settled_on": settled,
                    "settled_recorded_at": None
                    if taken is None
                    else recorded + timedelta(days=taken + delay),
                    "recorded_at": recorded,
                }
            )  # fmt: skip
        schema = {
            "tenant_id": pl.String, "receivable_id": pl.String, "seller_id": pl.String,
            "debtor_id": pl.String, "document_type": pl.String, "status": pl.String,
            "currency": pl.String, "gross_minor": pl.Int64, "issued_on": pl.Date,
            "due_on": pl.Date, "terms_days": pl.Int64, "settled_on": pl.Date,
            "settled_recorded_at": pl.Datetime("us", "UTC"),
            "recorded_at": pl.Datetime("us", "UTC"),
        }  # fmt: skip
        return pl.DataFrame(rows, schema=schema)

    return build


def test_rates_are_drawn_towards_the_tenants_rate(
    make_receivable: Maker, make_frame: Framer
) -> None:
    late = make_receivable(
        receivable_id="a", issued_on=date(2026, 1, 1), settled_on=date(2026, 2, 20)
    )
    good = [
        make_receivable(
            receivable_id=f"g{i}", debtor_id="other", issued_on=date(2026, 1, 1),
            settled_on=date(2026, 1, 20),
        )
        for i in range(9)
    ]  # fmt: skip
    found = one(make_frame([late, *good]), make_receivable(receivable_id="new"), make_frame, SEVEN)
    prior = 100_000
    assert found["tenant_late_rate_ppm"] == prior
    assert found["n_paid_all"] == 1
    assert found["late_rate_all_ppm"] == (1_000_000 + WEIGHT * prior) // (1 + WEIGHT)
    assert found["dbt_mean_all_mdays"] == 20_000
    assert found["dts_mean_all_mdays"] == 50_000


def test_windows_run_over_the_time_a_payment_became_known(
    make_receivable: Maker, make_frame: Framer
) -> None:
    rows = [
        make_receivable(receivable_id=f"r{i}", issued_on=day, settled_on=day + timedelta(days=10))
        for i, day in enumerate((date(2024, 1, 1), date(2025, 6, 1), date(2026, 2, 1)))
    ]
    found = one(make_frame(rows), make_receivable(receivable_id="new"), make_frame, SEVEN)
    assert [found[f"n_paid_{w}"] for w in ("all", "365", "90")] == [3, 2, 1]


def test_other_open_invoices_count_and_the_own_one_does_not(
    make_receivable: Maker, make_frame: Framer
) -> None:
    rows = [
        make_receivable(receivable_id="own", issued_on=date(2026, 1, 1)),
        make_receivable(receivable_id="other", issued_on=date(2026, 1, 1), gross_minor=70_000),
        make_receivable(receivable_id="fresh", issued_on=date(2026, 2, 25), gross_minor=5_000),
    ]
    found = one(make_frame(rows), rows[0], make_frame, SEVEN)
    assert found["open_n"] == 2
    assert found["open_minor"] == 75_000
    assert found["open_past_due_n"] == 1
    assert found["open_past_due_share_ppm"] == 500_000
    assert found["open_past_due_mean_mdays"] == 29_000


def test_annulled_rows_and_credit_notes_leave_no_trace(
    make_receivable: Maker, make_frame: Framer
) -> None:
    paid = {"issued_on": date(2026, 1, 1), "settled_on": date(2026, 1, 9)}
    rows = [
        make_receivable(receivable_id="void", status="void", **paid),
        make_receivable(receivable_id="draft", status="draft", **paid),
        make_receivable(receivable_id="note", document_type="credit_note", **paid),
    ]
    found = one(make_frame(rows), make_receivable(receivable_id="new"), make_frame, SEVEN)
    assert found["n_paid_all"] == 0
    assert found["open_n"] == 0
    assert found["late_rate_all_ppm"] == 350_000


def test_without_any_past_means_are_missing_and_say_so(
    make_receivable: Maker, make_frame: Framer
) -> None:
    found = one(make_frame([]), make_receivable(receivable_id="new"), make_frame, SEVEN)
    missing = {name for name in FEATURES if found[name] is None}
    assert missing == NULLABLE


def test_a_missing_due_date_counts_from_the_terms(
    make_receivable: Maker, make_frame: Framer
) -> None:
    row = make_receivable(receivable_id="new", due_on=None, terms_days=14)
    assert one(make_frame([]), row, make_frame, SEVEN)["terms_days"] == 14
    row["terms_days"] = None
    assert one(make_frame([]), row, make_frame, SEVEN)["terms_days"] == 30


def test_a_frame_without_its_columns_is_refused(make_frame: Framer) -> None:
    with pytest.raises(InvalidFacts, match="debtor_id"):
        History(make_frame([]).drop("debtor_id"))
