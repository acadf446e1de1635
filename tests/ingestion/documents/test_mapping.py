"""A mapping given in part is completed from the file."""

import pytest

from ingestion.documents.mapping import mended
from ingestion.documents.sheet import DocumentRefused


def test_one_line_is_enough_for_a_date_that_could_be_read_in_two_ways(csv_file):
    path = csv_file("Open items", "Invoice,Customer,Date,Amount", "A1,Acme,03/04/2026,10.50")

    _, mapping, _ = mended("date_orders: {Date: mdy}", path, "EUR")

    assert mapping.date_orders == {"Date": "mdy"}
    assert mapping.columns["amount"] == "Amount"
    assert (mapping.layout.header_row, mapping.layout.delimiter) == (1, ",")
    assert (mapping.key, mapping.currency) == (("invoice_number",), "EUR")


def test_a_sheet_may_be_named_without_its_header_row(workbook):
    rows = [["Invoice", "Customer", "Date", "Amount EUR"], ["1", "Acme", "2026-01-31", 5]]
    path = workbook(January=[["Items"], *rows], February=[["Items"], *rows])

    sheet, mapping, _ = mended("layout: {sheet: February}", path)

    assert (mapping.layout.sheet, mapping.layout.header_row) == ("February", 1)
    assert next(sheet.rows)[0] == "1"


def test_a_column_may_be_named_for_its_meaning(csv_file):
    path = csv_file("Ref,Customer,Date,Sum", "A1,Acme,2026-01-31,10.50")

    _, mapping, _ = mended("columns: {invoice_number: Ref, amount: Sum}", path, "EUR")

    assert mapping.columns["invoice_number"] == "Ref"
    assert mapping.columns["amount"] == "Sum"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("columns: [", "cannot be read"),
        ("dates: dmy", "names some of"),
        ("layout: {page: 1}", "layout names some of"),
        ("columns: {amount: Nowhere}", "Nowhere"),
        ("date_orders: {Date: dym}", "is no order"),
    ],
)
def test_what_is_no_mapping_is_refused_with_what_it_may_hold(csv_file, text, says):
    path = csv_file("Invoice,Customer,Date,Amount", "A1,Acme,2026-01-31,10.50")

    with pytest.raises(DocumentRefused, match=says):
        mended(text, path, "EUR")
