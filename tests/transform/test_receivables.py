"""One receivable from several sources, its amounts, its status, and its orders and disputes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

ONE = "select * from marts_risk.fct_receivables where tenant_id = 'alder' and record_id = '{}'"
EVENTS = """
    select events.event_type, events.amount_minor, events.is_itemised
    from marts_risk.fct_receivable_events as events
    join marts_risk.fct_receivables as receivables using (receivable_id)
    where receivables.tenant_id = 'alder' and receivables.record_id = '{}'
    order by 1, 2
"""


@pytest.mark.parametrize(
    ("record_id", "status", "gross", "paid", "credited", "remaining"),
    [
        ("01001", "partially_paid", 119000, 19000, 0, 100000),
        ("01002", "partially_paid", 50000, 20000, 0, 30000),
        ("01003", "paid", 30010, 30010, 0, 0),
        ("01004", "disputed", 8000, 0, 0, 8000),
        ("01005", "open", 8000, 0, 0, 8000),
        ("01006", "void", 6000, 0, 0, 0),
        ("01007", "draft", 6000, 0, 0, 0),
        ("01008", "void", 6000, 0, 0, 0),
        ("01009", "credited", 25000, 0, 25000, 0),
        ("01010", "paid", 70000, 70000, 0, 0),
        ("01017", "paid", 15000, 17000, 0, 0),
        ("01020", "void", 7500, 0, 0, 0),
        ("cn-1", "partially_paid", -30000, 0, -25000, -5000),
    ],
)
def test_status_follows_from_amounts_and_vendor_state(
    after_second_sync: Any, record_id: str, status: str, gross: int, paid: int, credited: int,
    remaining: int,
) -> None:  # fmt: skip
    row = after_second_sync.one(ONE.format(record_id))
    found = tuple(
        row[name]
        for name in ("status", "gross_minor", "paid_minor", "credited_minor", "open_minor")
    )
    assert found == (status, gross, paid, credited, remaining)


@pytest.mark.parametrize(
    ("record_id", "currency", "gross"),
    [("01011", "JPY", 123456), ("01012", "KWD", 10125), ("01013", "EUR", 123456)],
)
def test_amounts_are_cast_exactly_by_the_currency(
    after_second_sync: Any, record_id: str, currency: str, gross: int
) -> None:
    row = after_second_sync.one(ONE.format(record_id))
    assert (row["currency"], row["gross_minor"]) == (currency, gross)


def test_dates_are_read_from_the_encoded_form_when_the_text_is_missing(
    after_second_sync: Any,
) -> None:
    row = after_second_sync.one(ONE.format("01016"))
    assert (row["issued_on"], row["due_on"]) == (date(2026, 5, 4), date(2026, 6, 3))


def test_one_fingerprint_from_two_sources_is_one_receivable(after_second_sync: Any) -> None:
    winner = after_second_sync.one(ONE.format("01001"))
    loser = after_second_sync.one(
        "select * from intermediate.int_receivables__superseded where reason = 'lower_source_rank'"
    )
    assert (winner["source_system"], winner["source_count"]) == ("xero", 2)
    assert (loser["record_id"], loser["winning_receivable_id"]) == (
        "row-1",
        winner["receivable_id"],
    )


def test_a_version_replaced_within_its_sync_is_kept_with_the_reason(after_second_sync: Any) -> None:
    replaced = after_second_sync.one(
        "select * from intermediate.int_receivables__superseded"
        " where tenant_id = 'alder' and reason = 'repeated_in_sync'"
    )
    assert (replaced["record_id"], replaced["gross_minor"]) == ("01021", 1000)
    assert after_second_sync.one(ONE.format("01021"))["gross_minor"] == 1100


def test_what_the_document_states_beyond_its_payments_is_one_event(after_second_sync: Any) -> None:
    events = [tuple(row.values()) for row in after_second_sync.rows(EVENTS.format("01010"))]
    assert events == [("issued", 70000, True), ("paid", 70000, False)]


def test_a_dispute_is_an_event_when_opened_and_when_closed(after_second_sync: Any) -> None:
    opened = [row["event_type"] for row in after_second_sync.rows(EVENTS.format("01004"))]
    closed = [row["event_type"] for row in after_second_sync.rows(EVENTS.format("01005"))]
    assert opened == ["disputed", "issued"]
    assert closed == ["dispute_closed", "disputed", "issued"]
    assert after_second_sync.one(ONE.format("01004"))["disputed_minor"] == 8000


def test_the_order_of_the_same_debtor_is_matched_by_its_normalised_number(
    after_second_sync: Any,
) -> None:
    row = after_second_sync.one(ONE.format("01001"))
    found = (row["has_purchase_order"], row["purchase_order_number"], row["purchase_order_minor"])
    assert found == (True, "PO-077", 119000)
    assert not after_second_sync.one(ONE.format("01002"))["has_purchase_order"]


def test_a_file_row_that_is_cleared_or_partly_open_is_paid_so_far(after_second_sync: Any) -> None:
    cleared = after_second_sync.one(ONE.format("row-2"))
    partly = after_second_sync.one(ONE.format("row-4"))
    assert (cleared["status"], cleared["settled_on"]) == ("paid", date(2026, 4, 10))
    assert (partly["status"], partly["gross_minor"], partly["open_minor"]) == (
        "partially_paid", 5000, 2000,
    )  # fmt: skip


def test_a_negative_file_row_is_a_credit_note(after_second_sync: Any) -> None:
    row = after_second_sync.one(ONE.format("row-3"))
    assert (row["document_type"], row["gross_minor"], row["open_minor"]) == (
        "credit_note", -1234, -1234,
    )  # fmt: skip


def test_ageing_counts_from_both_dates_with_sharp_edges(after_second_sync: Any) -> None:
    rows = after_second_sync.rows(
        """
        select ageing.basis, ageing.bucket, ageing.open_minor
        from marts_portfolio.fct_ageing as ageing
        join marts_risk.fct_receivables as receivables using (tenant_id, debtor_id, currency)
        where receivables.tenant_id = 'alder' and receivables.record_id = '01012'
            and ageing.as_of_on = date '2026-07-03'
        order by 1, 2
        """
    )
    # issued 4 May, due 3 June: 60 and 30 days before 3 July
    assert [tuple(row.values()) for row in rows] == [
        ("due", "1_30", 10125),
        ("invoice", "31_60", 10125),
    ]


def test_a_debt_is_past_due_from_the_day_after_its_due_date(after_second_sync: Any) -> None:
    rows = after_second_sync.rows(
        """
        select exposures.as_of_on, exposures.past_due_minor
        from marts_risk.fct_exposures_daily as exposures
        join marts_risk.fct_receivables as receivables using (tenant_id, debtor_id, currency)
        where receivables.tenant_id = 'alder' and receivables.record_id = '01012'
            and exposures.as_of_on between date '2026-06-03' and date '2026-06-04'
        order by 1
        """
    )
    assert [row["past_due_minor"] for row in rows] == [0, 10125]


def test_shares_of_a_book_never_add_up_to_more_than_it(after_second_sync: Any) -> None:
    rows = after_second_sync.rows(
        """
        select sum(share_ppm) as together, count(*) as debtors, max(rank) as last_rank
        from marts_portfolio.fct_concentrations
        where as_of_on = date '2026-07-03'
        group by tenant_id, currency
        """
    )
    for row in rows:
        assert 1_000_000 - row["debtors"] <= row["together"] <= 1_000_000
        assert row["debtors"] == row["last_rank"]
