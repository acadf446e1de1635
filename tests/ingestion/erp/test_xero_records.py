"""What a record of Xero must hold."""

import json
from datetime import UTC, datetime

import pytest

from ingestion.erp.xero_records import DESCRIBE, stamp
from ingestion.quarantine import Unlandable

STAMPED = {"Status": "AUTHORISED", "UpdatedDateUTC": "/Date(1439434356790+0000)/"}
PAYMENT = {**STAMPED, "PaymentID": "p-1", "Date": STAMPED["UpdatedDateUTC"], "Amount": 1.5}
CREDIT_NOTE = {
    **STAMPED,
    "CreditNoteID": "c-1",
    "Type": "ACCRECCREDIT",
    "Contact": {"ContactID": "k-1"},
    "Date": STAMPED["UpdatedDateUTC"],
    "CurrencyCode": "EUR",
    "Total": 1.5,
    "RemainingCredit": 0,
}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("/Date(1439434356790+0000)/", datetime(2015, 8, 13, 2, 52, 36, 790000, UTC)),
        ("/Date(1439434356790+1300)/", datetime(2015, 8, 13, 2, 52, 36, 790000, UTC)),
        ("/Date(1552432238716)/", datetime(2019, 3, 12, 23, 10, 38, 716000, UTC)),
        ("/Date(-86400000+0000)/", datetime(1969, 12, 31, tzinfo=UTC)),
    ],
)
def test_stamps_are_utc_milliseconds_whatever_the_offset_says(text, at):
    assert stamp(text) == at


@pytest.mark.parametrize("text", ["2019-03-12T00:00:00", "/Date(99999999999999999+0000)/"])
def test_another_form_of_stamp_or_a_day_that_is_none_is_refused(text):
    with pytest.raises(Unlandable, match="date_unreadable"):
        stamp(text)


@pytest.mark.parametrize("key", ["InvoiceID", "InvoiceId"])
@pytest.mark.parametrize("entity", ["payments", "credit_notes"])
def test_a_link_to_an_invoice_names_one(entity, key):
    """Landed without, cash would stand beside the book for ever: the record does not come again."""
    link = {"Amount": 1.5, "Invoice": {key: "inv-1", "CurrencyCode": "EUR"}}
    record = PAYMENT | link if entity == "payments" else {**CREDIT_NOTE, "Allocations": [link]}
    text = json.dumps(record).encode()
    if key == "InvoiceID":
        assert DESCRIBE[entity](text).amount is not None
    else:
        with pytest.raises(Unlandable, match="InvoiceID"):
            DESCRIBE[entity](text)


def test_a_payment_on_account_needs_no_invoice():
    assert DESCRIBE["payments"](json.dumps(PAYMENT).encode()).currency is None
