"""What payers write on a transfer: numbers joined, shortened, missing or wrong."""

from __future__ import annotations

from random import Random

CLEAN = "clean"
JOINED = "joined"
DIGITS = "digits"
MISSING = "missing"
WRONG = "wrong"
_STYLES = (CLEAN, JOINED, DIGITS, MISSING, WRONG)
_WEIGHTS = (58, 14, 14, 11, 3)


def draw_style(rng: Random) -> str:
    """Draw how a payer writes references."""
    return rng.choices(_STYLES, _WEIGHTS)[0]


def reference_text(rng: Random, numbers: list[str], style: str, account_code: str) -> str:
    """Return the remittance text for the invoices paid; at most 140 characters."""
    if style == MISSING:
        return rng.choice(("", "PAYMENT", f"CUST {account_code}", "SUPPLIER RUN", "INVOICES"))
    if style == DIGITS:
        text = " ".join(_significant_digits(number) for number in numbers)
    elif style == JOINED:
        text = rng.choice(("", "/", "+")).join(number.replace("-", "") for number in numbers)
    elif style == WRONG:
        text = " ".join(_transposed(rng, number) for number in numbers)
    else:
        text = rng.choice((", ", " ", " & ")).join(numbers)
    prefix = rng.choice(("", "", "INV ", "RE: ", "Rechnung "))
    return f"{prefix}{text}"[:140]


def _significant_digits(number: str) -> str:
    return "".join(mark for mark in number if mark.isdigit()).lstrip("0") or number


def _transposed(rng: Random, number: str) -> str:
    place = rng.randrange(max(1, len(number) - 2), len(number))
    return number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :]
