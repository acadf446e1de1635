"""The parts every page is made of: question, answer, key figures, table, states, footer.

A page reads top to bottom as one argument: the question as title, one sentence that answers it with
the figures in it, at most four key figures, one picture, the table it summarises, the way onwards,
and one small line that says where the figures come from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Literal

import streamlit as st

from apps.look import UNKNOWN, day, moment
from apps.warehouse import Snapshot

Tone = Literal["good", "attention", "act", "rest"]
_MAX_KEY_FIGURES = 4


@dataclass(frozen=True)
class KeyFigure:
    """One figure of the row under the answer.

    Attributes:
        label: what it is, in sentence case.
        value: already written, three significant digits.
        note: the exact value or the definition, shown on hover.
    """

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        title: the header, with its unit.
        is_figure: right-aligned with tabular figures.
        is_code: a hash or key, which may break anywhere.
    """

    title: str
    is_figure: bool = False
    is_code: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell that is more than plain text.

    Attributes:
        text: what is read.
        tone: drawn as a mark of this tone.
        link: where it leads.
        note: shown on hover, for example why a value is unknown.
    """

    text: str
    tone: Tone | None = None
    link: str | None = None
    note: str | None = None


def question(title: str, answer: str) -> None:
    """Write the page's question and the sentence that answers it.

    Args:
        title: the question a user has.
        answer: HTML; figures in `<b>`, everything from outside already escaped.
    """
    st.title(title, anchor=False)
    st.html(f'<p class="ifp-answer">{answer}</p>')


def key_figures(figures: Sequence[KeyFigure]) -> None:
    """Show the key figures side by side; two by two where the page is narrow."""
    shown = figures[:_MAX_KEY_FIGURES]
    with st.container(key="key-figures"):
        slots = st.columns(len(shown))
    for slot, figure in zip(slots, shown, strict=True):
        slot.metric(figure.label, figure.value, help=figure.note)


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell | str]],
    *,
    caption: str,
    total: Sequence[str] | None = None,
) -> None:
    """Show a small table in full; wide ones scroll inside their own frame, also by keyboard.

    Args:
        columns: headers in order.
        rows: cells in order; texts are escaped here.
        caption: what the table holds, in one line.
        total: a last row that sums the others.
    """
    st.html(table_html(columns, rows, caption=caption, total=total))


def table_html(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell | str]],
    *,
    caption: str,
    total: Sequence[str] | None = None,
) -> str:
    """Return a table as HTML; see `table`."""
    head = "".join(
        f'<th scope="col"{_kind(column)}>{escape(column.title)}</th>' for column in columns
    )
    body = "".join(_row(columns, row) for row in rows)
    if total is not None:
        body += _row(columns, total, "total")
    return (
        f'<div class="ifp-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="ifp-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def mark(text: str, tone: Tone) -> str:
    """Return a short coloured mark as HTML; the word alone carries the meaning too."""
    return f'<span class="ifp-mark {tone}">{escape(text)}</span>'


def term(word: str, meaning: str) -> str:
    """Return a term of the field with its meaning on hover, as HTML."""
    return f'<abbr class="ifp-term" title="{escape(meaning)}">{escape(word)}</abbr>'


def in_one_piece(value: date | None) -> str:
    """Return a date that no line breaks, as HTML."""
    return f'<span class="ifp-nb">{day(value)}</span>'


def note(title: str, *lines: str, tone: Tone = "rest") -> None:
    """Show an empty state or an error: what it is, what it means here, the next step."""
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    st.html(f'<div class="ifp-note {tone}" role="status"><p><b>{escape(title)}</b></p>{body}</div>')


def footer(snapshot: Snapshot, computed: str, verified: str) -> None:
    """End the page with where its figures come from.

    Args:
        snapshot: the snapshot all figures were read from.
        computed: the tables they were computed from.
        verified: what is known about the ledger's verification.
    """
    publication = snapshot.origin
    stale = (
        f" · {mark('stale: last good version of this tenant', 'attention')}"
        if snapshot.is_stale
        else ""
    )
    st.html(
        '<p class="ifp-footer">'
        f"Snapshot <b>{escape(snapshot.snapshot_id)}</b>{stale} · "
        f"as of {escape(moment(publication.as_of))} · computed from {escape(computed)} · "
        f"published by ledger entry {publication.ledger_index:,} on "
        f"{escape(day(publication.recorded_at))} · "
        f'{escape(verified)} (<a href="audit" target="_self">how this is proven</a>)</p>'
    )


def _row(columns: Sequence[Column], row: Sequence[Cell | str], kind: str = "") -> str:
    cells = "".join(
        f"<td{_kind(column)}>{_content(cell)}</td>"
        for column, cell in zip(columns, row, strict=True)
    )
    return f'<tr class="{kind}">{cells}</tr>' if kind else f"<tr>{cells}</tr>"


def _content(cell: Cell | str) -> str:
    if isinstance(cell, str):
        return escape(cell or UNKNOWN)
    text = mark(cell.text, cell.tone) if cell.tone else escape(cell.text)
    if cell.note:
        text = f'<span title="{escape(cell.note)}">{text}</span>'
    if cell.link:
        text = f'<a href="{escape(cell.link)}" target="_self">{text}</a>'
    return text


def _kind(column: Column) -> str:
    if column.is_figure:
        return ' class="n"'
    return ' class="c"' if column.is_code else ""
