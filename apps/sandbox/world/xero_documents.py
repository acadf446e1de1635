"""The world's documents as the ledger software's JSON, byte for byte as its API answers them.

Field order and forms follow the public OpenAPI description: `/Date(ms+0000)/` stamps beside ISO
`DateString`s, numbers with two decimals, `LineItems` followed directly by `SubTotal` (the lists
without paging cut them out there).
"""

from __future__ import annotations

from functools import lru_cache
from json.encoder import encode_basestring
from uuid import UUID

from apps.sandbox.world.days import day_iso, day_ms, moment_iso
from apps.sandbox.world.ledgers import (
    SUPPLIER,
    CreditNote,
    Invoice,
    Line,
    Payment,
    PurchaseOrder,
    Relation,
)
from apps.sandbox.world.money import major_text

DISPUTE_CATEGORY_ID = str(UUID(int=0xD15B07E, version=4))
_OPTION_IDS = {
    "Open": str(UUID(int=0xD15B07E0, version=4)),
    "Closed": str(UUID(int=0xD15B07E1, version=4)),
}
_RATES = {
    ("USD", "EUR"): "1.085000", ("GBP", "EUR"): "0.852000", ("JPY", "EUR"): "163.500000",
    ("KWD", "EUR"): "0.333000", ("EUR", "GBP"): "1.173000", ("USD", "GBP"): "1.273000",
    ("JPY", "GBP"): "191.800000", ("KWD", "GBP"): "0.391000", ("EUR", "USD"): "0.921000",
    ("GBP", "USD"): "0.785000", ("JPY", "USD"): "150.700000", ("KWD", "USD"): "0.307000",
}  # fmt: skip
_RECEIVABLES_ACCOUNT = "090"
_NO_DETAILS = (
    '"Addresses":[],"Phones":[],"ContactGroups":[],"ContactPersons":[],"HasValidationErrors":false'
)


@lru_cache(maxsize=8192)
def date_stamp(day: int) -> str:
    """Return a pure date as the API writes it: UTC midnight in milliseconds."""
    return f"/Date({day_ms(day)}+0000)/"


def moment_stamp(moment_ms: int) -> str:
    """Return a moment as the API writes it."""
    return f"/Date({moment_ms}+0000)/"


def quoted(text: str) -> str:
    """Return a JSON string literal."""
    return encode_basestring(text)


def currency_rate(currency: str, base: str) -> str:
    """Return how many units of `currency` one unit of the books' currency buys."""
    return "1.000000" if currency == base else _RATES[currency, base]


def document_type(invoice: Invoice) -> str:
    """Return ACCPAY for a supplier's bill, ACCREC for a sales invoice."""
    return "ACCPAY" if invoice.habit == SUPPLIER else "ACCREC"


class InvoiceSheet:
    """An invoice's unchanging parts, written once; `render` adds what changes."""

    def __init__(self, invoice: Invoice) -> None:
        relation, currency = invoice.relation, invoice.currency
        self._invoice = invoice
        self._inclusive = relation.seller.is_tax_inclusive
        self._head = (
            f'{{"Type":"{document_type(invoice)}","InvoiceID":"{invoice.invoice_id}",'
            f'"InvoiceNumber":{quoted(invoice.number)},"Reference":{quoted(invoice.reference)},'
            '"Payments":['
        )
        self._middle = (
            f'"SentToContact":true,"CurrencyRate":'
            f"{currency_rate(currency, relation.seller.country.currency)},"
            '"IsDiscounted":false,"HasAttachments":false,"HasErrors":false,"Attachments":[],'
            f'"InvoiceAddresses":[],"Contact":{contact_stub(invoice.contact_id, relation)},'
            f'"DateString":"{day_iso(invoice.day)}T00:00:00","Date":"{date_stamp(invoice.day)}",'
            f'"DueDateString":"{day_iso(invoice.due_day)}T00:00:00",'
            f'"DueDate":"{date_stamp(invoice.due_day)}",'
        )
        self._tail = _totals(invoice.net, invoice.tax, invoice.gross, currency)

    def render(
        self,
        *,
        moment_ms: int,
        status: str,
        payments: list[Payment],
        notes: list[CreditNote],
        dispute: str,
    ) -> str:
        """Return the invoice as answered when `moment_ms` was its last change."""
        currency = self._invoice.currency
        paid = sum(payment.amount for payment in payments)
        credited = sum(note.total for note in notes)
        is_gone = status in {"VOIDED", "DELETED"}
        due = 0 if is_gone else self._invoice.gross - paid - credited
        settled = (
            f',"FullyPaidOnDate":"{date_stamp(_last_day(payments, notes))}"'
            if status == "PAID"
            else ""
        )
        return (
            f"{self._head}{','.join(_payment_stub(payment, currency) for payment in payments)}],"
            f'"CreditNotes":[{",".join(_note_stub(note, currency) for note in notes)}],'
            '"Prepayments":[],"Overpayments":[],'
            f'"AmountDue":{major_text(due, currency)},"AmountPaid":{major_text(paid, currency)},'
            f'"AmountCredited":{major_text(credited, currency)},{self._middle}"Status":"{status}",'
            f'"LineAmountTypes":"{self._line_amount_types()}",'
            f'"LineItems":[{self._lines(dispute)}],{self._tail},'
            f'{updated(moment_ms)},"CurrencyCode":"{currency}"{settled}}}'
        )

    def _line_amount_types(self) -> str:
        if not self._invoice.relation.tax_percent:
            return "NoTax"
        return "Inclusive" if self._inclusive else "Exclusive"

    def _lines(self, dispute: str) -> str:
        inclusive = self._inclusive and bool(self._invoice.relation.tax_percent)
        return ",".join(
            _line(line, self._invoice.currency, dispute if place == 0 else "", inclusive)
            for place, line in enumerate(self._invoice.lines)
        )


def render_credit_note(
    note: CreditNote, invoice: Invoice, *, moment_ms: int, is_allocated: bool
) -> str:
    """Return a credit note, fully allocated to its invoice or standing alone."""
    currency, relation = invoice.currency, invoice.relation
    allocation = (
        f'{{"Amount":{major_text(note.total, currency)},"Date":"{date_stamp(note.day)}",'
        f'"Invoice":{{"InvoiceID":"{invoice.invoice_id}",'
        f'"InvoiceNumber":{quoted(invoice.number)},'
        '"Payments":[],"CreditNotes":[],"Prepayments":[],"Overpayments":[],"LineItems":[]}}'
        if is_allocated
        else ""
    )
    line = Line(note.credit_note_id, note.reason, 1, note.net, note.tax)
    remaining = 0 if is_allocated else note.total
    return (
        f'{{"CreditNoteID":"{note.credit_note_id}","CreditNoteNumber":"{note.number}",'
        f'"Payments":[],"ID":"{note.credit_note_id}","CurrencyRate":'
        f"{currency_rate(currency, relation.seller.country.currency)},"
        f'"Type":"ACCRECCREDIT","Reference":{quoted(note.reason)},'
        f'"RemainingCredit":{major_text(remaining, currency)},"Allocations":[{allocation}],'
        f'"HasAttachments":false,"Contact":{contact_stub(invoice.contact_id, relation)},'
        f'"DateString":"{day_iso(note.day)}T00:00:00","Date":"{date_stamp(note.day)}",'
        f'"Status":"{"PAID" if is_allocated else "AUTHORISED"}","LineAmountTypes":"Exclusive",'
        f'"LineItems":[{_line(line, currency, "", False)}],'
        f"{_totals(note.net, note.tax, note.total, currency)},"
        f'{updated(moment_ms)},"CurrencyCode":"{currency}"}}'
    )


def render_payment(payment: Payment, invoice: Invoice, *, moment_ms: int, status: str) -> str:
    """Return a payment received for an invoice."""
    relation, currency = invoice.relation, invoice.currency
    return (
        f'{{"PaymentID":"{payment.payment_id}","Date":"{date_stamp(payment.day)}",'
        f'"BankAmount":{major_text(payment.amount, currency)},'
        f'"Amount":{major_text(payment.amount, currency)},"Reference":{quoted(invoice.number)},'
        f'"CurrencyRate":{currency_rate(currency, relation.seller.country.currency)},'
        f'"PaymentType":"{document_type(invoice)}PAYMENT","Status":"{status}",{updated(moment_ms)},'
        f'"HasAccount":true,"IsReconciled":{"true" if status == "AUTHORISED" else "false"},'
        f'"Account":{{"AccountID":"{relation.seller.organisation_id}",'
        f'"Code":"{_RECEIVABLES_ACCOUNT}"}},"Invoice":{{"Type":"{document_type(invoice)}",'
        f'"InvoiceID":"{invoice.invoice_id}","InvoiceNumber":{quoted(invoice.number)},'
        '"Payments":[],"CreditNotes":[],"Prepayments":[],"Overpayments":[],'
        f'"IsDiscounted":false,"HasErrors":false,'
        f'"Contact":{contact_stub(invoice.contact_id, relation)},"LineItems":[],'
        f'"CurrencyCode":"{currency}"}},"HasValidationErrors":false}}'
    )


def render_purchase_order(
    order: PurchaseOrder, relation: Relation, *, moment_ms: int, status: str
) -> str:
    """Return a debtor's order as kept in the seller's books, with the delivery it confirmed."""
    currency = relation.currency
    line = Line(order.order_id, f"Order {order.number}", 1, order.net, order.tax)
    received = "" if status == "AUTHORISED" else f"Goods received {day_iso(order.received_on)}"
    return (
        f'{{"PurchaseOrderID":"{order.order_id}","PurchaseOrderNumber":"{order.number}",'
        f'"DateString":"{day_iso(order.day)}T00:00:00","Date":"{date_stamp(order.day)}",'
        f'"DeliveryDate":"{date_stamp(order.received_on)}",'
        f'"DeliveryInstructions":{quoted(received)},"Reference":{quoted(order.number)},'
        '"HasErrors":false,"IsDiscounted":false,"Type":"PURCHASEORDER","CurrencyRate":'
        f"{currency_rate(currency, relation.seller.country.currency)},"
        f'"CurrencyCode":"{currency}",'
        f'"Contact":{contact_stub(relation.contact_on(order.day), relation)},'
        f'"Status":"{status}","LineAmountTypes":"Exclusive",'
        f'"LineItems":[{_line(line, currency, "", False)}],'
        f"{_totals(order.net, order.tax, order.gross, currency)},"
        f'"UpdatedDateUTC":"{moment_stamp(moment_ms)}","HasAttachments":false}}'
    )


def contact_stub(contact_id: str, relation: Relation) -> str:
    """Return a contact as documents name it."""
    return f'{{"ContactID":"{contact_id}","Name":{quoted(relation.contact_name)},{_NO_DETAILS}}}'


def updated(moment_ms: int) -> str:
    """Return both forms of the last-change stamp."""
    text = moment_iso(moment_ms)[:-1].replace("T", " ")
    return f'"UpdatedDateUTC":"{moment_stamp(moment_ms)}","UpdatedDateUTCString":"{text}+00:00"'


def _last_day(payments: list[Payment], notes: list[CreditNote]) -> int:
    return max([payment.day for payment in payments] + [note.day for note in notes])


def _payment_stub(payment: Payment, currency: str) -> str:
    return (
        f'{{"PaymentID":"{payment.payment_id}","Date":"{date_stamp(payment.day)}",'
        f'"Amount":{major_text(payment.amount, currency)},"Reference":"","CurrencyRate":1.000000,'
        '"HasAccount":false,"HasValidationErrors":false}'
    )


def _note_stub(note: CreditNote, currency: str) -> str:
    return (
        f'{{"CreditNoteID":"{note.credit_note_id}","CreditNoteNumber":"{note.number}",'
        f'"ID":"{note.credit_note_id}","HasErrors":false,'
        f'"AppliedAmount":{major_text(note.total, currency)},'
        f'"DateString":"{day_iso(note.day)}T00:00:00","Date":"{date_stamp(note.day)}",'
        f'"LineItems":[],"Total":{major_text(note.total, currency)}}}'
    )


def _line(line: Line, currency: str, dispute: str, inclusive: bool) -> str:
    amount = major_text(line.net + line.tax if inclusive else line.net, currency)
    tracking = (
        f'{{"Name":"Dispute","Option":"{dispute}","TrackingCategoryID":"{DISPUTE_CATEGORY_ID}",'
        f'"TrackingOptionID":"{_OPTION_IDS[dispute]}"}}'
        if dispute
        else ""
    )
    return (
        f'{{"Description":{quoted(line.description)},"UnitAmount":{amount},'
        f'"TaxType":"{"OUTPUT" if line.tax else "NONE"}",'
        f'"TaxAmount":{major_text(line.tax, currency)},"LineAmount":{amount},"AccountCode":"200",'
        f'"Tracking":[{tracking}],"Quantity":1.0000,"LineItemID":"{line.line_id}"}}'
    )


def _totals(net: int, tax: int, gross: int, currency: str) -> str:
    return (
        f'"SubTotal":{major_text(net, currency)},"TotalTax":{major_text(tax, currency)},'
        f'"Total":{major_text(gross, currency)}'
    )
