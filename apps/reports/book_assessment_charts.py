"""Pictures of an assessment as inline SVG: bars in cells, and what comes in with its range.

Bars start at zero and are labelled by the text beside them. The curve is drawn twice, for wide and
for narrow paper, since text in a scaled drawing scales with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from apps.look import Colour, key_money, major, significant

Place = Callable[[int], float]
"""Where something lies in the drawing."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 8, 26, 30
_STEPS = (0.25, 0.5, 0.75, 1.0)


def bar(ppm: int | None, colour: str = Colour.ACCENT.value) -> str:
    """Draw a share of one as a bar that fills its cell; what is negative is drawn faint."""
    if ppm is None:
        return ""
    width = min(100.0, abs(ppm) / 10_000)
    fill = Colour.REST.value if ppm < 0 else colour
    return (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="10" fill="{Colour.WASH.value}"/>'
        f'<rect width="{width:.2f}" height="10" fill="{fill}"/></svg>'
    )


def interval(low: float, mean: float, high: float, scale: tuple[float, float]) -> str:
    """Draw a mean with its interval on a common scale; zero is a thin rule."""
    first, last = scale
    span = (last - first) or 1.0

    def at(value: float) -> float:
        return 100 * (min(max(value, first), last) - first) / span

    zero = f'<rect x="{at(0) - 0.3:.2f}" width="0.6" height="10" fill="{Colour.REST.value}"/>'
    line = (
        f'<rect x="{at(low):.2f}" y="4.2" width="{max(at(high) - at(low), 0.8):.2f}" height="1.6"'
        f' fill="{Colour.ACCENT.value}"/>'
    )
    dot = f'<rect x="{at(mean) - 1:.2f}" y="1.5" width="2" height="7" fill="{Colour.INK.value}"/>'
    return (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f"{zero}{line}{dot}</svg>"
    )


def steps(parts: Sequence[tuple[str, int, str]], currency: str) -> str:
    """Draw nested amounts, the whole first, each as a bar below the other.

    Args:
        parts: label, amount in minor units, colour.
        currency: of all.
    """
    whole = max((abs(minor) for _, minor, _ in parts), default=0) or 1
    rows = "".join(
        f'<div class="step"><span class="label">{escape(label)}</span>'
        f"{bar(max(minor, 0) * 1_000_000 // whole, colour)}"
        f'<span class="n">{escape(key_money(minor, currency))}</span></div>'
        for label, minor, colour in parts
    )
    return f'<div class="steps" role="presentation">{rows}</div>'


def curve(weeks: Sequence[Mapping[str, Any]], currency: str, total: int) -> str:
    """Draw what has probably come in by the end of each week, within slow and quick.

    Args:
        weeks: rows of the answer's `collections.weeks`.
        currency: of every amount.
        total: what all of it comes to.
    """
    dated = [week for week in weeks if week["until"]]
    if not dated or total <= 0:
        return ""
    wide = _curve(dated, currency, total, width=760, height=250)
    narrow = _curve(dated, currency, total, width=372, height=220)
    return f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'


def _curve(
    weeks: Sequence[Mapping[str, Any]], currency: str, total: int, *, width: int, height: int
) -> str:
    inner, tall = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM

    def x(place: int) -> float:
        return _LEFT + inner * place / len(weeks)

    def y(minor: int) -> float:
        return _TOP + tall * (1 - minor / total)

    def path(name: str) -> list[tuple[float, float]]:
        return [(x(0), y(0)), *((x(at), y(w[name])) for at, w in enumerate(weeks, start=1))]

    def points(found: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in found)

    has_band = weeks[0]["slow_minor"] is not None
    band = [*path("quick_minor"), *reversed(path("slow_minor"))] if has_band else []
    middle = path("cumulative_minor")
    end = weeks[-1]
    return (
        f'<svg viewBox="0 0 {width} {height}" class="curve" role="img" aria-label="'
        f"Collections over {len(weeks)} weeks: probably"
        f' {escape(key_money(end["cumulative_minor"], currency))}">'
        f"{_rules(total, width, y)}"
        f'<polygon points="{points(band)}" fill="#CFE6E2"/>'
        f'<polyline points="{points(middle)}" fill="none" stroke="{Colour.ACCENT.value}"'
        ' stroke-width="2.5"/>'
        f"{_labels(weeks, width, height, x)}{_amounts(currency, total, y)}"
        f'<text x="{width - _RIGHT}" y="{y(end["cumulative_minor"]) - 8:.1f}" text-anchor="end"'
        f' class="strong">{escape(key_money(end["cumulative_minor"], currency))}</text>'
        "</svg>"
    )


def _rules(total: int, width: int, y: Place) -> str:
    """Draw the rules that the labels stand on."""
    return "".join(
        f'<line x1="{_LEFT}" x2="{width - _RIGHT}" y1="{y(int(total * share)):.1f}"'
        f' y2="{y(int(total * share)):.1f}" stroke="{Colour.RULE.value}"/>'
        for share in _STEPS
    )


def _amounts(currency: str, total: int, y: Place) -> str:
    """Label the rules, above whatever lies under them."""
    return "".join(
        f'<text x="{_LEFT}" y="{y(int(total * share)) - 4:.1f}" class="halo">'
        f"{escape(_amount(share, total, currency))}</text>"
        for share in _STEPS
    )


def _amount(share: float, total: int, currency: str) -> str:
    if share == 1.0:
        return "all of it"
    return significant(major(int(total * share), currency))


def _labels(weeks: Sequence[Mapping[str, Any]], width: int, height: int, x: Place) -> str:
    every = 2 if width > 500 else 4
    base = height - _BOTTOM
    axis = (
        f'<line x1="{_LEFT}" x2="{width - _RIGHT}" y1="{base}" y2="{base}"'
        f' stroke="{Colour.REST.value}"/>'
    )
    return axis + "".join(
        f'<text x="{x(at):.1f}" y="{height - 10}" text-anchor="middle">{week["until"][5:]}</text>'
        for at, week in enumerate(weeks, start=1)
        if at % every == 0 and at < len(weeks)
    )
