"""Planted frauds: when a dishonest seller cheats and how it bends its documents.

Kinds that bend an invoice before it is issued: inflated, pre_invoicing, payee_change. Kinds made
from an issued one: duplicate (F01), near_duplicate (F02), double_financing, round_trip. Kinds with
a debtor of their own: fake_debtor.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Callable
from random import Random

from apps.sandbox.world.days import HOUR_MS, MINUTE_MS, day_ms
from apps.sandbox.world.ledgers import Invoice, Line
from apps.sandbox.world.parties import uuid_from

DUPLICATE = "duplicate"
NEAR_DUPLICATE = "near_duplicate"
INFLATED = "inflated"
FAKE_DEBTOR = "fake_debtor"
DOUBLE_FINANCING = "double_financing"
PAYEE_CHANGE = "payee_change"
ROUND_TRIP = "round_trip"
PRE_INVOICING = "pre_invoicing"
RATES = {
    DUPLICATE: 0.0054,
    NEAR_DUPLICATE: 0.0056,
    INFLATED: 0.0016,
    DOUBLE_FINANCING: 0.0014,
    PAYEE_CHANGE: 0.0008,
    ROUND_TRIP: 0.0010,
    PRE_INVOICING: 0.0018,
}
SAME_NUMBER = "same_number_other_date"
SUFFIX = "suffix_or_prefix"
TRANSPOSED = "transposed"
AMOUNT_AND_DATE = "amount_and_date"
_PAID_BY_MISTAKE = 0.15


class Temptation:
    """Decides when a seller cheats: each kind at its rate, spread over the seller's invoices."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._due = {kind: rng.random() for kind in RATES}

    def next_kind(self) -> str:
        """Return the fraud to plant on the next ordinary invoice, or an empty text."""
        chosen = ""
        for kind, rate in RATES.items():
            self._due[kind] += rate
            if not chosen and self._due[kind] >= 1 and self._rng.random() < 0.06:
                chosen = kind
                self._due[kind] -= 1
        return chosen


def duplicate(
    rng: Random, original: Invoice, is_taken: Callable[[str], bool]
) -> tuple[Invoice, str]:
    """Return the same bill entered again: equal but for how its number is typed."""
    number, form = restyled(rng, original.number, is_taken)
    return _copied(rng, original, number, original.day, original.gross), form


def near_duplicate(
    rng: Random, original: Invoice, is_taken: Callable[[str], bool], next_number: str
) -> tuple[Invoice, str]:
    """Return a bill for the same delivery with another number, date or slightly other amount."""
    form = rng.choices((SAME_NUMBER, SUFFIX, TRANSPOSED, AMOUNT_AND_DATE), (25, 28, 20, 27))[0]
    day = original.day + rng.randrange(0, 15)
    gross = original.gross
    if form == SAME_NUMBER:
        number, _ = restyled(rng, original.number, is_taken)
        day = original.day + rng.randrange(1, 15)
    elif form == SUFFIX:
        marks = ("{}A", "{}-B", "R{}", "{}R", "{}C")
        number = rng.choice(marks).format(original.number)
    elif form == TRANSPOSED:
        number = transposed(rng, original.number)
        if not number or is_taken(number):
            number, form = f"{original.number}A", SUFFIX
    else:
        number = next_number
        day = original.day + rng.randrange(1, 7)
        if rng.random() < 0.4:
            gross += round(gross * rng.uniform(-0.003, 0.003))
    if is_taken(number) and number != next_number:
        number, form = f"{original.number}-{rng.randrange(10, 99)}X", SUFFIX
    return _copied(rng, original, number, day, gross), form


def restyled(rng: Random, number: str, is_taken: Callable[[str], bool]) -> tuple[str, str]:
    """Return the number typed differently but equal after normalisation, and how."""
    head = number.rstrip("0123456789")
    digits = number[len(head) :]
    letters = head.rstrip("-")
    forms = [
        ("lower_case", number.lower()),
        ("separator", f"{letters} {digits}" if "-" in head else f"{letters}-{digits}"),
        ("separator", f"{letters}{digits}" if "-" in head else f"{letters}/{digits}"),
        (
            "leading_zeros",
            f"{head}{digits.lstrip('0')}" if digits[0] == "0" else f"{head}0{digits}",
        ),
        ("leading_zeros", f"{head}00{digits}"),
        ("letter_for_digit", head + _letter_for_digit(digits)),
        ("full_width", head + _full_width(digits)),
        ("punctuation", f"{number}."),
    ]
    rng.shuffle(forms)
    for form, text in forms:
        if not is_taken(text):
            return text, form
    return f"{letters}_{digits}", "separator"


def transposed(rng: Random, number: str) -> str:
    """Return the number with two neighbouring digits swapped, or nothing if all are equal."""
    places = [
        place
        for place in range(len(number) - 4, len(number) - 1)
        if number[place].isdigit() and number[place] != number[place + 1]
    ]
    if not places:
        return ""
    place = rng.choice(places)
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def with_new_account(rng: Random, invoice: Invoice, account: str) -> None:
    """Let the invoice ask for payment to another account; the collection account sees nothing."""
    note = f"Please note our new bank details: {account}"
    invoice.lines.append(Line(uuid_from(rng), note, 1, 0, 0))
    invoice.pays_elsewhere = True


def _copied(rng: Random, original: Invoice, number: str, day: int, gross: int) -> Invoice:
    delay = rng.randrange(26) if day == original.day else 0
    created = day_ms(day + delay) + 8 * HOUR_MS + rng.randrange(540) * MINUTE_MS
    tax = original.tax * gross // original.gross
    scaled = gross != original.gross
    lines = [
        dataclasses.replace(line, line_id=uuid_from(rng))
        for line in (original.lines[:1] if scaled else original.lines)
    ]
    if scaled:
        lines[0].net, lines[0].tax = gross - tax, tax
    return dataclasses.replace(
        original,
        invoice_id=uuid_from(rng),
        number=number,
        day=day,
        due_day=day + original.relation.terms_days,
        created_ms=max(created, original.created_ms + HOUR_MS),
        lines=lines,
        net=gross - tax,
        tax=tax,
        gross=gross,
        is_unpayable=rng.random() >= _PAID_BY_MISTAKE,
    )


def _letter_for_digit(digits: str) -> str:
    place = digits.find("0", 1, len(digits) - 1)
    if place > 0:
        return f"{digits[:place]}O{digits[place + 1 :]}"
    place = digits.find("1", 1, len(digits) - 1)
    return f"{digits[:place]}l{digits[place + 1 :]}" if place > 0 else f"00{digits}"


def _full_width(digits: str) -> str:
    return "".join(unicodedata.lookup(f"FULLWIDTH {unicodedata.name(d)}") for d in digits)
