"""The look of every page: one Altair theme and one style sheet, both made from `apps.look`.

`.streamlit/config.toml` beside `app.py` gives Streamlit's own widgets the same colours. No font is
downloaded: pages use the one that Streamlit itself serves, with tabular figures.
"""

from typing import Any

import altair as alt
import streamlit as st

from apps.look import ORDERED, Colour

FONT = '"Source Sans", "Source Sans 3", system-ui, sans-serif'


def apply() -> None:
    """Register the Altair theme and put the style sheet on the page."""
    alt.theme.register("ifp", enable=True)(altair_theme)
    st.html(f"<style>{style_sheet()}</style>")


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
    """Return the style of what Streamlit has no widget for: tables, footer, lineage."""
    return f"""
.stMainBlockContainer {{ max-width: 1180px; padding-top: 3.2rem; padding-bottom: 3rem; }}
[data-testid="stMetricValue"] {{ font-variant-numeric: tabular-nums; font-size: 1.75rem; }}
[data-testid="stMetricLabel"] p {{ color: {Colour.REST.value}; }}
.ifp-answer {{ font-size: 1.12rem; line-height: 1.55; max-width: 62rem; margin: 0 0 .4rem; }}
.ifp-answer b {{ font-weight: 650; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.ifp-scroll {{ overflow-x: auto; max-width: 100%; }}
.ifp-scroll:focus-visible {{ outline: 2px solid {Colour.ACCENT.value}; outline-offset: 2px; }}
.ifp-table {{ border-collapse: collapse; width: 100%; font-size: .94rem; }}
.ifp-table caption {{ text-align: left; color: {Colour.REST.value}; padding: 0 0 .4rem;
  font-size: .9rem; }}
.ifp-table th {{ text-align: left; font-weight: 600; color: {Colour.REST.value};
  border-bottom: 1px solid {Colour.REST.value}; padding: .35rem .7rem; white-space: nowrap; }}
.ifp-table td {{ border-bottom: 1px solid {Colour.RULE.value}; padding: .38rem .7rem;
  vertical-align: top; }}
.ifp-table .n {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.ifp-table td.c {{ overflow-wrap: anywhere; font-family: "Source Code", ui-monospace, monospace;
  font-size: .88em; }}
.ifp-nb {{ white-space: nowrap; font-variant-numeric: tabular-nums; }}
.ifp-table tr.total td {{ font-weight: 650; border-bottom: none;
  border-top: 1px solid {Colour.REST.value}; }}
.ifp-table th:first-child, .ifp-table td:first-child {{ padding-left: 0; }}
.ifp-table a {{ color: {Colour.ACCENT.value}; }}
.ifp-mark {{ display: inline-block; border-radius: 3px; padding: 0 .45rem; font-size: .86rem;
  font-weight: 600; white-space: nowrap; line-height: 1.5; }}
.ifp-mark.good {{ background: #DCEEEA; color: #0B5A54; }}
.ifp-mark.attention {{ background: #F8E7D3; color: #8A3F06; }}
.ifp-mark.act {{ background: #F7DADA; color: #8F1515; }}
.ifp-mark.rest {{ background: #E9EBEE; color: #475569; }}
.ifp-footer {{ border-top: 1px solid {Colour.RULE.value}; color: {Colour.REST.value};
  font-size: .84rem; padding-top: .6rem; margin-top: 1.6rem; line-height: 1.6;
  overflow-wrap: anywhere; }}
.ifp-footer a {{ color: {Colour.ACCENT.value}; }}
.ifp-note {{ border-left: 3px solid {Colour.REST.value}; padding: .2rem 0 .2rem .9rem;
  max-width: 52rem; overflow-wrap: anywhere; }}
.ifp-note.attention {{ border-color: {Colour.ATTENTION.value}; }}
.ifp-note.act {{ border-color: {Colour.ACT_NOW.value}; }}
.ifp-note p {{ margin: .15rem 0; }}
.ifp-note b {{ font-weight: 650; }}
.ifp-code {{ font-family: "Source Code Pro", ui-monospace, monospace; font-size: .86rem;
  overflow-wrap: anywhere; }}
abbr.ifp-term {{ text-decoration: underline dotted {Colour.REST.value}; cursor: help; }}
.ifp-lineage-wide img {{ width: 100%; height: auto; display: block; }}
.ifp-lineage-narrow {{ display: none; }}
@media (max-width: 900px) {{
  .ifp-lineage-wide {{ display: none; }}
  .ifp-lineage-narrow {{ display: block; }}
}}
.ifp-lineage-narrow ol {{ list-style: none; margin: 0; padding: 0; }}
.ifp-lineage-narrow li {{ border-left: 2px solid {Colour.ACCENT.value}; padding: .1rem 0 .9rem 1rem;
  margin-left: .4rem; position: relative; }}
.ifp-lineage-narrow li::before {{ content: ""; position: absolute; left: -7px; top: .35rem;
  width: 12px; height: 12px; border-radius: 50%; background: {Colour.ACCENT.value}; }}
.ifp-lineage-narrow li.announced::before {{ background: {Colour.PAPER.value};
  box-shadow: inset 0 0 0 2px {Colour.ACCENT.value}; }}
.ifp-lineage-narrow li.unproven::before {{ background: {Colour.PAPER.value};
  box-shadow: inset 0 0 0 2px {Colour.REST.value}; }}
.ifp-lineage-narrow h4 {{ margin: 0; padding: 0; font-size: 1rem; }}
.ifp-lineage-narrow p {{ margin: 0; color: {Colour.REST.value}; font-size: .88rem; }}
@media (max-width: 640px) {{
  .stMainBlockContainer {{ padding-left: 1rem; padding-right: 1rem; padding-top: 3.4rem; }}
  .ifp-answer {{ font-size: 1.04rem; }}
  .st-key-key-figures [data-testid="stColumn"] {{ min-width: calc(50% - 1rem); }}
  .ifp-table {{ font-size: .88rem; }}
  .ifp-table td:first-child {{ min-width: 8.5rem; }}
  .ifp-table th, .ifp-table td {{ padding-left: .45rem; padding-right: .45rem; }}
}}
"""
