"""What a file's assessment says, before it is a page, a workbook or terminal lines.

Takes the answer as `result.json` holds it. One sentence answers each question, with the figures in
it; :mod:`apps.reports.book_assessment_tables` holds the tables behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.look import key_money, money, percent, plural, share_ppm

Item = Mapping[str, Any]
"""The answer about one currency."""


@dataclass(frozen=True)
class Question:
    """One part of the answer.

    Attributes:
        key: its anchor.
        short: what links to it say.
        title: the question.
        answer: the sentence that answers it.
        tables: names of the tables behind it, see `book_assessment_tables.TABLES`.
    """

    key: str
    short: str
    title: str
    answer: str
    tables: tuple[str, ...]


def headline(item: Item) -> str:
    """Say in one sentence what the book of a currency is worth."""
    currency, owed, offer = item["currency"], item["outstanding"], item["offer"]
    if not owed["invoices"]:
        return f"Nothing is open in {currency}."
    late = percent(share_ppm(owed["past_due_minor"], owed["invoices_minor"]), 0)
    eligible = item["eligibility"]["eligible_minor"]
    advance = offer["approved"]["advance_minor"]
    told = (
        f"{key_money(owed['minor'], currency)} is outstanding on"
        f" {plural(owed['invoices'], 'invoice')} of {plural(owed['debtors'], 'debtor')},"
        f" {late} of it past due;"
        f" {key_money(eligible, currency)} is eligible"
    )
    if advance:
        fee = key_money(offer["approved"]["fee_minor"], currency)
        return f"{told}, and {key_money(advance, currency)} could be advanced now for {fee}."
    return f"{told}, and nothing could be advanced as it stands."


def questions(item: Item, as_of: date) -> list[Question]:
    """Answer every question about one currency, in the order a reader asks them."""
    return [
        Question(key, short, title, answer(item, as_of), tables)
        for key, short, title, answer, tables in _ASKED
    ]


def days(mdays: int | None) -> Decimal | None:
    """Give thousandths of a day as days with one decimal."""
    return None if mdays is None else (Decimal(mdays) / 1000).quantize(Decimal("0.1"))


def _outstanding(item: Item, as_of: date) -> str:
    currency, owed = item["currency"], item["outstanding"]
    text = (
        f"{money(owed['minor'], currency)} is outstanding on {as_of}:"
        f" {plural(owed['invoices'], 'invoice')} of {money(owed['invoices_minor'], currency)}"
    )
    if owed["credit_notes"]:
        text += (
            f" less {plural(owed['credit_notes'], 'credit note')} of"
            f" {money(-owed['credit_notes_minor'], currency)}"
        )
    late = percent(share_ppm(owed["past_due_minor"], owed["invoices_minor"]))
    text += f". {money(owed['past_due_minor'], currency)} ({late}) is past due"
    if owed["disputed"]:
        text += f"; {money(owed['disputed_minor'], currency)} is in dispute"
    return text + "."


def _eligibility(item: Item, _: date) -> str:
    currency, base = item["currency"], item["eligibility"]
    share = percent(share_ppm(base["eligible_minor"], base["gross_minor"]))
    text = f"{money(base['eligible_minor'], currency)} is eligible, {share} of what is outstanding"
    lines = sorted(base["lines"], key=lambda line: -line["minor"])
    if lines and lines[0]["minor"] > 0:
        first = lines[0]
        text += (
            f". Most is lost as “{first['text'].lower()}”: {money(first['minor'], currency)} on"
            f" {plural(first['receivables'], 'receivable')}"
        )
    return text + ". Each amount has exactly one reason, and all of them add up to the outstanding."


def _improvements(item: Item, _: date) -> str:
    ways = item["improvements"]
    if not ways:
        return "Nothing the seller could do would make more of this book eligible."
    best = ways[0]
    gain = money(best["eligible_gain_minor"], item["currency"])
    return (
        f"{best['text']}: + {gain}. Each way is measured alone, by judging the book again with only"
        " that changed."
    )


def _offer(item: Item, _: date) -> str:
    currency, offer = item["currency"], item["offer"]
    now, later = offer["approved"], offer["referred"]
    if now["advance_minor"]:
        text = (
            f"{money(now['advance_minor'], currency)} could be advanced now on"
            f" {plural(now['invoices'], 'invoice')}, {percent(offer['advance_ppm'])} of their"
            f" amount, for a fee of {money(now['fee_minor'], currency)}:"
            f" {percent(offer['price_ppm'], 2)} of the amount for about {offer['tenor_days']} days,"
            f" {percent(offer['apr_ppm'])} a year."
        )
    else:
        text = "Nothing could be advanced as it stands."
    if later["advance_minor"]:
        text += (
            f" A further {money(later['advance_minor'], currency)} on"
            f" {plural(later['invoices'], 'invoice')} after a person has looked."
        )
    return text


def _collections(item: Item, as_of: date) -> str:
    currency, told = item["currency"], item["collections"]
    undated = plural(told["undated"], "invoice")
    rest = f"{undated} of {money(told['undated_minor'], currency)}"
    if not told["weeks"][-1]["cumulative_minor"]:
        return "No open invoice has a day on which it will probably be paid."
    month = told["weeks"][3]
    if not told["has_history"]:
        text = (
            "Nothing in this file was settled yet, so only the due dates speak:"
            f" {money(month['cumulative_minor'], currency)} falls due within four weeks, until"
            f" {month['until']}"
        )
        return f"{text}; {rest} past due have no day." if told["undated"] else f"{text}."
    text = (
        f"Within four weeks, until {month['until']}, {money(month['cumulative_minor'], currency)}"
        f" will probably have come in; between {money(month['slow_minor'], currency)} if every"
        f" invoice is slow and {money(month['quick_minor'], currency)} if every one is quick"
    )
    if told["undated"]:
        text += f". {rest} older than almost any payment in this file: no day is given for them"
    return text + "."


def _payers(item: Item, _: date) -> str:
    everyone = item["all_payers"]
    if not everyone["settled"]:
        return "Nothing in this file was settled yet, so nothing is known of how anyone pays."
    return (
        f"{percent(everyone['late_ppm'])} of {plural(everyone['settled'], 'settled invoice')} were"
        f" paid after their due date; on average {_lateness(everyone)}."
    )


def _lateness(everyone: Mapping[str, int]) -> str:
    """Say how late, with the interval the same way round as the word."""
    mean, low, high = (everyone[f"days_late_{name}mdays"] for name in ("", "low_", "high_"))
    is_late = mean >= 0
    text = f"{days(abs(mean))} days {'after' if is_late else 'before'} it"
    if low is None or low < 0 < high:
        return text if low is None else f"{text} (from {days(low)} to {days(high)})"
    nearest, farthest = sorted((abs(low), abs(high)))
    return f"{text} ({days(nearest)} to {days(farthest)})"


def _concentration(item: Item, _: date) -> str:
    told = item["concentration"]
    if not told["debtors"]:
        return "Nobody owes anything."
    largest = told["debtors"][0]
    names = Decimal(told["effective_names_milli"]) / 1000
    above = sum(1 for row in told["debtors"] if row["excess_minor"])
    text = (
        f"The largest debtor owes {percent(largest['share_ppm'])}; the book is as spread as if"
        f" {names:.1f} debtors owed the same. One may have {percent(told['limit_ppm'], 0)} of what"
        " is eligible"
    )
    return f"{text}; {plural(above, 'debtor')} above it." if above else f"{text}; nobody has more."


def _duplicates(item: Item, _: date) -> str:
    told = item["duplicates"]
    if not told["pairs"]:
        return "No invoice repeats another, exactly or nearly."
    still_open = money(told["minor"], item["currency"])
    return (
        f"{plural(told['pairs'], 'pair')} of invoices look like the same claim twice:"
        f" {told['exact']:,} exactly, {told['near']:,} nearly; {still_open} of the later ones is"
        " open."
    )


def _control(item: Item, _: date) -> str:
    told, currency = item["control"], item["currency"]
    if told["difference_minor"]:
        return (
            f"No: {money(told['difference_minor'], currency)} of the file is not accounted for."
            " Do not rely on these figures."
        )
    return (
        f"Yes. The file states {money(told['file_minor'], currency)}; every amount of it is in"
        " exactly one of these lines, and the difference is 0."
    )


Answer = Callable[[Item, date], str]
_ASKED: tuple[tuple[str, str, str, Answer, tuple[str, ...]], ...] = (
    (
        "outstanding",
        "Outstanding",
        "What is outstanding, and how old is it?",
        _outstanding,
        ("Ageing",),
    ),
    (
        "eligible",
        "Eligible",
        "What is eligible, and why is the rest not?",
        _eligibility,
        ("Eligibility",),
    ),
    ("more", "More", "What would make more eligible?", _improvements, ("More eligible",)),
    (
        "offer",
        "Offer",
        "What could be advanced, and at what price?",
        _offer,
        ("Offer", "Not offered"),
    ),
    (
        "collections",
        "Collections",
        "When will the open invoices probably be paid?",
        _collections,
        ("Collections by week", "Collections by month"),
    ),
    ("payers", "Payers", "Who pays how late?", _payers, ("Payers",)),
    (
        "concentration",
        "Concentration",
        "How much hangs on few debtors?",
        _concentration,
        ("Concentration",),
    ),
    (
        "duplicates",
        "Duplicates",
        "Which invoices look like duplicates?",
        _duplicates,
        ("Duplicates",),
    ),
    ("control", "Control total", "Does everything add up?", _control, ("Control",)),
)
