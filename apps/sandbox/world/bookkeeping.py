"""Writes the documents of one seller into its ERP as versions: visible from when to when."""

from __future__ import annotations

from apps.sandbox.storage.schema import (
    CONTACTS,
    CREDIT_NOTES,
    INVOICES,
    PAYMENTS,
    PURCHASE_ORDERS,
)
from apps.sandbox.storage.writer import WorldWriter
from apps.sandbox.world.days import END_OF_TIME_MS, HOUR_MS, day_iso, day_ms
from apps.sandbox.world.ledgers import CreditNote, Invoice, Payment, PurchaseOrder, Relation
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.settlement import (
    CREDITED,
    DELETED,
    DISPUTE_CLOSED,
    DISPUTED,
    DRAFTED,
    PAID,
    UNPAID,
    VOIDED,
    Event,
    Life,
)
from apps.sandbox.world.xero_documents import (
    InvoiceSheet,
    document_type,
    render_credit_note,
    render_payment,
    render_purchase_order,
)
from apps.sandbox.world.xero_parties import render_contact

_FIXED_STATUS = {DRAFTED: "DRAFT", DELETED: "DELETED", VOIDED: "VOIDED"}
_DISPUTES = {DISPUTED: "Open", DISPUTE_CLOSED: "Closed"}

Version = tuple[int, str, str]


class Bookkeeper:
    """Keeps one seller's books: every change of a document becomes a version of its record."""

    def __init__(self, writer: WorldWriter, parameters: WorldParameters, organisation: int) -> None:
        self._writer = writer
        self._organisation = organisation
        self._end_ms = day_ms(parameters.last_day + 1)
        self._from_ms = 0 if parameters.keeps_history else day_ms(parameters.as_of_day)

    def invoice(self, invoice: Invoice, life: Life) -> None:
        """Write an invoice with its payments and credit notes, as its life changed them."""
        sheet = InvoiceSheet(invoice)
        payments: list[Payment] = []
        notes: list[CreditNote] = []
        dispute = ""
        versions: list[Version] = []
        for event in life.events:
            dispute = _DISPUTES.get(event.kind, dispute)
            if event.kind == PAID and event.payment:
                payments.append(event.payment)
            elif event.kind == UNPAID and event.payment:
                payments.remove(event.payment)
            elif event.kind == CREDITED and event.credit_note:
                notes.append(event.credit_note)
            status = _FIXED_STATUS.get(event.kind) or _status(invoice, payments, notes)
            moment = event.moment_ms
            text = sheet.render(
                moment_ms=moment, status=status, payments=payments, notes=notes, dispute=dispute
            )
            versions.append((moment, status, text))
        self._versions(INVOICES, invoice.invoice_id, document_type(invoice), invoice, versions)
        self._payments(invoice, life.events)
        for event in life.events:
            if event.kind == CREDITED and event.credit_note:
                self.credit_note(event.credit_note, invoice, is_allocated=True)

    def credit_note(self, note: CreditNote, invoice: Invoice, *, is_allocated: bool) -> None:
        """Write a credit note."""
        moment = note.posted_ms
        text = render_credit_note(note, invoice, moment_ms=moment, is_allocated=is_allocated)
        status = "PAID" if is_allocated else "AUTHORISED"
        self._record(
            CREDIT_NOTES,
            note.credit_note_id,
            [(moment, status, text)],
            ("ACCRECCREDIT", invoice.contact_id, note.number, day_ms(note.day)),
        )

    def purchase_order(self, order: PurchaseOrder, relation: Relation, billed_ms: int) -> None:
        """Write an order, open from its day and billed (goods received) from `billed_ms`."""
        placed_ms = day_ms(order.day) + 10 * HOUR_MS
        received_ms = max(billed_ms, day_ms(order.received_on) + 15 * HOUR_MS, placed_ms + HOUR_MS)
        versions = [
            (
                moment,
                status,
                render_purchase_order(order, relation, moment_ms=moment, status=status),
            )
            for moment, status in ((placed_ms, "AUTHORISED"), (received_ms, "BILLED"))
        ]
        contact = relation.contact_on(order.day)
        about = ("PURCHASEORDER", contact, order.number, day_ms(order.day))
        self._record(PURCHASE_ORDERS, order.order_id, versions, about)
        self._writer.add(
            "goods_receipts",
            (
                self._organisation,
                order.number,
                day_iso(order.received_on),
                order.gross,
                relation.currency,
            ),
        )

    def contact(self, relation: Relation, first_day: int) -> None:
        """Write a debtor's contact, and the second record once merged into it."""
        opened_ms = day_ms(max(first_day, relation.starts_on)) + 7 * HOUR_MS
        own: list[Version] = [
            (
                opened_ms,
                "ACTIVE",
                render_contact(relation, relation.contact_id, moment_ms=opened_ms),
            )
        ]
        if relation.archived_on:
            moment = day_ms(relation.archived_on) + 16 * HOUR_MS
            text = render_contact(
                relation, relation.contact_id, moment_ms=moment, status="ARCHIVED"
            )
            own.append((moment, "ARCHIVED", text))
        about = ("CONTACT", relation.contact_id, relation.contact_number, opened_ms)
        self._record(CONTACTS, relation.contact_id, own, about)
        if relation.merged_on:
            self._merged_contact(relation, opened_ms)

    def second_contact(self, relation: Relation, contact_id: str, name: str, day: int) -> None:
        """Write another record of a debtor that already has one, with the same tax number."""
        moment = day_ms(day) + 7 * HOUR_MS
        text = render_contact(relation, contact_id, moment_ms=moment, name=name)
        about = ("CONTACT", contact_id, relation.contact_number, moment)
        self._record(CONTACTS, contact_id, [(moment, "ACTIVE", text)], about)

    def _merged_contact(self, relation: Relation, opened_ms: int) -> None:
        former = relation.former_contact_id
        merged_ms = max(day_ms(relation.merged_on) + 12 * HOUR_MS, opened_ms + HOUR_MS)
        versions = [
            (opened_ms, "ACTIVE", render_contact(relation, former, moment_ms=opened_ms)),
            (
                merged_ms,
                "ARCHIVED",
                render_contact(
                    relation,
                    former,
                    moment_ms=merged_ms,
                    status="ARCHIVED",
                    merged_into=relation.contact_id,
                ),
            ),
        ]
        about = ("CONTACT", former, relation.contact_number, opened_ms)
        self._record(CONTACTS, former, versions, about)

    def _payments(self, invoice: Invoice, events: list[Event]) -> None:
        undone = {
            event.payment.payment_id: event.moment_ms
            for event in events
            if event.kind == UNPAID and event.payment
        }
        for event in events:
            if event.kind != PAID or event.payment is None:
                continue
            payment = event.payment
            steps = [(payment.posted_ms, "AUTHORISED")]
            if payment.payment_id in undone:
                steps.append((undone[payment.payment_id], "DELETED"))
            versions = [
                (
                    moment,
                    status,
                    render_payment(payment, invoice, moment_ms=moment, status=status),
                )
                for moment, status in steps
            ]
            kind = f"{document_type(invoice)}PAYMENT"
            about = (kind, invoice.contact_id, invoice.number, day_ms(payment.day))
            self._record(PAYMENTS, payment.payment_id, versions, about)

    def _versions(
        self, entity: int, record_id: str, kind: str, invoice: Invoice, versions: list[Version]
    ) -> None:
        about = (kind, invoice.contact_id, invoice.number, day_ms(invoice.day))
        self._record(entity, record_id, versions, about)

    def _record(
        self,
        entity: int,
        record_id: str,
        versions: list[Version],
        about: tuple[str, str, str, int],
    ) -> None:
        kind, contact_id, number, dated_ms = about
        for place, (moment, status, payload) in enumerate(versions):
            after = versions[place + 1][0] if place + 1 < len(versions) else END_OF_TIME_MS
            if moment >= self._end_ms or after <= self._from_ms:
                continue
            self._writer.add(
                "records",
                (
                    self._organisation,
                    entity,
                    record_id,
                    moment,
                    after,
                    kind,
                    status,
                    contact_id,
                    number,
                    dated_ms,
                    payload,
                ),
            )


def _status(invoice: Invoice, payments: list[Payment], notes: list[CreditNote]) -> str:
    settled = sum(payment.amount for payment in payments) + sum(note.total for note in notes)
    return "PAID" if settled >= invoice.gross else "AUTHORISED"
