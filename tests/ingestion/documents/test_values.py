"""Dates, amounts and keys: read one way, or refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.documents.sheet import DocumentRefused
from ingestion.documents.values import (
    amount_reader,
    date_order,
    date_reader,
    decimal_mark,
    flag,
    key_text,
)

FORMATS = {
    "dmy": ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%Y 00:00:00"],
    "mdy": ["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"],
    "ymd": ["%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%dT12:30:00"],
    "compact": ["%Y%m%d", "%Y%m%d.0"],
}


@given(
    days=st.lists(st.dates(date(1971, 1, 1), date(2069, 12, 31)), min_size=1, max_size=20),
    order=st.sampled_from(sorted(FORMATS)),
    data=st.data(),
)
def test_a_column_with_a_day_beyond_twelve_is_read_as_written(days, order, data):
    days = [*days, date(2020, 3, 31)]
    form = data.draw(st.sampled_from(FORMATS[order]))
    texts = [day.strftime(form) for day in days]

    assert date_order("due", texts) == order
    assert [date_reader(order)(text) for text in texts] == days


@given(
    st.lists(
        st.dates(date(2000, 1, 1), date(2030, 1, 1)).filter(lambda day: day.day <= 12), min_size=1
    )
)
def test_a_column_that_fits_two_orders_is_refused_with_what_to_write(days):
    with pytest.raises(DocumentRefused, match="set date_orders to dmy or mdy"):
        date_order("Due", [day.strftime("%d/%m/%Y") for day in days])


def test_a_column_of_mixed_orders_is_refused():
    with pytest.raises(DocumentRefused, match="mixed orders"):
        date_order("Due", ["31/03/2020", "03/31/2020"])


def test_dots_say_that_the_day_comes_first():
    assert date_order("Datum", ["03.04.2020", "13.04.2020"]) == "dmy"


def test_one_unreadable_date_does_not_decide_the_column():
    assert date_order("due", ["31/03/2020", "n/a", "99/99/2020"]) == "dmy"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3 Jan 2020", date(2020, 1, 3)),
        ("03-MAR-2020", date(2020, 3, 3)),
        ("15. März 2020", date(2020, 3, 15)),
        ("January 5, 2020", date(2020, 1, 5)),
        ("1 juillet 2021", date(2021, 7, 1)),
        ("9 dic 2021", date(2021, 12, 9)),
    ],
)
def test_named_months_of_common_languages_are_read(text, day):
    assert date_order("d", [text]) == "named"
    assert date_reader("named")(text) == day


def test_a_spreadsheets_day_numbers_are_read_past_its_leap_year_that_was_none():
    assert date_order("d", ["43921", "44000"]) == "serial"
    assert date_reader("serial")("43921") == date(2020, 3, 31)


def test_a_day_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="day"):
        date_reader("dmy")("30/02/2020")


@pytest.mark.parametrize(
    ("texts", "mark", "values"),
    [
        (["1.234,56", "12,00"], ",", ["1234.56", "12.00"]),
        (["1,234.56", "12.00"], ".", ["1234.56", "12.00"]),
        (["1'234.56"], ".", ["1234.56"]),
        (["1 234,56", "7,1"], ",", ["1234.56", "7.1"]),
        (["12,5", "-3,25", "3,25-", "(4,00)"], ",", ["12.5", "-3.25", "-3.25", "-4.00"]),
        (["€ 12,50", "USD 7,00"], ",", ["12.50", "7.00"]),
        (["64982.589", "2309.79"], ".", ["64982.589", "2309.79"]),
        (["1,234,567", "1,000,000"], ".", ["1234567", "1000000"]),
        (["100", "200"], ".", ["100", "200"]),
        (["1234.5600000000001"], ".", ["1234.5600000000001"]),
        (["0.123"], ".", ["0.123"]),
    ],
)
def test_amounts_are_read_exactly_by_the_mark_of_their_column(texts, mark, values):
    assert decimal_mark("amount", texts) == mark
    assert [amount_reader(mark)(text) for text in texts] == [Decimal(one) for one in values]


@pytest.mark.parametrize("texts", [["1,234"], ["1.234", "5.678"], ["1.234,56", "1,234.56"]])
def test_amounts_that_can_be_read_in_two_ways_are_refused(texts):
    with pytest.raises(DocumentRefused, match=r"decimal"):
        decimal_mark("amount", texts)


@pytest.mark.parametrize("text", ["abc", "--", "1.2.3,4,5", "1,5.000"])
def test_what_is_no_amount_is_an_error(text):
    with pytest.raises(ValueError, match=r"number|mark"):
        amount_reader(",")(text)


def test_numbers_a_spreadsheet_made_floats_are_mended_and_rounded_ones_are_not():
    assert key_text("1930438491.0") == "1930438491"
    assert key_text(" 0000611365 ") == "0000611365"
    assert key_text("INV-7.5") == "INV-7.5"
    with pytest.raises(ValueError, match="rounded"):
        key_text("1.93044E+09")


def test_yes_and_no_are_read_in_common_languages():
    assert [flag(text) for text in ("Yes", "ja", "OUI", "sí", "1", "x")] == [True] * 6
    assert [flag(text) for text in ("no", "Nein", "NON", "0")] == [False] * 4
    assert flag("  ") is None
    with pytest.raises(ValueError, match="neither"):
        flag("perhaps")
