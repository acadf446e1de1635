"""How an invoice ends: disputes, credits, payments on time or late, short payments, or never.

`settle` draws an invoice's whole life at once and returns its events in order of time; the books
and the bank are written from the same events, so their amounts agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from random import Random

from apps.sandbox.world.calibration import DELAY
from apps.sandbox.world.days import HOUR_MS, MINUTE_MS, day_ms, next_working_day
from apps.sandbox.world.ledgers import CreditNote, Invoice, Payment, Receipt
from apps.sandbox.world.money import exponent
from apps.sandbox.world.names import bank_name
from apps.sandbox.world.parties import uuid_from
from apps.sandbox.world.references import draw_style

DRAFTED = "drafted"
AUTHORISED = "authorised"
DELETED = "deleted"
VOIDED = "voided"
DISPUTED = "disputed"
DISPUTE_CLOSED = "dispute_closed"
PAID = "paid"
UNPAID = "unpaid"
CREDITED = "credited"

_SEASON = {1: 1.0, 7: 1.0, 8: 2.5, 12: 3.0}
_SEASON_MEAN = 0.625
_DISTRESS_DAYS = 110
_DISPUTE_SHIFT_DAYS = DELAY.dispute_shift_days - 11.5


@dataclass(slots=True)
class Event:
    """Something that happens to an invoice at a moment."""

    moment_ms: int
    kind: str
    payment: Payment | None = None
    credit_note: CreditNote | None = None


@dataclass(slots=True)
class Life:
    """All that happens to one invoice, and the money that arrives for it."""

    events: list[Event]
    receipts: list[Receipt] = field(default_factory=list)
    is_replaced: bool = False


class CreditNumbers:
    """Numbers the credit notes of one seller."""

    def __init__(self, first: int = 1) -> None:
        self._next = first

    def take(self) -> str:
        """Return the next credit note number."""
        number = f"CN-{self._next:04d}"
        self._next += 1
        return number


def settle(rng: Random, invoice: Invoice, numbers: CreditNumbers) -> Life:
    """Draw the life of an invoice from its debtor's behaviour."""
    life = Life([Event(invoice.created_ms, AUTHORISED)])
    if invoice.is_unpayable:
        return life
    roll = rng.random()
    if roll < 0.018 and not invoice.is_firm:
        return _withdrawn(rng, invoice, life, roll)
    if roll < 0.034:
        drafted = invoice.created_ms - rng.randrange(1, 7) * HOUR_MS
        life.events.insert(0, Event(drafted, DRAFTED))
    clear_from, credited, shift = _dispute(rng, invoice, life, numbers)
    if clear_from < 0:
        return life
    credited += _returned_goods(rng, invoice, life, numbers, credited)
    if credited < invoice.gross:
        _pay(rng, invoice, life, numbers, invoice.gross - credited, clear_from, shift)
    life.events.sort(key=lambda event: event.moment_ms)
    return life


def delay_days(rng: Random, invoice: Invoice, shift: float) -> int:
    """Draw payment day minus due day for an invoice; negative is early."""
    debtor = invoice.relation.debtor
    season = _SEASON.get(date.fromordinal(invoice.due_day).month, 0.0) - _SEASON_MEAN
    drift = debtor.drift_days * math.sin(invoice.due_day / 58.0 + debtor.drift_phase)
    mean = debtor.delay_days + invoice.relation.delay_offset + drift + season + shift
    return round(rng.gauss(mean, debtor.delay_sd))


def credit_note(
    rng: Random, invoice: Invoice, numbers: CreditNumbers, day: int, total: int, reason: str
) -> CreditNote:
    """Return a credit note of `total` for part of an invoice, tax in the invoice's proportion."""
    tax = invoice.tax * total // invoice.gross
    return CreditNote(
        credit_note_id=uuid_from(rng),
        number=numbers.take(),
        day=day,
        posted_ms=_office_moment(rng, day),
        net=total - tax,
        tax=tax,
        total=total,
        reason=reason,
    )


def _withdrawn(rng: Random, invoice: Invoice, life: Life, roll: float) -> Life:
    if roll < 0.004:
        life.events[0].kind = DRAFTED
        life.events.append(Event(invoice.created_ms + rng.randrange(2, 70) * HOUR_MS, DELETED))
        return life
    day = next_working_day(invoice.day + rng.randrange(1, 12))
    life.events.append(Event(_office_moment(rng, day), VOIDED))
    life.is_replaced = rng.random() < 0.5
    return life


def _dispute(
    rng: Random, invoice: Invoice, life: Life, numbers: CreditNumbers
) -> tuple[int, int, float]:
    """Maybe dispute; return the first day it can be paid (-1: never), credit granted and delay."""
    if rng.random() >= invoice.relation.debtor.dispute_rate:
        return invoice.day + 1, 0, 0.0
    opened = invoice.day + rng.randrange(4, invoice.relation.terms_days + 12)
    life.events.append(Event(_office_moment(rng, opened), DISPUTED))
    if rng.random() < 0.03:
        return -1, 0, 0.0
    closed = opened + max(2, round(rng.gauss(16, 7)))
    credited = 0
    if rng.random() < 0.35:
        credited = max(1, round(invoice.gross * rng.uniform(0.02, 0.3)))
        note = credit_note(rng, invoice, numbers, closed, credited, "Price or quality claim")
        life.events.append(Event(note.posted_ms, CREDITED, credit_note=note))
    life.events.append(Event(_office_moment(rng, closed) + HOUR_MS, DISPUTE_CLOSED))
    return closed, credited, _DISPUTE_SHIFT_DAYS


def _returned_goods(
    rng: Random, invoice: Invoice, life: Life, numbers: CreditNumbers, credited: int
) -> int:
    """Maybe credit returned goods; return the credited amount."""
    roll = rng.random()
    if credited or roll >= 0.035:
        return 0
    share = 1.0 if roll < 0.006 else rng.uniform(0.02, 0.25)
    total = max(1, min(invoice.gross, round(invoice.gross * share)))
    day = next_working_day(invoice.day + rng.randrange(2, 14))
    reason = "Cancelled order" if share == 1.0 else "Goods returned"
    note = credit_note(rng, invoice, numbers, day, total, reason)
    life.events.append(Event(note.posted_ms, CREDITED, credit_note=note))
    return total


def _pay(
    rng: Random,
    invoice: Invoice,
    life: Life,
    numbers: CreditNumbers,
    owed: int,
    clear_from: int,
    shift: float,
) -> None:
    day = _payment_day(rng, invoice, clear_from, shift)
    if day is None:
        return
    roll = rng.random()
    if roll < 0.025:
        first = max(1, round(owed * rng.uniform(0.3, 0.7)))
        _receive(rng, invoice, life, day, first)
        later = _alive_day(invoice, next_working_day(day + rng.randrange(6, 26)))
        if later is not None and owed > first:
            _receive(rng, invoice, life, later, owed - first)
        return
    short, reason, is_cleared = _shortfall(rng, invoice, owed, roll)
    _receive(rng, invoice, life, day, owed - short)
    if short and is_cleared:
        cleared_on = next_working_day(day + rng.randrange(1, 11))
        note = credit_note(rng, invoice, numbers, cleared_on, short, reason)
        note.posted_ms = max(note.posted_ms, life.events[-1].moment_ms + HOUR_MS)
        life.events.append(Event(note.posted_ms, CREDITED, credit_note=note))


def _shortfall(rng: Random, invoice: Invoice, owed: int, roll: float) -> tuple[int, str, bool]:
    """Return what the payer holds back, why, and whether the seller writes it off."""
    unit = 10 ** exponent(invoice.currency)
    is_abroad = invoice.currency != invoice.relation.seller.country.currency
    if roll < (0.30 if is_abroad else 0.046):
        return min(owed // 2, rng.randrange(4, 26) * unit), "Bank charges", True
    if roll > 0.975:
        return round(owed * rng.uniform(0.005, 0.04)), "Deduction", rng.random() < 0.6
    if roll > 0.970:
        return min(owed // 2, rng.randrange(1, 10)), "Rounding", True
    return 0, "", True


def _receive(rng: Random, invoice: Invoice, life: Life, day: int, amount: int) -> None:
    """Let money arrive on `day` and the bookkeeper post it, rarely late, wrongly or never."""
    roll = rng.random()
    if not invoice.pays_elsewhere:
        life.receipts.append(_receipt(rng, invoice, day, amount))
        if roll > 0.996:
            again = next_working_day(day + rng.randrange(1, 9))
            life.receipts.append(_receipt(rng, invoice, again, amount))
    if roll < 0.002:
        return
    waits = rng.randrange(5, 16) if roll < 0.03 else rng.choice((0, 0, 0, 1, 1, 2))
    posted = _office_moment(rng, next_working_day(day + waits))
    payment = Payment(uuid_from(rng), day, max(posted, life.events[-1].moment_ms + HOUR_MS), amount)
    life.events.append(Event(payment.posted_ms, PAID, payment=payment))
    if 0.03 <= roll < 0.033:
        undone = payment.posted_ms + rng.randrange(20, 50) * HOUR_MS
        life.events.append(Event(undone, UNPAID, payment=payment))
        right = Payment(uuid_from(rng), day, undone + 5 * MINUTE_MS, amount)
        life.events.append(Event(right.posted_ms, PAID, payment=right))


def _receipt(rng: Random, invoice: Invoice, day: int, amount: int) -> Receipt:
    debtor = invoice.relation.debtor
    roll = rng.random()
    payer = debtor.other_iban if roll < 0.02 else "" if roll < 0.03 else debtor.iban
    return Receipt(
        day=day,
        relation=invoice.relation,
        amount=amount,
        number=invoice.number,
        invoice_id=invoice.invoice_id,
        payer_iban=payer,
        payer_name=bank_name(rng, debtor.name),
        style=draw_style(rng),
    )


def _payment_day(rng: Random, invoice: Invoice, clear_from: int, shift: float) -> int | None:
    debtor = invoice.relation.debtor
    day = max(invoice.due_day + delay_days(rng, invoice, shift), clear_from, invoice.day + 1)
    if debtor.failed_on is not None and day > debtor.failed_on - _DISTRESS_DAYS:
        day += max(0, (day - debtor.failed_on + _DISTRESS_DAYS) // 4)
    if debtor.pays_in_runs:
        gap = (debtor.run_weekday - (day - 1)) % 7
        day += gap if gap <= 3 or day + gap - 7 <= max(invoice.day, clear_from - 1) else gap - 7
    return _alive_day(invoice, next_working_day(day))


def _alive_day(invoice: Invoice, day: int) -> int | None:
    failed_on = invoice.relation.debtor.failed_on
    return None if failed_on is not None and day >= failed_on else day


def _office_moment(rng: Random, day: int) -> int:
    return day_ms(day) + 8 * HOUR_MS + rng.randrange(600) * MINUTE_MS
