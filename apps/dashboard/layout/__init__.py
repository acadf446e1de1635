"""The parts every page is made of; pages compose them and write no HTML or CSS of their own.

A page reads top to bottom as one argument::

    question(title, answer)      the question a user has, and one sentence that answers it
    filters.bar(…)               what to look at; every choice stands in the page's address
    key_figures([…])             at most four figures, three significant digits, a note under each
    heading("How old is it?")    a smaller question; then one picture and the table it summarises
    charts.show(chart, in_words) a chart of `apps.dashboard.charts` with its text alternative
    table([Column …], rows)      exact values, figures right-aligned
    paged(total, …), pages(…)    which rows of a long list to read in SQL; the control under it
    offer(snapshot, …)           a file to take away, only for roles with the EXPORT permission
    onwards([Way …])             the way to the next page, keeping tenant and filters
    footer(snapshot, …)          snapshot, as-of time, how computed, verified or not

States instead of a figure: `empty` (what would be here, how to get it there), `note` with tone
`attention` or `act` (what happened, what it means, what next), `working` (what is being computed),
`failure` (any foreseeable exception as a page of its own; `app.py` calls it for every page).

Deep links: `address("decisions", snapshot, outcome="refer")` gives the address of a page with the
tenant and filters in it, for cells of tables; `Way` does the same for `onwards`. A page reads its
filters with `filters.bar`, which takes them from the address and writes them back.

A page module calls its `show()` at the end, asks `session.snapshot(Permission.…)` first, reads
through `session.remembered(question, snapshot, …)`, and is listed in `app.py` in one line.
Texts from outside are escaped by `table`, `key_figures`, `note` and `empty`; only `question` takes
HTML for its answer, so use `html.escape` there.
"""

from apps.dashboard.layout.downloads import offer
from apps.dashboard.layout.figures import KeyFigure, key_figures
from apps.dashboard.layout.filters import Choice, Search
from apps.dashboard.layout.links import Way, address, onwards
from apps.dashboard.layout.page import (
    closing,
    footer,
    heading,
    in_one_piece,
    mark,
    question,
    term,
)
from apps.dashboard.layout.states import empty, failure, note, working
from apps.dashboard.layout.tables import Cell, Column, Paging, paged, pages, table, table_html
from apps.dashboard.layout.tones import Tone

__all__ = [
    "Cell",
    "Choice",
    "Column",
    "KeyFigure",
    "Paging",
    "Search",
    "Tone",
    "Way",
    "address",
    "closing",
    "empty",
    "failure",
    "footer",
    "heading",
    "in_one_piece",
    "key_figures",
    "mark",
    "note",
    "offer",
    "onwards",
    "paged",
    "pages",
    "question",
    "table",
    "table_html",
    "term",
    "working",
]
