"""A file's assessment as one page that loads nothing: to read, to send, to print.

Everything is inline: style, pictures and figures. Text of the file is escaped, so that a debtor's
name can never be markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

from apps.look import (
    ORDERED,
    UNKNOWN,
    key_money,
    percent,
    plural,
    share_ppm,
    short_hash,
)
from apps.reports import book_assessment_charts as charts
from apps.reports.book_assessment import Item, Question, questions
from apps.reports.book_assessment_style import STYLE
from apps.reports.book_assessment_tables import TABLES, rejects
from apps.reports.document import Column, Kind, Value

SHOWN = 20
"""Rows of a long table on the page; the workbook has them all."""

_CLASSES = {
    **dict.fromkeys((Kind.COUNT, Kind.MONEY, Kind.SHARE), "n"),
    Kind.BAR: "b",
    Kind.CODE: "c",
    Kind.DAY: "d",
}
_BASES = {
    "given": "as asked",
    "latest_event": "the latest day on which anything in the file happened",
    "today": "today, since the file has no date",
}


def render(result: Mapping[str, Any]) -> str:
    """Return the page."""
    as_of = date.fromisoformat(result["as_of"])
    items: Sequence[Item] = result["currencies"]
    several = len(items) > 1
    body = "".join(_currency(item, as_of, several=several) for item in items)
    title = f"What is this book worth on {as_of}?"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(result['seller'])}: {escape(title)}</title>"
        f"<style>{STYLE}</style></head><body><main>"
        f"{_head(result, title)}{body}{_unread(result)}{_foot(result)}"
        "</main></body></html>\n"
    )


def _head(result: Mapping[str, Any], title: str) -> str:
    file = result["file"]
    rows = f"{plural(file['rows'], 'row')}"
    if file["rejected"]:
        rows += f", {file['rejected']:,} not readable"
    if file["repeated"]:
        rows += f", {file['repeated']:,} repeated"
    headline = "".join(f"<p class='answer'>{escape(text)}</p>" for text in result["headline"])
    told = "".join(f"<li>{escape(text)}</li>" for text in result["notes"])
    warning = "" if result["ok"] else _warning(result)
    return (
        f"<header><p class='eyebrow'>Indicative assessment of {escape(file['name'])}"
        f" · {escape(rows)}</p><h1>{escape(title)}</h1>{headline}{warning}"
        f"<ul class='notes'><li>As of {escape(str(result['as_of']))},"
        f" {_BASES[result['as_of_basis']]}.</li>{told}</ul></header>"
    )


def _warning(result: Mapping[str, Any]) -> str:
    wrong = [i["currency"] for i in result["currencies"] if i["control"]["difference_minor"]]
    if wrong:
        text = f"The totals in {', '.join(wrong)} do not agree: do not rely on these figures."
        return f"<p class='mark act'>{escape(text)}</p>"
    if result["rejects_total"]:
        text = (
            f"Partial: {plural(result['rejects_total'], 'row')} could not be read and"
            " are not in these figures."
        )
        return f"<p class='mark'><a href='#unread'>{escape(text)}</a></p>"
    return ""


def _currency(item: Item, as_of: date, *, several: bool) -> str:
    currency = item["currency"]
    asked = questions(item, as_of)
    prefix = f"{currency.lower()}-"
    links = " · ".join(f"<a href='#{prefix}{one.key}'>{escape(one.short)}</a>" for one in asked)
    heading = f"<h2 class='currency'>{escape(currency)}</h2>" if several else ""
    sections = "".join(_section(one, item, prefix) for one in asked)
    return (
        f"<div class='book'>{heading}{_figures(item)}"
        f"<nav aria-label='Questions'>{links}</nav>{sections}</div>"
    )


def _figures(item: Item) -> str:
    currency, owed, offer = item["currency"], item["outstanding"], item["offer"]
    late = percent(share_ppm(owed["past_due_minor"], owed["invoices_minor"]))
    eligible = item["eligibility"]["eligible_minor"]
    advance = offer["approved"]["advance_minor"]
    shown = (
        ("Outstanding", key_money(owed["minor"], currency), plural(owed["invoices"], "invoice")),
        ("Past due", late, key_money(owed["past_due_minor"], currency)),
        (
            "Eligible",
            key_money(eligible, currency),
            f"{percent(share_ppm(eligible, owed['minor']))} of outstanding",
        ),
        (
            "Advance now",
            key_money(advance, currency),
            f"for {key_money(offer['approved']['fee_minor'], currency)}"
            if advance
            else "nothing as it stands",
        ),
    )
    cells = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(figure)}<small>{escape(note)}</small></dd></div>"
        for label, figure, note in shown
    )
    picture = charts.steps(
        [
            ("Outstanding", owed["minor"], ORDERED[1]),
            ("Eligible", eligible, ORDERED[3]),
            ("Advance now", advance, ORDERED[5]),
        ],
        currency,
    )
    return f"<dl class='figures'>{cells}</dl>{picture if owed['invoices'] else ''}"


def _section(asked: Question, item: Item, prefix: str) -> str:
    picture = ""
    if asked.key == "collections":
        told = item["collections"]
        total = told["weeks"][-1]["cumulative_minor"]
        picture = charts.curve(told["weeks"], item["currency"], total)
        if picture:
            words = "Line: probable. Band: from all invoices slow to all quick."
            words = words if told["has_history"] else "By due date."
            picture = f"<figure>{picture}<figcaption>{words} Added up, {item['currency']}."
            picture += "</figcaption></figure>"
    tables = "".join(_table(name, item) for name in asked.tables)
    return (
        f"<section id='{prefix}{asked.key}'><h3>{escape(asked.title)}</h3>"
        f"<p class='answer'>{escape(asked.answer)}</p>{picture}{tables}</section>"
    )


def _table(name: str, item: Item) -> str:
    made = TABLES[name]
    rows = list(made.of(item))
    if not rows:
        return ""
    shown = rows if made.total or len(rows) <= SHOWN else rows[:SHOWN]
    keep = [at for at in range(len(made.columns)) if any(row[at] is not None for row in rows)]
    extra = _interval_scale(name, item)
    currency = item["currency"]
    heads = "".join(_heading(made.columns[at], currency, spare=at in made.spare) for at in keep)
    if extra:
        heads += "<th scope='col'>Days late, with 95 %</th>"
    body = "".join(
        f"<tr{' class=total' if made.total and place == len(shown) - 1 else ''}>"
        + "".join(
            _cell(made.columns[at], row[at], at == keep[0], spare=at in made.spare) for at in keep
        )
        + (_interval_cell(row, extra) if extra else "")
        + "</tr>"
        for place, row in enumerate(shown)
    )
    more = ""
    if len(rows) > len(shown):
        more = (
            f"<p class='quiet'>{len(shown)} of {len(rows):,} rows; the workbook has them all.</p>"
        )
    return (
        f"<p class='quiet'>{escape(made.caption)}</p>"
        f"<div class='scroll' tabindex='0' role='region' aria-label='{escape(name)}'><table>"
        f"<thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{more}"
    )


def _interval_scale(name: str, item: Item) -> tuple[float, float] | None:
    if name != "Payers":
        return None
    ends = [
        value / 1000
        for row in item["payers"][:SHOWN]
        for value in (row["days_late_low_mdays"], row["days_late_high_mdays"])
        if value is not None
    ]
    return (min(0.0, *ends), max(0.0, *ends)) if ends else None


def _interval_cell(row: Sequence[Value], scale: tuple[float, float]) -> str:
    mean, low, high = row[8], row[9], row[10]
    if not (isinstance(mean, Decimal) and isinstance(low, Decimal) and isinstance(high, Decimal)):
        return f"<td class='b'>{UNKNOWN}</td>"
    return f"<td class='b'>{charts.interval(float(low), float(mean), float(high), scale)}</td>"


def _heading(column: Column, currency: str, *, spare: bool) -> str:
    unit = f", {currency}" if column.kind is Kind.MONEY else ""
    return f"<th scope='col' class='{_class(column, spare)}'>{escape(column.title + unit)}</th>"


def _cell(column: Column, value: Value, is_first: bool, *, spare: bool) -> str:
    kind = _class(column, spare)
    if column.kind is Kind.BAR:
        ppm = value if isinstance(value, int) else None
        return f"<td class='{kind}'>{charts.bar(ppm)}<span>{percent(ppm)}</span></td>"
    text = escape(written(column, value))
    if is_first:
        return f"<th scope='row' class='{kind}'>{text}</th>"
    return f"<td class='{kind}'>{text}</td>"


def _class(column: Column, spare: bool) -> str:
    kind = _CLASSES.get(column.kind, "t")
    return f"{kind} spare" if spare else kind


def written(column: Column, value: Value) -> str:
    """Write a value as its column promises; unknown is a dash."""
    if value is None:
        return UNKNOWN
    if column.kind in (Kind.SHARE, Kind.BAR) and isinstance(value, int):
        return percent(value)
    if isinstance(value, int | Decimal):
        return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return str(value)


def _unread(result: Mapping[str, Any]) -> str:
    if not result["rejects_total"]:
        return ""
    found = rejects(result)
    rows = "".join(
        "<tr>" + "".join(f"<td class='t'>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in found.rows[:100]
    )
    heads = "".join(f"<th scope='col'>{escape(column.title)}</th>" for column in found.columns)
    return (
        "<section id='unread'><h3>What of the file could not be read?</h3>"
        f"<p class='answer'>{plural(result['rejects_total'], 'row')}: correct the file, or say in"
        " its mapping how to read them, and assess it again.</p>"
        f"<div class='scroll' tabindex='0'><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _columns(result: Mapping[str, Any]) -> str:
    """Say which column was taken for what, since everything else stands on it."""
    columns = result["mapping"]["columns"] or {}
    told = "; ".join(
        f"“{name}” as {meaning.replace('_', ' ')}" for meaning, name in columns.items()
    )
    unused = ", ".join(f"“{name}”" for name in result["unused_columns"])
    return f"Columns read: {told}." + (f" Not used: {unused}." if unused else "")


def _foot(result: Mapping[str, Any]) -> str:
    models, policy = result["models"], result["policy"]
    coverage = models["days_to_pay_coverage_ppm"]
    learnt = (
        f"Days to pay learnt from {models['examples']:,} invoices of this file"
        if models["days_to_pay"] == "learnt"
        else "Days to pay from each debtor's own mean and spread, since the file is too small to"
        " learn from"
    )
    if coverage is not None:
        learnt += (
            f"; on its newest fifth, left out of the learning, {percent(coverage, 0)} were paid"
            " between the quick and the slow day (80 % are promised)"
        )
    return (
        f"<footer><p>{escape(learnt)}.</p><p>{escape(_columns(result))}</p>"
        f"<p>Assessment {escape(result['id'])} · file {short_hash(result['file']['sha256'])} ·"
        f" as of {escape(result['as_of'])} · policy {escape(policy['name'])} {policy['version']},"
        f" {short_hash(policy['hash'])} · indicative, nothing was decided or paid.</p></footer>"
    )
