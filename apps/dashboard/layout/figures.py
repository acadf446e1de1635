"""The row of key figures: a label, the figure, and under it what the figure is of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from apps.dashboard.layout.tones import Tone

MOST = 4
_UNITS = re.compile(r"^(?P<before>[A-Z]{3} )?(?P<number>.*?)(?P<after> [A-Za-z%]+)?$")


@dataclass(frozen=True)
class KeyFigure:
    """One figure of the row under the answer.

    Attributes:
        label: what it is, in sentence case.
        value: already written, three significant digits (`apps.look` writes them).
        note: the exact value, what it is a share of, or its definition; a few words.
        tone: drawn when the figure itself wants attention.
        link: where it leads; see `links.address`.
    """

    label: str
    value: str
    note: str
    tone: Tone | None = None
    link: str | None = None


def key_figures(figures: Sequence[KeyFigure]) -> None:
    """Show at most four key figures side by side; two by two where the page is narrow."""
    st.html(key_figures_html(figures))


def key_figures_html(figures: Sequence[KeyFigure]) -> str:
    """Return key figures as a list of terms and values."""
    shown = "".join(_figure(figure) for figure in figures[:MOST])
    return f'<dl class="ifp-figures">{shown}</dl>'


def _figure(figure: KeyFigure) -> str:
    label, tone = escape(figure.label), f" {figure.tone}" if figure.tone else ""
    if figure.link:
        label = f'<a href="{escape(figure.link)}" target="_self">{label}</a>'
    return (
        f'<div class="ifp-figure{tone}"><dt>{label}</dt>'
        f'<dd class="v">{_set(figure.value)}</dd><dd class="w">{escape(figure.note)}</dd></div>'
    )


def _set(value: str) -> str:
    """Set currency and scale smaller than the digits they belong to."""
    found = _UNITS.match(value)
    if found is None:
        return escape(value)
    before, after = found["before"] or "", found["after"] or ""
    return (
        (f'<span class="u">{escape(before)}</span>' if before else "")
        + escape(found["number"])
        + (f'<span class="u">{escape(after)}</span>' if after else "")
    )
