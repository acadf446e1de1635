"""Tables: exact values, figures to the right, wide ones scroll in their own frame also by keyboard.

Small tables stand whole; long lists go through `paged`, which reads one page of rows in SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from apps.dashboard.layout.tones import Tone, mark
from apps.look import UNKNOWN, plural

_PPM = 1_000_000
_PAGE = "page"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        title: the header, with its unit.
        is_figure: right-aligned with tabular figures.
        is_code: a hash or key, which may break anywhere.
        is_extra: left out where the page is narrow; never the only place of a fact.
    """

    title: str
    is_figure: bool = False
    is_code: bool = False
    is_extra: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell that is more than plain text.

    Attributes:
        text: what is read.
        tone: drawn as a mark of this tone.
        link: where it leads.
        note: shown on hover, for example why a value is unknown.
        flag: a mark after the text, for the rare row that has something to say.
        share_ppm: drawn as a thin bar before the text, a million being the whole width.
    """

    text: str
    tone: Tone | None = None
    link: str | None = None
    note: str | None = None
    flag: tuple[str, Tone] | None = None
    share_ppm: int | None = None


@dataclass(frozen=True)
class Paging:
    """Which rows of a long list to read.

    Attributes:
        limit: rows of a page.
        offset: rows before it.
        said: which rows these are, for the caption.
    """

    limit: int
    offset: int
    said: str


def paged(total: int, noun: str, *, page: str, limit: int = 50) -> Paging:
    """Say which page of a long list to read; `pages` shows the control under the table.

    Args:
        total: rows of the whole list.
        noun: what a row is, in the singular.
        page: name of the page, so that lists do not share their place.
        limit: rows of a page.
    """
    number = _number(page, _last(total, limit))
    offset = (number - 1) * limit
    said = (
        f"{offset + 1:,}–{min(offset + limit, total):,} of {plural(total, noun)}"
        if total > limit
        else plural(total, noun)
    )
    return Paging(limit, offset, said)


def pages(total: int, *, page: str, limit: int = 50) -> None:
    """Show the control that turns the pages of a long list; nothing where one page holds all."""
    last = _last(total, limit)
    number = _number(page, last)
    if last > 1:
        st.pagination(last, key=f"{page}-page", max_visible_pages=5)
    if number > 1:
        st.query_params[_PAGE] = str(number)
    else:
        st.query_params.pop(_PAGE, None)


def first_page(page: str) -> None:
    """Go back to the first page of a list, since another list is shown now."""
    st.session_state[f"{page}-page"] = 1


def _last(total: int, limit: int) -> int:
    return max(1, -(-total // limit))


def _number(page: str, last: int) -> int:
    """Return the page of a list to show: as chosen, at first as the address says."""
    key = f"{page}-page"
    asked = st.query_params.get(_PAGE, "1")
    wanted = int(st.session_state.get(key, asked if asked.isdecimal() else "1"))
    number = min(max(1, wanted), last)
    if st.session_state.get(key) != number:
        st.session_state[key] = number
    return number


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
    if cell.flag:
        text += f" {mark(*cell.flag)}"
    if cell.share_ppm is not None:
        width = min(max(cell.share_ppm, 0), _PPM) * 100 // _PPM
        bar = f'<span class="ifp-bar" aria-hidden="true"><i style="width:{width}%"></i></span>'
        text = bar + text
    return text


def _kind(column: Column) -> str:
    kinds = [
        name
        for name, applies in (
            ("n", column.is_figure),
            ("c", column.is_code),
            ("x", column.is_extra),
        )
        if applies
    ]
    return f' class="{" ".join(kinds)}"' if kinds else ""
