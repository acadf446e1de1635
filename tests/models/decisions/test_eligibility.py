"""Every amount has one reason, and gross less reasons is eligible to the minor unit."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decisions.eligibility import BorrowingBase, eligibility
from models.decisions.policy import Policy

TODAY = date(2026, 6, 30)
Maker = Callable[..., dict[str, Any]]
Framer = Callable[..., pl.DataFrame]


def amounts(base: BorrowingBase) -> dict[str, int]:
    return dict(base.totals().select("rule", "amount_minor").iter_rows())


def reasons(base: BorrowingBase) -> dict[str, str | None]:
    return dict(base.receivables.select("receivable_id", "rule").iter_rows())


def aged(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def worked_book(make_receivable: Maker, make_frame: Framer) -> pl.DataFrame:
    """The borrowing base of the worked example; amounts in hundredths."""
    lines = [
        ("A", 300, 20), ("A", 200, 50), ("B", 150, 30), ("B", 60, 95), ("C", 40, 100),
        ("C", 30, 40), ("D", 120, 10), ("E", 90, 25), ("E", -10, 120), ("F", 80, 15),
        ("G", 70, 45), ("G", 25, 5),
    ]  # fmt: skip
    rows = [
        make_receivable(
            receivable_id=f"r{i:02d}",
            debtor_id=debtor,
            gross_minor=abs(amount) * 100,
            open_minor=abs(amount) * 100,
            issued_on=aged(days),
            document_type="credit_note" if amount < 0 else "invoice",
            is_disputed=debtor == "F",
        )
        for i, (debtor, amount, days) in enumerate(lines)
    ]
    return make_frame(rows).with_columns(
        is_foreign=pl.col("debtor_id") == "D",
        is_affiliate=(pl.col("debtor_id") == "G") & (pl.col("gross_minor") == 2_500),
        payable_minor=pl.when(pl.col("debtor_id") == "G").then(2_000).otherwise(0),
    )


@pytest.fixture
def quarter_policy(policy_text: str) -> Policy:
    return Policy.load(policy_text.replace("concentration_bps: 2000", "concentration_bps: 2500"))


def test_the_worked_borrowing_base_is_met(
    worked_book: pl.DataFrame, quarter_policy: Policy
) -> None:
    base = eligibility(worked_book, quarter_policy, TODAY)
    assert amounts(base) == {
        "E03": 10_000,
        "E04": -1_000,
        "E05": 3_000,
        "E06": 2_500,
        "E08": 12_000,
        "E09": 2_000,
        "E10": 8_000,
        "E17": 30_250,
    }
    assert base.receivables["open_minor"].sum() == 115_500
    assert base.receivables["eligible_minor"].sum() == 48_750


books = st.lists(
    st.tuples(
        st.sampled_from("ABCDE"),
        st.integers(1, 10**9),
        st.integers(0, 200),
        st.sampled_from([0, 14, 30, 60, 95, 120]),
        st.sampled_from(["open", "partially_paid", "disputed", "paid", "void"]),
        st.sampled_from(["invoice", "invoice", "invoice", "credit_note"]),
        st.sampled_from(["EUR", "USD", "XXX"]),
        st.integers(0, 10**9),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(lines=books)
def test_gross_less_reasons_is_eligible_in_any_book(
    lines: list[tuple[Any, ...]], policy: Policy, module_frame: Callable[..., pl.DataFrame]
) -> None:
    book = module_frame(lines)
    base = eligibility(book, policy, TODAY)
    rows = base.receivables
    assert (
        rows["open_minor"].sum() - base.lines["amount_minor"].sum() == rows["eligible_minor"].sum()
    )
    assert (rows["open_minor"] - rows["ineligible_minor"] == rows["eligible_minor"]).all()
    by_row = dict(
        base.lines.group_by("receivable_id").agg(pl.col("amount_minor").sum()).iter_rows()
    )
    for row in rows.iter_rows(named=True):
        assert by_row.get(row["receivable_id"], 0) == row["ineligible_minor"]
        assert (row["rule"] is not None) == (row["receivable_id"] in by_row)
        if row["open_minor"] > 0:
            assert 0 <= row["eligible_minor"] <= row["open_minor"]


@pytest.fixture(scope="module")
def module_frame() -> Callable[..., pl.DataFrame]:
    def build(lines: list[tuple[Any, ...]]) -> pl.DataFrame:
        rows = [
            {
                "receivable_id": f"r{i:03d}",
                "seller_id": "s1",
                "debtor_id": debtor,
                "currency": currency,
                "document_type": kind,
                "status": status,
                "open_minor": amount,
                "issued_on": aged(days),
                "due_on": aged(days) + timedelta(days=terms),
                "terms_days": terms,
                "is_disputed": disputed % 3 == 0,
                "disputed_minor": disputed,
            }
            for i, (debtor, amount, days, terms, status, kind, currency, disputed) in enumerate(
                lines
            )
        ]
        schema = {
            "receivable_id": pl.String, "seller_id": pl.String, "debtor_id": pl.String,
            "currency": pl.String, "document_type": pl.String, "status": pl.String,
            "open_minor": pl.Int64, "issued_on": pl.Date, "due_on": pl.Date,
            "terms_days": pl.Int64, "is_disputed": pl.Boolean, "disputed_minor": pl.Int64,
        }  # fmt: skip
        return pl.DataFrame(rows, schema=schema)

    return build


def test_an_invoice_over_ninety_days_is_aged(
    make_receivable: Maker, make_frame: Framer, policy: Policy
) -> None:
    rows = [
        make_receivable(receivable_id="old", debtor_id="d1", issued_on=aged(91)),
        make_receivable(receivable_id="edge", debtor_id="d2", issued_on=aged(90)),
        make_receivable(
            receivable_id="long",
            debtor_id="d3",
            issued_on=aged(100),
            due_on=aged(100) + timedelta(days=60),
        ),
    ]
    found = reasons(eligibility(make_frame(rows), policy, TODAY))
    assert found["old"] == "E03"
    assert found["edge"] != "E03"
    assert found["long"] != "E03"


def test_a_small_dispute_takes_only_its_amount(
    make_receivable: Maker, make_frame: Framer, policy: Policy
) -> None:
    crowd = [make_receivable(receivable_id=f"c{i}", debtor_id=f"x{i}") for i in range(9)]
    small = make_receivable(
        receivable_id="small", is_disputed=True, disputed_minor=9_000, status="disputed"
    )
    large = make_receivable(
        receivable_id="large", debtor_id="d2", is_disputed=True, disputed_minor=11_000
    )
    base = eligibility(make_frame([*crowd, small, large]), policy, TODAY)
    left = dict(base.receivables.select("receivable_id", "eligible_minor").iter_rows())
    assert left["small"] == 91_000
    assert left["large"] == 0


def test_concentration_falls_on_the_newest_invoice(
    make_receivable: Maker, make_frame: Framer, policy: Policy
) -> None:
    rows = [
        make_receivable(receivable_id="first", issued_on=aged(20)),
        make_receivable(receivable_id="second", issued_on=aged(5)),
        *(make_receivable(receivable_id=f"c{i}", debtor_id=f"x{i}") for i in range(6)),
    ]
    base = eligibility(make_frame(rows), policy, TODAY)
    found = dict(base.receivables.select("receivable_id", "ineligible_minor").iter_rows())
    assert found["first"] == 0
    assert found["second"] == 200_000 - 800_000 * 2_000 // 10_000


def test_rules_name_terms_insolvency_and_currency(
    make_receivable: Maker, make_frame: Framer, policy: Policy
) -> None:
    rows = [
        make_receivable(receivable_id="terms", due_on=date(2026, 6, 10) + timedelta(days=91)),
        make_receivable(receivable_id="broke", debtor_id="d2"),
        make_receivable(receivable_id="money", debtor_id="d3", currency="XXX"),
        make_receivable(receivable_id="void", debtor_id="d4", status="void"),
    ]
    book = make_frame(rows).with_columns(is_insolvent=pl.col("receivable_id") == "broke")
    assert reasons(eligibility(book, policy, TODAY)) == {
        "terms": "E13",
        "broke": "E14",
        "money": "E15",
        "void": "E01",
    }


def test_a_due_date_before_the_invoice_date_is_no_term_of_payment(
    make_receivable: Maker, make_frame: Framer, policy: Policy
) -> None:
    rows = [
        make_receivable(
            receivable_id="before",
            debtor_id="d1",
            issued_on=aged(10),
            due_on=aged(15),
        ),
        make_receivable(receivable_id="same", debtor_id="d2", issued_on=aged(0), due_on=aged(0)),
    ]
    found = reasons(eligibility(make_frame(rows), policy, TODAY))
    assert found["before"] == "E13"
    assert found["same"] != "E13"
