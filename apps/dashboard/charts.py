"""The pictures: frames in, Altair charts out, each labelled directly and readable in grey.

The length of a bar is its amount in whole minor units; what is read, in labels and tooltips, is the
exact text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import altair as alt
import polars as pl
import streamlit as st

from apps.look import (
    BUCKET_LABELS,
    ORDERED,
    Colour,
    exact,
    major,
    percent,
    share_ppm,
    significant,
)

Chart: TypeAlias = alt.LayerChart
_LINE_HEIGHT = 220

_BAR_STEP = 34
_LABELLED_STEP = 46
_GRADES = 10


@dataclass(frozen=True)
class Bar:
    """One bar of a ranked or ordered picture.

    Attributes:
        label: what it is.
        amount_minor: its length.
        note: what the tooltip adds.
        colour: its fill.
    """

    label: str
    amount_minor: int
    note: str
    colour: str = Colour.ACCENT.value


def show(chart: Chart, in_words: str) -> None:
    """Put a chart on the page in its full width, with the same facts in words.

    Args:
        chart: one of the charts below.
        in_words: what is read out instead of the picture.
    """
    st.altair_chart(chart, theme=None, alt=in_words)


def history(amounts: pl.DataFrame, currency: str) -> Chart:
    """Draw an amount over time from zero, labelled at its first and last point.

    Args:
        amounts: `as_of_on` and `open_minor`, in order of the days.
        currency: of every amount.
    """
    rows = amounts.with_columns(
        shown=pl.Series([significant(major(minor, currency)) for minor in amounts["open_minor"]]),
        exact=pl.Series(
            [f"{currency} {exact(minor, currency)}" for minor in amounts["open_minor"]]
        ),
    )
    longest = max([1, *amounts["open_minor"].to_list()])
    frame = alt.Chart(rows).encode(
        x=alt.X("as_of_on:T", title=None, axis=alt.Axis(grid=False, format="%b %Y", tickCount=8)),
        y=alt.Y(
            "open_minor:Q",
            title=None,
            axis=None,
            scale=alt.Scale(domain=[0, longest * 118 // 100], nice=False),
        ),
        tooltip=[
            alt.Tooltip("as_of_on:T", title="Close of", format="%Y-%m-%d"),
            alt.Tooltip("exact:N", title="Open"),
        ],
    )
    ends = alt.Chart(rows[[0, -1]]).encode(x="as_of_on:T", y="open_minor:Q")
    labels = ends.mark_text(dy=-14)
    area = frame.mark_area(color=Colour.ACCENT.value, opacity=0.09)
    dots = frame.mark_circle(size=34, color=Colour.ACCENT.value, opacity=1)
    drawn = area + frame.mark_line() + dots + labels.encode(text="shown:N")
    chart: Chart = drawn.properties(height=_LINE_HEIGHT)
    return chart


def ageing(amounts: Sequence[tuple[str, int, int]], currency: str) -> Chart:
    """Draw the ageing of the book, light to dark.

    Args:
        amounts: bucket code, open amount in minor units and count, in bucket order.
        currency: of every amount.
    """
    total = sum(minor for _, minor, _ in amounts)
    colours = dict(zip(BUCKET_LABELS, ORDERED, strict=True))
    bars = [
        Bar(
            label=BUCKET_LABELS[bucket],
            amount_minor=minor,
            note=f"{percent(share_ppm(minor, total))} of open, {count:,} receivables",
            colour=colours[bucket],
        )
        for bucket, minor, count in amounts
    ]
    return money_bars(bars, currency)


def money_bars(bars: Sequence[Bar], currency: str) -> Chart:
    """Draw horizontal bars of one currency from zero, in the order given, labelled at their end."""
    rows = pl.DataFrame(
        {
            "label": [bar.label for bar in bars],
            "length": [bar.amount_minor for bar in bars],
            "shown": [significant(major(bar.amount_minor, currency)) for bar in bars],
            "exact": [f"{currency} {exact(bar.amount_minor, currency)}" for bar in bars],
            "note": [bar.note for bar in bars],
            "colour": [bar.colour for bar in bars],
        }
    )
    frame = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelPadding=8)),
        x=alt.X(
            "length:Q", title=None, axis=None, scale=_room_for_labels(rows["length"].to_list())
        ),
        tooltip=[
            alt.Tooltip("label:N", title=" "),
            alt.Tooltip("exact:N", title="Amount"),
            alt.Tooltip("note:N", title="Of which"),
        ],
    )
    drawn = frame.mark_bar(height=22).encode(color=alt.Color("colour:N", scale=None))
    labels = frame.mark_text(align="left", dx=6).encode(text="shown:N")
    chart: Chart = (drawn + labels).properties(height=_BAR_STEP * len(bars))
    return chart


def grades(amounts: Sequence[tuple[int | None, int, int]], currency: str) -> Chart:
    """Draw amounts by risk grade, light to dark from the best to the worst.

    Args:
        amounts: grade (none for ungraded), amount in minor units and number of requests.
        currency: of every amount.
    """
    total = sum(minor for _, minor, _ in amounts)
    bars = [
        Bar(
            label="No grade" if grade is None else f"Grade {grade}",
            amount_minor=minor,
            note=f"{percent(share_ppm(minor, total))} of assessed, {number:,} requests",
            colour=Colour.REST.value if grade is None else grade_colour(grade),
        )
        for grade, minor, number in amounts
    ]
    return money_bars(bars, currency)


def grade_colour(grade: int) -> str:
    """Fold the ten grades onto the six ordered colours."""
    return ORDERED[min(len(ORDERED) - 1, (grade - 1) * len(ORDERED) // _GRADES)]


def intervals(rows: Sequence[tuple[str, int, int, int]], chance_ppm: int) -> Chart:
    """Draw measured figures with their 95 % intervals, and what chance alone would give.

    Args:
        rows: label, value and both ends of the interval in parts per million.
        chance_ppm: where the thin rule stands.
    """
    data = pl.DataFrame(
        {
            "label": [label for label, *_ in rows],
            "value": [value / 1_000_000 for _, value, _, _ in rows],
            "low": [low / 1_000_000 for _, _, low, _ in rows],
            "high": [high / 1_000_000 for *_, high in rows],
            "shown": [f"{value / 1_000_000:.3f}" for _, value, _, _ in rows],
        }
    )
    scale = alt.Scale(domain=[0.45, 1], nice=False)
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelPadding=8))
    frame = alt.Chart(data).encode(
        y=y,
        tooltip=[
            alt.Tooltip("label:N", title=" "),
            alt.Tooltip("value:Q", title="AUC", format=".4f"),
            alt.Tooltip("low:Q", title="95 % from", format=".4f"),
            alt.Tooltip("high:Q", title="to", format=".4f"),
        ],
    )
    x = alt.X("value:Q", title=None, axis=None, scale=scale)
    spans = frame.mark_rule(color=Colour.ACCENT.value, strokeWidth=3, opacity=0.45).encode(
        x=alt.X("low:Q", title=None, axis=None, scale=scale), x2="high:Q"
    )
    dots = frame.mark_circle(size=90, color=Colour.ACCENT.value, opacity=1).encode(x=x)
    texts = frame.mark_text(dy=-12).encode(x=x, text="shown:N")
    by_chance = alt.Chart(pl.DataFrame({"value": [chance_ppm / 1_000_000]})).encode(x=x)
    chance = by_chance.mark_rule(strokeDash=[3, 3]) + by_chance.mark_text(
        align="left", dx=6, color=Colour.REST.value
    ).encode(y=alt.value(8), text=alt.value("chance"))
    drawn: Chart = (chance + spans + dots + texts).properties(height=_LABELLED_STEP * len(rows))
    return drawn


def counted_reasons(rows: Sequence[tuple[str, str, int]], counted: str = "Requests") -> Chart:
    """Draw how often each reason occurs, for example what kept requests from approval.

    Args:
        rows: code, text and number of requests, most frequent first.
        counted: what is counted, as the tooltip says it.
    """
    data = pl.DataFrame(
        {
            "code": [code for code, _, _ in rows],
            "text": [text for _, text, _ in rows],
            "requests": [number for _, _, number in rows],
        }
    )
    frame = alt.Chart(data).encode(
        y=alt.Y("text:N", sort=None, title=None, axis=None),
        x=alt.X(
            "requests:Q", title=None, axis=None, scale=_room_for_labels(data["requests"].to_list())
        ),
        tooltip=[
            alt.Tooltip("code:N", title="Reason"),
            alt.Tooltip("text:N", title=" "),
            alt.Tooltip("requests:Q", title=counted, format=","),
        ],
    )
    bars = frame.mark_bar(height=14, yOffset=10, color=Colour.REST.value)
    numbers = frame.mark_text(align="left", dx=6, dy=10).encode(
        text=alt.Text("requests:Q", format=",")
    )
    texts = frame.mark_text(align="left", dy=-8).encode(text="text:N", x=alt.value(0))
    chart: Chart = (bars + numbers + texts).properties(
        height=_LABELLED_STEP * len(rows), padding={"left": 0, "top": 8, "right": 0, "bottom": 4}
    )
    return chart


def _room_for_labels(lengths: Sequence[int]) -> alt.Scale:
    """Start at zero and leave room at the end for the longest bar's label."""
    longest = max([0, *lengths])
    return alt.Scale(domain=[0, longest * 122 // 100 or 1], nice=False)
