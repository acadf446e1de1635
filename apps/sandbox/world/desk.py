"""One seller's desk: numbers documents, enters them into the books, lets their money arrive."""

from __future__ import annotations

from random import Random

from apps.sandbox.storage.writer import WorldWriter
from apps.sandbox.world.billing import issue
from apps.sandbox.world.bookkeeping import Bookkeeper
from apps.sandbox.world.days import DAY_MS, EPOCH_DAY, HOUR_MS, day_iso
from apps.sandbox.world.ledgers import FALSE, Invoice
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import Seller
from apps.sandbox.world.receipts import CollectionAccounts
from apps.sandbox.world.settlement import CreditNumbers, Event, Life, credit_note, settle

_LOOSE_CREDIT_RATE = 0.003


class Desk:
    """Where a seller's documents pass: everything billed, honest or not, is entered here."""

    def __init__(
        self, rng: Random, writer: WorldWriter, parameters: WorldParameters, seller: Seller
    ) -> None:
        self.rng = rng
        self.seller = seller
        self.keeper = Bookkeeper(writer, parameters, seller.number)
        self.money = CollectionAccounts(rng, writer, seller, parameters.last_day)
        self.used_numbers: set[str] = set()
        self._writer = writer
        self._credit_numbers = CreditNumbers()
        self._number = seller.first_number
        self._letters = seller.number_pattern.partition("{")[0]

    def next_number(self) -> str:
        """Take the next invoice number of the series."""
        number = self.peek_number()
        self._number += 1
        return number

    def peek_number(self) -> str:
        """Return the next invoice number without taking it; numbers taken by frauds are passed."""
        while True:
            number = self.seller.number_pattern.format(self._number)
            if number not in self.used_numbers:
                return number
            self._number += 1

    def is_taken(self, number: str) -> bool:
        """Tell whether a number stands on an invoice already."""
        digits = number[len(self._letters) :]
        if number in self.used_numbers or not number.startswith(self._letters):
            return number in self.used_numbers
        if not (digits.isascii() and digits.isdigit()):
            return False
        in_series = self.seller.number_pattern.format(int(digits)) == number
        return in_series and self.seller.first_number <= int(digits) < self._number

    def enter(self, invoice: Invoice) -> Life:
        """Settle an invoice, write it into the books and let its money arrive."""
        rng = self.rng
        life = settle(rng, invoice, self._credit_numbers)
        self.keeper.invoice(invoice, life)
        for receipt in life.receipts:
            if invoice.habit == FALSE:
                receipt.payer_iban = self.seller.payout_iban
            self.money.receive(receipt)
        if rng.random() < _LOOSE_CREDIT_RATE:
            total = max(1, invoice.gross // 20)
            day = invoice.day + 3
            note = credit_note(rng, invoice, self._credit_numbers, day, total, "Volume rebate")
            self.keeper.credit_note(note, invoice, is_allocated=False)
        if life.is_replaced:
            self._replace(invoice, life.events[-1])
        return life

    def answer(
        self, kind: str, invoice: Invoice, *, other_id: str, other_number: str = "", form: str = ""
    ) -> None:
        """Note a planted fraud in the answer key."""
        self._writer.answer(
            self.row(kind, invoice, other_id=other_id, other_number=other_number, form=form)
        )

    def row(
        self,
        kind: str,
        invoice: Invoice,
        *,
        other_id: str = "",
        other_number: str = "",
        form: str = "",
    ) -> list[object]:
        """Return a row of the answer key about an invoice."""
        return [
            kind,
            self.seller.organisation_id,
            self.seller.number,
            invoice.invoice_id,
            invoice.number,
            other_id,
            other_number,
            day_iso(EPOCH_DAY + invoice.created_ms // DAY_MS),
            form,
        ]

    def _replace(self, withdrawn: Invoice, event: Event) -> None:
        """Bill again what was voided, properly: an honest look-alike."""
        again = issue(
            self.rng,
            withdrawn.relation,
            withdrawn.day,
            self.next_number(),
            withdrawn.net,
            reference=withdrawn.reference,
            habit=withdrawn.habit,
            description=withdrawn.lines[0].description,
        )
        again.created_ms = event.moment_ms + HOUR_MS
        again.is_firm = True
        self._writer.lookalike(
            self.row(
                "replaces_voided",
                again,
                other_id=withdrawn.invoice_id,
                other_number=withdrawn.number,
            )
        )
        self.enter(again)
