"""The look of every page: one Altair theme, one style sheet and the mark, made from `apps.look`.

`.streamlit/config.toml` beside `app.py` gives Streamlit's own widgets the same colours and the same
two faces. Questions are set in the serif, everything else in the sans with tabular figures; both
are served by Streamlit itself, so nothing is fetched from elsewhere.
"""

from typing import Any

import altair as alt
import streamlit as st

from apps.dashboard import style
from apps.look import ORDERED, Colour

FONT = '"Source Sans", "Source Sans 3", system-ui, sans-serif'
MARK = f"""<svg xmlns="http://www.w3.org/2000/svg" width="232" height="32" viewBox="0 0 232 32">
<rect x="1" y="3" width="20" height="26" rx="2.5" fill="none" stroke="{Colour.ACCENT.value}"
 stroke-width="2"/><path d="M6 11h10M6 16h10M6 21h5" stroke="{Colour.ACCENT.value}"
 stroke-width="2" stroke-linecap="round"/><circle cx="21" cy="24" r="7"
 fill="{Colour.ACCENT.value}"/><path d="M17.8 24l2.4 2.5l4.2-5" fill="none"
 stroke="{Colour.WASH.value}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>
<text x="38" y="21.5" font-family="Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans"
 font-size="15.5" font-weight="600" fill="{Colour.INK.value}">Invoice financing</text></svg>"""
"""The platform's mark: an invoice with a proof on it."""


def apply() -> None:
    """Register the Altair theme, put the style sheet on the page and the mark above the menu."""
    alt.theme.register("ifp", enable=True)(altair_theme)
    st.html(f"<style>{style_sheet()}</style>")
    st.logo(MARK, size="large")


def altair_theme() -> alt.theme.ThemeConfig:
    """Return the Altair theme: ink on paper, faint rules, bars from zero, figures right."""
    axis: Any = {
        "labelColor": Colour.INK.value,
        "labelFontSize": 13,
        "titleColor": Colour.REST.value,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": Colour.RULE.value,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "labelLimit": 220,
    }
    return {
        "config": {
            "background": Colour.PAPER.value,
            "font": FONT,
            "view": {"stroke": None},
            "axis": axis,
            "bar": {"color": Colour.ACCENT.value, "cornerRadiusEnd": 2},
            "line": {"color": Colour.ACCENT.value, "strokeWidth": 2.5},
            "rule": {"color": Colour.REST.value, "strokeWidth": 1},
            "text": {"color": Colour.INK.value, "fontSize": 13},
            "legend": {"disable": True},
            "range": {"ordinal": list(ORDERED), "category": [Colour.ACCENT.value]},
        }
    }


def style_sheet() -> str:
    """Return the style sheet of every page."""
    return style.sheet()
