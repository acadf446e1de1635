"""What an arriving batch of a ledger system promises; see ``ingestion.expectations``."""

from ingestion.expectations import (
    Suite,
    amount,
    between,
    currency,
    filled,
    like,
    minor,
    one_of,
    suite,
    text,
)

_STAMP = r"^/Date\(-?\d+([+-]\d{4})?\)/$"
_INVOICE_STATES = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
_ORDER_STATES = ("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED")
_OWED = "('AUTHORISED', 'PAID')"


def _unexplained(*parts: str) -> str:
    """Give what a document owed leaves unexplained: its total less what became of it."""
    explained = " - ".join(minor(part, "CurrencyCode") for part in parts)
    total = minor("Total", "CurrencyCode")
    return f"case when {text('Status')} in {_OWED} then {total} - {explained} else 0 end"


SUITES: tuple[Suite, ...] = (
    suite(
        "xero",
        "organisations",
        {"name": text("Name"), "currency": text("BaseCurrency")},
        filled("name"),
        currency(),
    ),
    suite(
        "xero",
        "contacts",
        {"name": text("Name"), "updated": text("UpdatedDateUTC"), "state": text("ContactStatus")},
        filled("name"),
        like("updated", _STAMP),
        one_of("state", "ACTIVE", "ARCHIVED", "GDPRREQUEST"),
    ),
    suite(
        "xero",
        "invoices",
        {
            "kind": text("Type"),
            "state": text("Status"),
            "contact": text("Contact.ContactID"),
            "issued": text("Date"),
            "updated": text("UpdatedDateUTC"),
            "currency": text("CurrencyCode"),
            "total_minor": minor("Total", "CurrencyCode"),
            "tax_minor": minor("TotalTax", "CurrencyCode"),
            "due_minor": minor("AmountDue", "CurrencyCode"),
            "unexplained_minor": _unexplained("AmountDue", "AmountPaid", "AmountCredited"),
        },
        one_of("kind", "ACCREC"),
        one_of("state", *_INVOICE_STATES),
        filled("contact"),
        like("issued", _STAMP),
        like("updated", _STAMP),
        currency(),
        amount("total_minor"),
        amount("tax_minor"),
        amount("due_minor"),
        between("unexplained_minor", 0, 0),
    ),
    suite(
        "xero",
        "credit_notes",
        {
            "kind": text("Type"),
            "state": text("Status"),
            "contact": text("Contact.ContactID"),
            "updated": text("UpdatedDateUTC"),
            "currency": text("CurrencyCode"),
            "total_minor": minor("Total", "CurrencyCode"),
            "remaining_minor": minor("RemainingCredit", "CurrencyCode"),
        },
        one_of("kind", "ACCRECCREDIT"),
        one_of("state", *_INVOICE_STATES),
        filled("contact"),
        like("updated", _STAMP),
        currency(),
        amount("total_minor"),
        amount("remaining_minor"),
    ),
    suite(
        "xero",
        "payments",
        {
            "state": text("Status"),
            "paid": text("Date"),
            "updated": text("UpdatedDateUTC"),
            "amount_minor": minor("Amount", "Invoice.CurrencyCode"),
        },
        one_of("state", "AUTHORISED", "DELETED"),
        like("paid", _STAMP),
        like("updated", _STAMP),
        amount("amount_minor"),
    ),
    suite(
        "xero",
        "purchase_orders",
        {
            "state": text("Status"),
            "currency": text("CurrencyCode"),
            "total_minor": minor("Total", "CurrencyCode"),
        },
        one_of("state", *_ORDER_STATES),
        currency(),
        amount("total_minor"),
    ),
)
