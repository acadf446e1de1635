"""The picture of syncs over time: one row per source, one cell per sync, the newest at the right.

Light cells ended well and their depth says how much was new; amber ones are partial, red ones
failed and carry a letter too, so that the picture reads in grey.
"""

import altair as alt
import polars as pl

from apps.dashboard.charts import Chart
from apps.look import Colour

MOST_ROWS = 25
_STEP = 24
_FEWEST_SLOTS = 24
_QUIET, _NEW = "#E4EFEC", "#8CC3BA"


def strip(history: pl.DataFrame) -> Chart:
    """Draw syncs in order of time, sources from top to bottom, those that failed first.

    Args:
        history: see `apps.freshness.history`.
    """
    rows = _placed(history)
    slots = max(_FEWEST_SLOTS, int(str(rows["back"].max())))
    frame = alt.Chart(rows).encode(
        x=alt.X(
            "back:O",
            title="newest at the right",
            axis=alt.Axis(labels=False, grid=False, titleAnchor="end"),
            scale=alt.Scale(domain=list(range(slots, 0, -1))),
        ),
        y=alt.Y("source:N", sort=None, title=None, axis=alt.Axis(labelLimit=190)),
        tooltip=[
            alt.Tooltip("source:N", title="Source"),
            alt.Tooltip("at:N", title="Ended at"),
            alt.Tooltip("status:N", title="Ended"),
            alt.Tooltip("read:Q", title="Read", format=","),
            alt.Tooltip("landed:Q", title="New", format=","),
            alt.Tooltip("quarantined:Q", title="Not taken in", format=","),
        ],
    )
    cells = frame.mark_rect(cornerRadius=2, stroke=Colour.PAPER.value, strokeWidth=2).encode(
        color=alt.Color("colour:N", scale=None)
    )
    letters = frame.mark_text(color=Colour.PAPER.value, fontSize=12, fontWeight=600).encode(
        text="letter:N"
    )
    chart: Chart = (cells + letters).properties(height=_STEP * rows["source"].n_unique() + 30)
    return chart


def _placed(history: pl.DataFrame) -> pl.DataFrame:
    """Count each source's syncs back from its newest; keep the worst sources where many are."""
    source = pl.concat_str("connection_id", "system", separator=" · ")
    rows = history.with_columns(source=source)
    order = (
        rows.group_by("source")
        .agg(bad=(pl.col("status") != "ok").sum())
        .sort("bad", "source", descending=[True, False])
        .head(MOST_ROWS)
        .with_row_index("place")
    )
    ended = pl.col("status")
    return (
        rows.join(order, on="source")
        .sort("place", "back")
        .with_columns(
            at=pl.col("finished_at").dt.strftime("%Y-%m-%d %H:%M UTC"),
            letter=pl.when(ended == "failed")
            .then(pl.lit("F"))
            .when(ended == "partial")
            .then(pl.lit("P"))
            .otherwise(pl.lit("")),
            colour=pl.when(ended == "failed")
            .then(pl.lit(Colour.ACT_NOW.value))
            .when(ended == "partial")
            .then(pl.lit(Colour.ATTENTION.value))
            .when(pl.col("landed") > 0)
            .then(pl.lit(_NEW))
            .otherwise(pl.lit(_QUIET)),
        )
        .drop("finished_at", "sync_id")
    )
