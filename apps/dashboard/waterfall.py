"""The waterfall: from a whole, step by step, to what is left of it; each step labelled directly."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import polars as pl

from apps.dashboard.charts import Chart
from apps.look import Colour, exact, major, significant

_STEP_HEIGHT = 46
_TAKEN = "#B9C2CC"


@dataclass(frozen=True, slots=True)
class Step:
    """One part that is taken off the whole.

    Attributes:
        label: why.
        minor: how much, in minor units.
    """

    label: str
    minor: int


def waterfall(whole: Step, steps: Sequence[Step], left: Step, currency: str) -> Chart:
    """Draw a whole, what is taken off it in order, and what is left.

    Args:
        whole: the first bar.
        steps: what is taken off; its amounts add up to `whole - left`.
        left: the last bar.
        currency: of every amount.
    """
    rows = pl.DataFrame(placed(whole, steps, left, currency))
    frame = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=None),
        tooltip=[
            alt.Tooltip("label:N", title=" "),
            alt.Tooltip("exact:N", title="Amount"),
        ],
    )
    scale = alt.Scale(domain=[0, max(1, whole.minor) * 122 // 100], nice=False)
    start = alt.X("start:Q", title=None, axis=None, scale=scale)
    bars = frame.mark_bar(height=14, yOffset=10).encode(
        x=start, x2="end:Q", color=alt.Color("colour:N", scale=None)
    )
    figures = frame.mark_text(align="left", dx=6, dy=10).encode(
        x=alt.X("end:Q", scale=scale), text="shown:N"
    )
    labels = frame.mark_text(align="left", dy=-8).encode(text="label:N", x=alt.value(0))
    chart: Chart = (bars + figures + labels).properties(height=_STEP_HEIGHT * rows.height)
    return chart


def placed(
    whole: Step, steps: Sequence[Step], left: Step, currency: str
) -> list[dict[str, object]]:
    """Place each bar: where it starts and ends in minor units, and what is written beside it."""
    found = [_row(whole, 0, whole.minor, Colour.REST.value, currency)]
    reached = whole.minor
    for step in steps:
        found.append(_row(step, reached - step.minor, reached, _TAKEN, currency, sign="− "))
        reached -= step.minor
    return [*found, _row(left, 0, left.minor, Colour.ACCENT.value, currency)]


def _row(
    step: Step, start: int, end: int, colour: str, currency: str, sign: str = ""
) -> dict[str, object]:
    return {
        "label": step.label,
        "start": start,
        "end": end,
        "shown": f"{sign}{significant(major(step.minor, currency))}",
        "exact": f"{sign}{currency} {exact(step.minor, currency)}",
        "colour": colour,
    }
