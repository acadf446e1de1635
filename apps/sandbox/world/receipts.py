"""The collection accounts of one seller: receipts as payers send them, sweeps, fees, balance.

Entries wait in a heap until their day has come, so only unpaid invoices are held in memory and the
bank's transactions are written in order with a running balance.
"""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass
from datetime import date
from random import Random

from apps.sandbox.storage.writer import WorldWriter
from apps.sandbox.world.countries import iban
from apps.sandbox.world.days import HOUR_MS, day_iso, day_ms, moment_iso, next_working_day
from apps.sandbox.world.ledgers import Receipt
from apps.sandbox.world.parties import Seller, uuid_from
from apps.sandbox.world.references import MISSING, reference_text


@dataclass(slots=True)
class OtherEntry:
    """A booking that pays no invoice: an advance by a rival, a loop through an affiliate, interest.

    `answer` is the row of the answer key it proves; the transaction's id is filled in when booked.
    """

    day: int
    currency: str
    amount: int
    name: str
    iban: str
    reference: str
    code: str
    answer: list[object] | None = None


class CollectionAccounts:
    """Receives a seller's money, one account per currency, and sweeps it out every month."""

    def __init__(self, rng: Random, writer: WorldWriter, seller: Seller, last_day: int) -> None:
        self._rng = rng
        self._writer = writer
        self._seller = seller
        self._last_day = last_day
        self._heap: list[tuple[int, int, str, str, int, Receipt | OtherEntry]] = []
        self._pushed = 0
        self._balances: dict[str, int] = {}
        self._month = 0
        self._booked_today = (0, 0)
        self._open(seller.country.currency)

    def receive(self, receipt: Receipt) -> None:
        """Let money for an invoice arrive on the receipt's day."""
        debtor = receipt.relation.debtor
        joins = debtor.index if debtor.pays_in_runs else 10**9 + self._pushed
        self._push(receipt.day, joins, receipt.relation.currency, receipt.payer_iban, receipt)

    def book(self, entry: OtherEntry) -> None:
        """Let a booking that pays no invoice happen on its day."""
        self._push(entry.day, 2 * 10**9, entry.currency, "", entry)

    def run_until(self, day: int) -> None:
        """Book everything up to and including `day`."""
        while self._heap and self._heap[0][0] <= day:
            booked_on, joins, currency, payer, _, entry = heapq.heappop(self._heap)
            self._turn_month(booked_on)
            if isinstance(entry, OtherEntry):
                self._book_other(entry)
                continue
            receipts = [entry]
            while self._heap and self._heap[0][:4] == (booked_on, joins, currency, payer):
                following = heapq.heappop(self._heap)[5]
                if isinstance(following, Receipt):
                    receipts.append(following)
            self._book_receipts(booked_on, currency, receipts)

    def _push(
        self, day: int, joins: int, currency: str, payer: str, entry: Receipt | OtherEntry
    ) -> None:
        if day <= self._last_day:
            self._pushed += 1
            heapq.heappush(self._heap, (day, joins, currency, payer, self._pushed, entry))

    def _book_receipts(self, day: int, currency: str, receipts: list[Receipt]) -> None:
        first = receipts[0]
        numbers = [receipt.number for receipt in receipts]
        reference = reference_text(self._rng, numbers, first.style, first.relation.contact_number)
        end_to_end = "" if first.style == MISSING else f"E2E{self._rng.getrandbits(48):012X}"
        transaction_id = self._write(
            day,
            currency,
            sum(receipt.amount for receipt in receipts),
            (first.payer_name, first.payer_iban, reference, end_to_end, "RCDT"),
        )
        account_id = account_of(self._seller, currency)
        for receipt in receipts:
            self._writer.cash(
                (transaction_id, account_id, receipt.invoice_id, receipt.number, receipt.amount)
            )

    def _book_other(self, entry: OtherEntry) -> None:
        transaction_id = self._write(
            entry.day,
            entry.currency,
            entry.amount,
            (entry.name, entry.iban, entry.reference, "", entry.code),
        )
        if entry.answer is not None:
            entry.answer[5] = transaction_id
            self._writer.answer(entry.answer)

    def _turn_month(self, day: int) -> None:
        """At the first booking of a month sweep the balance to the seller and charge the fee."""
        month = date.fromordinal(day).month
        if month == self._month:
            return
        self._month = month
        for currency, balance in sorted(self._balances.items()):
            swept = balance * 9 // 10
            if swept > 0:
                payee = (self._seller.name, self._seller.payout_iban, "SWEEP", "", "ICDT")
                self._write(day, currency, -swept, payee)
                self._write(day, currency, -min(balance - swept, 1500), _FEE)

    def _write(
        self, day: int, currency: str, amount: int, other: tuple[str, str, str, str, str]
    ) -> str:
        self._open(currency)
        balance = self._balances[currency] + amount
        self._balances[currency] = balance
        before = self._booked_today[1] if self._booked_today[0] == day else 0
        self._booked_today = (day, before + 1)
        created_ms = day_ms(day) + 6 * HOUR_MS + before * 200
        account_id = account_of(self._seller, currency)
        transaction_id = f"tx_{uuid_from(self._rng).replace('-', '')[:24]}"
        name, iban, reference, end_to_end, code = other
        payload = json.dumps(
            {
                "id": transaction_id,
                "account_id": account_id,
                "booked_on": day_iso(day),
                "value_on": day_iso(next_working_day(day)),
                "amount_minor": amount,
                "currency": currency,
                "counterparty_name": name,
                "counterparty_iban": iban or None,
                "reference": reference,
                "end_to_end_id": end_to_end or None,
                "code": code,
                "balance_after_minor": balance,
                "created_at": moment_iso(created_ms),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        self._writer.add(
            "transactions",
            (account_id, created_ms, day_iso(day), transaction_id, amount, balance, payload),
        )
        return transaction_id

    def _open(self, currency: str) -> None:
        """Open the account of a currency when it is first needed."""
        if currency in self._balances:
            return
        self._balances[currency] = 0
        seller = self._seller
        home = currency == seller.country.currency
        number = seller.collection_iban if home else iban(self._rng, seller.country)
        account = {
            "id": account_of(seller, currency),
            "iban": number,
            "name": f"Collections {seller.name}",
            "currency": currency,
            "kind": "collection",
            "status": "enabled",
        }
        self._writer.add(
            "accounts",
            (
                account["id"],
                seller.number,
                number,
                currency,
                json.dumps(account, ensure_ascii=False),
            ),
        )


_FEE = ("", "", "ACCOUNT FEE", "", "CHRG")


def account_of(seller: Seller, currency: str) -> str:
    """Return the id of a seller's collection account in a currency."""
    return f"col-{seller.number:05d}-{currency}"
