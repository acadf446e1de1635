"""Dates: read one way, or refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.documents.dates import date_order, date_reader
from ingestion.documents.sheet import DocumentRefused

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
