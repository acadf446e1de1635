"""What an arriving file of receivables promises; see ``ingestion.expectations``."""

from ingestion.expectations import (
    Suite,
    amount,
    currency,
    filled,
    like,
    minor,
    one_of,
    suite,
    text,
)

_DAY_OR_NOTHING = r"^(\d{4}-\d{2}-\d{2})?$"

SUITES: tuple[Suite, ...] = (
    suite(
        "files",
        "receivables",
        {
            "number": text("invoice_number"),
            "customer": f"{text('customer_code')} || {text('customer_name')}",
            "issued": text("issued_on"),
            "due": text("due_on"),
            "cleared": text("cleared_on"),
            "currency": text("currency"),
            "kind": text("document_type"),
            "disputed": text("is_disputed"),
            "amount_minor": minor("amount", "currency"),
            "open_minor": minor("open_amount", "currency"),
        },
        filled("number"),
        filled("customer"),
        like("issued", _DAY_OR_NOTHING),
        like("due", _DAY_OR_NOTHING),
        like("cleared", _DAY_OR_NOTHING),
        currency(),
        one_of("kind", "invoice", "credit_note"),
        one_of("disputed", "", "true", "false"),
        amount("amount_minor", may_be_negative=True),
        amount("open_minor", may_be_negative=True),
    ),
)
