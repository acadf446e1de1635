"""The lineage picture: the words of the flow as columns, assets in them, marked by what is proven.

    sources → raw → staging → intermediate → marts → features → scores → decisions → actions → audit

Wide pages get a drawing that runs left to right, narrow ones the same stages as a list from top to
bottom. The drawing is an image with the same facts in its text, since pages strip drawn markup.
A stage is *proven* when the entry that announced each of its assets is included in the
ledger's tree, *announced* when there are entries whose inclusion was not shown, *not yet* when it
has none. Filled, ringed and grey marks say so without relying on colour.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from apps.look import Colour, plural

STAGES = (
    "sources", "raw", "staging", "intermediate", "marts",
    "features", "scores", "decisions", "actions", "audit",
)  # fmt: skip
"""The words of the flow, in order."""

State = Literal["proven", "announced", "unproven"]

STATE_LABELS: Mapping[State, str] = {
    "proven": "proven",
    "announced": "announced, not proven",
    "unproven": "nothing yet",
}

_FONTS = "Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
_WIDTH = 1160
_COLUMN = _WIDTH / len(STAGES)
_BOX = 108
_ROW = 46
_TOP = 74
_LETTERS = 15


@dataclass(frozen=True)
class Family:
    """The assets of one stage and family, such as `marts/risk`.

    Attributes:
        stage: a word of the flow.
        name: the system or family within it; empty when the stage has no families.
        assets: how many assets.
        rows: rows of their latest versions, none when not told.
        state: what is proven of them.
    """

    stage: str
    name: str
    assets: int
    rows: int | None
    state: State


def picture(families: Sequence[Family], links: Sequence[tuple[str, str]]) -> str:
    """Return the picture as HTML with both forms; the style sheet shows the one that fits.

    Args:
        families: in any order; stages without any are drawn empty.
        links: pairs of `stage/family` where the second was made from the first.
    """
    by_stage = {stage: [f for f in families if f.stage == stage] for stage in STAGES}
    drawn = base64.b64encode(_drawing(by_stage, links).encode()).decode()
    return (
        f'<div class="ifp-lineage-wide"><img src="data:image/svg+xml;base64,{drawn}" '
        f'alt="{escape(_in_words(by_stage))}"></div>'
        f'<div class="ifp-lineage-narrow">{_listing(by_stage)}</div>'
    )


def stage_state(families: Sequence[Family]) -> State:
    """Return what can be said of a whole stage: no more than of its weakest family."""
    states = {family.state for family in families}
    if not states or "unproven" in states:
        return "unproven"
    return "announced" if "announced" in states else "proven"


def _drawing(by_stage: Mapping[str, Sequence[Family]], links: Sequence[tuple[str, str]]) -> str:
    tallest = max(1, *(len(families) for families in by_stage.values()))
    height = _TOP + tallest * _ROW + 8
    places = {
        _key(family): (column, row)
        for column, stage in enumerate(STAGES)
        for row, family in enumerate(by_stage[stage])
    }
    parts = [_header(column, stage, by_stage[stage]) for column, stage in enumerate(STAGES)]
    parts += [
        _curve(places[start], places[end])
        for start, end in links
        if start in places and end in places and places[start][0] < places[end][0]
    ]
    parts += [
        _box(family, *places[_key(family)]) for families in by_stage.values() for family in families
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="{_FONTS}">{"".join(parts)}</svg>'
    )


def _in_words(by_stage: Mapping[str, Sequence[Family]]) -> str:
    stages = (f"{stage} {STATE_LABELS[stage_state(own)]}" for stage, own in by_stage.items())
    return f"Lineage from left to right: {', '.join(stages)}"


def _header(column: int, stage: str, families: Sequence[Family]) -> str:
    middle = column * _COLUMN + _COLUMN / 2
    state = stage_state(families)
    fill = Colour.ACCENT.value if state == "proven" else Colour.PAPER.value
    edge = Colour.REST.value if state == "unproven" else Colour.ACCENT.value
    arrow = ""
    if column:
        start, end = middle - _COLUMN + 12, middle - 14
        arrow = (
            f'<line x1="{start:.0f}" y1="44" x2="{end:.0f}" y2="44" stroke="{Colour.RULE.value}" '
            f'stroke-width="2"/><path d="M{end:.0f} 40 l6 4 l-6 4 z" fill="{Colour.REST.value}"/>'
        )
    tick = (
        f'<path d="M{middle - 4:.0f} 44 l3 3.5 l5.5 -7" fill="none" '
        f'stroke="{Colour.PAPER.value}" stroke-width="2"/>'
        if state == "proven"
        else ""
    )
    return (
        f'{arrow}<text x="{middle:.0f}" y="22" text-anchor="middle" font-size="14" '
        f'font-weight="650" fill="{Colour.INK.value}">{stage}</text>'
        f'<circle cx="{middle:.0f}" cy="44" r="8" fill="{fill}" stroke="{edge}" stroke-width="2">'
        f"<title>{stage}: {STATE_LABELS[state]}</title></circle>{tick}"
    )


def _box(family: Family, column: int, row: int) -> str:
    left = column * _COLUMN + (_COLUMN - _BOX) / 2
    top = _TOP + row * _ROW
    edge = Colour.ACCENT.value if family.state == "proven" else Colour.REST.value
    dashes = "" if family.state == "proven" else ' stroke-dasharray="3 3"'
    title = f"{_key(family)}: {plural(family.assets, 'asset')}, {STATE_LABELS[family.state]}"
    return (
        f"<g><title>{escape(title)}</title>"
        f'<rect x="{left:.0f}" y="{top}" width="{_BOX}" height="36" rx="4" '
        f'fill="#FFFFFF" stroke="{edge}"{dashes}/>'
        f'<text x="{left + 8:.0f}" y="{top + 15}" font-size="11.5" font-weight="600" '
        f'fill="{Colour.INK.value}">{escape(_short(family.name or family.stage))}</text>'
        f'<text x="{left + 8:.0f}" y="{top + 29}" font-size="11" '
        f'fill="{Colour.REST.value}">{escape(_size(family))}</text></g>'
    )


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1 = start[0] * _COLUMN + (_COLUMN + _BOX) / 2
    x2 = end[0] * _COLUMN + (_COLUMN - _BOX) / 2
    y1, y2 = (_TOP + place[1] * _ROW + 18 for place in (start, end))
    bend = max(6.0, (x2 - x1) / 2)
    return (
        f'<path d="M{x1:.0f} {y1} C{x1 + bend:.0f} {y1} {x2 - bend:.0f} {y2} {x2:.0f} {y2}" '
        f'fill="none" stroke="{Colour.REST.value}" stroke-opacity="0.45"/>'
    )


def _listing(by_stage: Mapping[str, Sequence[Family]]) -> str:
    items = []
    for stage, families in by_stage.items():
        state = stage_state(families)
        lines = "".join(
            f"<p>{escape(family.name or family.stage)}: {escape(_size(family))}</p>"
            for family in families
        )
        items.append(
            f'<li class="{state}"><h4>{stage}</h4><p><b>{STATE_LABELS[state]}</b></p>{lines}</li>'
        )
    return f"<ol>{''.join(items)}</ol>"


def _short(name: str) -> str:
    words = name.replace("_", " ")
    return words if len(words) <= _LETTERS else f"{words[: _LETTERS - 1]}…"


def _size(family: Family) -> str:
    if family.stage == "sources":
        return "vendor records"
    if family.rows is None:
        return plural(family.assets, "asset")
    return plural(family.rows, "row")


def _key(family: Family) -> str:
    return f"{family.stage}/{family.name}" if family.name else family.stage
