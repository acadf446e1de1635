"""Draws where time went as a flame graph: boxes as wide as their seconds, callers above callees."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

WIDTH, ROW = 1200, 24
_COLOURS = ("#1f4e79", "#2f75b5", "#9dc3e6")
_INKS = ("#ffffff", "#ffffff", "#10263b")
_CHARACTER = 7.0
_SHORTEST = 5

Stack = tuple[str, ...]


def svg(title: str, seconds: Mapping[Stack, float]) -> str:
    """Draw stacks as one picture.

    Args:
        title: Name of the whole.
        seconds: Time of each stack, outermost name first.
    """
    depth = 1 + max((len(stack) for stack in seconds), default=0)
    boxes = _boxes((title,), {(title, *stack): took for stack, took in seconds.items()}, 0.0, 0)
    total = sum(seconds.values()) or 1.0
    shapes = [
        _box(name, left / total, took / total, took, level) for name, left, took, level in boxes
    ]
    height = depth * ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        f' font-family="sans-serif" font-size="12" role="img" aria-label="{escape(title)}">\n'
        + "\n".join(shapes)
        + "\n</svg>\n"
    )


def _boxes(
    path: Stack, seconds: Mapping[Stack, float], left: float, level: int
) -> list[tuple[str, float, float, int]]:
    """Give name, left edge, width and level of a box and of all below it, the widest first."""
    found = [(path[-1], left, sum(seconds.values()), level)]
    below: dict[str, dict[Stack, float]] = {}
    for stack, took in seconds.items():
        if len(stack) > level + 1:
            below.setdefault(stack[level + 1], {})[stack] = took
    for name, part in sorted(below.items(), key=lambda item: -sum(item[1].values())):
        found += _boxes((*path, name), part, left, level + 1)
        left += sum(part.values())
    return found


def _box(name: str, left: float, share: float, took: float, level: int) -> str:
    x, width = left * WIDTH, share * WIDTH
    told = f"{name} {took:.1f} s"
    room = int(width / _CHARACTER) - 1
    label = told if len(told) <= room else name if len(name) <= room else f"{name[: room - 1]}…"
    text = ""
    if room >= _SHORTEST:
        ink = _INKS[level % len(_INKS)]
        text = f'<text x="{x + 4:.1f}" y="{level * ROW + 16}" fill="{ink}">{escape(label)}</text>'
    colour = _COLOURS[level % len(_COLOURS)]
    return (
        f'<g><title>{escape(told)}</title><rect x="{x:.1f}" y="{level * ROW}" width="{width:.1f}"'
        f' height="{ROW - 1}" fill="{colour}" stroke="#ffffff"/>{text}</g>'
    )
