"""Rows of the tables of a file's assessment, each from the answer about one currency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from apps.look import BUCKET_LABELS, major, share_ppm
from apps.reports.book_assessment import Item, days
from apps.reports.document import Value

Row = tuple[Value, ...]


def _money(item: Item) -> Callable[[int | None], Value]:
    currency = item["currency"]
    return lambda minor: None if minor is None else major(minor, currency)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def ageing(item: Item) -> list[Row]:
    """Ageing by both dates; the last row is the sum."""
    money, ages = _money(item), item["ageing"]
    whole = sum(row["minor"] for row in ages["due"])
    rows: list[Row] = [
        (
            BUCKET_LABELS[due["bucket"]],
            due["receivables"],
            money(due["minor"]),
            share_ppm(due["minor"], whole),
            invoice["receivables"],
            money(invoice["minor"]),
            share_ppm(invoice["minor"], whole),
        )
        for due, invoice in zip(ages["due"], ages["invoice"], strict=True)
    ]
    count = sum(row["receivables"] for row in ages["due"])
    full = share_ppm(whole, whole)
    return [*rows, ("Outstanding", count, money(whole), full, count, money(whole), full)]


def eligibility(item: Item) -> list[Row]:
    """From outstanding to eligible."""
    money, base = _money(item), item["eligibility"]
    gross = base["gross_minor"]
    taken: list[Row] = [
        (
            line["text"],
            line["rule"],
            line["receivables"],
            money(-line["minor"]),
            share_ppm(line["minor"], gross),
        )
        for line in base["lines"]
    ]
    owed = item["outstanding"]
    count = owed["invoices"] + owed["credit_notes"]
    first: Row = ("Outstanding", None, count, money(gross), share_ppm(gross, gross))
    eligible = base["eligible_minor"]
    last: Row = ("Eligible", None, None, money(eligible), share_ppm(eligible, gross))
    return [first, *taken, last]


def improvements(item: Item) -> list[Row]:
    """Ways to more, the best first."""
    money = _money(item)
    return [
        (way["text"], way["code"], way["receivables"], money(way["eligible_gain_minor"]))
        for way in item["improvements"]
    ]


def offer(item: Item) -> list[Row]:
    """Verdicts; the last row is the sum."""
    money, offer = _money(item), item["offer"]
    words = {
        "approved": "Could be advanced now",
        "referred": "After a person has looked",
        "rejected": "Not offered",
    }
    names = ("open_minor", "eligible_minor", "advance_minor", "fee_minor")
    rows: list[Row] = [
        (text, offer[key]["invoices"], *(money(offer[key][name]) for name in names))
        for key, text in words.items()
    ]
    sums = [sum(offer[key][name] for key in words) for name in names]
    count = sum(offer[key]["invoices"] for key in words)
    return [*rows, ("Open invoices", count, *(money(minor) for minor in sums))]


def reasons(item: Item) -> list[Row]:
    """First reasons of what is not offered as it stands."""
    money = _money(item)
    words = {"refer": "After a person has looked", "reject": "Not offered"}
    return [
        (row["text"], row["code"], words[row["outcome"]], row["invoices"], money(row["open_minor"]))
        for row in item["offer"]["reasons"]
    ]


def periods(name: str) -> Callable[[Item], list[Row]]:
    """Give the rows of ``weeks`` or ``months``; what has no day comes last."""

    def rows(item: Item) -> list[Row]:
        money, told = _money(item), item["collections"]
        parts = ("expected_minor", "cumulative_minor", "slow_minor", "quick_minor")
        found: list[Row] = [
            (
                _date(row["from"]),
                _date(row["until"]) or "later",
                *(money(row[part]) for part in parts),
            )
            for row in _moving(told[name])
        ]
        undated: Row = ("no day", "no day", money(told["undated_minor"]), None, None, None)
        return [*found, undated] if told["undated"] else found

    return rows


def _moving(periods: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out the periods at the end in which nothing comes in any more, in any case."""
    last = periods[-1]
    names = ("cumulative_minor", "slow_minor", "quick_minor")
    ended = next(
        at for at, row in enumerate(periods) if all(row[name] == last[name] for name in names)
    )
    return list(periods[: ended + 1])


def payers(item: Item) -> list[Row]:
    """How each debtor paid."""
    money = _money(item)
    return [
        (
            row["debtor"],
            row["name"],
            money(row["open_minor"]),
            row["share_ppm"],
            row["settled"],
            row["late_ppm"],
            row["late_low_ppm"],
            row["late_high_ppm"],
            days(row["days_late_mdays"]),
            days(row["days_late_low_mdays"]),
            days(row["days_late_high_mdays"]),
            days(row["days_to_pay_mdays"]),
        )
        for row in item["payers"]
    ]


def concentration(item: Item) -> list[Row]:
    """The largest debtors."""
    money = _money(item)
    return [
        (
            row["debtor"],
            row["name"],
            row["receivables"],
            money(row["open_minor"]),
            row["share_ppm"],
            money(row["excess_minor"]),
        )
        for row in item["concentration"]["debtors"]
    ]


_BASES = {
    "exact": "Everything equal",
    "both": "Number, amount and date alike",
    "number": "Number alike",
    "amount": "Amount and date alike",
}


def duplicates(item: Item) -> list[Row]:
    """Suspected pairs."""
    money = _money(item)
    return [
        (
            row["rule"],
            _BASES[row["basis"]],
            row["number"],
            _date(row["issued_on"]),
            row["other_number"],
            _date(row["other_issued_on"]),
            row["debtor"],
            money(row["gross_minor"]),
            money(row["minor"]),
        )
        for row in item["duplicates"]["rows"]
    ]


_LINES: Mapping[str, str] = {
    "rejected_minor": "Rows that could not be read, where their amount could",
    "repeated_minor": "Rows that say the same again",
    "after_as_of_minor": "Issued after the day looked at",
    "rounding_minor": "Digits the currency does not have",
    "other_minor": "Rows without an issue date or a currency",
    "sign_minor": "Credit notes written without a sign",
    "settled_minor": "Paid by then",
    "outstanding_minor": "Outstanding",
}


def control(item: Item) -> list[Row]:
    """What became of every amount."""
    money, told = _money(item), item["control"]
    rows: list[Row] = [("Stated by the file", money(told["file_minor"]))]
    rows += [
        (text, money(-told[name] if name != "outstanding_minor" else told[name]))
        for name, text in _LINES.items()
        if told[name] or name in {"settled_minor", "outstanding_minor"}
    ]
    return [*rows, ("Not accounted for", money(told["difference_minor"]))]
