"""The bar of filters: what to look at, always told in the page's address too.

    address ──first view, or a link──► widgets ──every change──► address

So a page with its filters can be sent to somebody, who sees the same if they may.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from apps.dashboard.layout.tables import first_page

_ANY = ""


@dataclass(frozen=True)
class Choice:
    """A filter with a list of values.

    Attributes:
        name: its name in the address.
        label: what it chooses.
        options: value to what is read, in order.
        every: what is read where nothing is chosen; with none, the first option is the default.
        help: shown on hover.
    """

    name: str
    label: str
    options: Mapping[str, str]
    every: str | None = "All"
    help: str | None = None


@dataclass(frozen=True)
class Search:
    """A filter by text.

    Attributes:
        name: its name in the address.
        label: what is searched.
        hint: shown while it is empty.
    """

    name: str
    label: str
    hint: str = "Part of it is enough"


def bar(page: str, fields: Sequence[Choice | Search]) -> dict[str, str]:
    """Show the filters side by side and return what is chosen, by name; any is the empty text.

    Args:
        page: the page's name, so that pages do not share their filters.
        fields: filters in order.
    """
    with st.container(
        horizontal=True, gap="small", vertical_alignment="bottom", key=f"filters-{page}"
    ):
        chosen = {field.name: _shown(page, field) for field in fields}
        narrowed = {f.name for f in fields if chosen[f.name] != _default(f)}
        if narrowed:
            st.button(
                "Clear filters", type="tertiary", key=f"{page}-clear", on_click=_clear,
                args=(page, [(field.name, _default(field)) for field in fields]),
            )  # fmt: skip
    before = st.session_state.get(f"{page}-chosen", chosen)
    if before != chosen:
        first_page(page)
    st.session_state[f"{page}-chosen"] = chosen
    for field in fields:
        _tell(page, field.name, chosen[field.name] if field.name in narrowed else _ANY)
    return chosen


def _shown(page: str, field: Choice | Search) -> str:
    key = f"{page}-{field.name}"
    _follow_address(page, field, key)
    if isinstance(field, Search):
        return str(st.text_input(field.label, key=key, placeholder=field.hint)).strip()
    options = [*([] if field.every is None else [_ANY]), *field.options]
    picked = st.selectbox(
        field.label,
        options,
        key=key,
        format_func=lambda value: field.options.get(value, field.every or _ANY),
        help=field.help,
    )
    return picked or _default(field)


def _follow_address(page: str, field: Choice | Search, key: str) -> None:
    """Take the value from the address at the first view, and whenever a link changed it."""
    asked = st.query_params.get(field.name, _ANY)
    told = f"{page}-{field.name}-told"
    if st.session_state.get(told) == asked and _fits(field, st.session_state.get(key)):
        return
    is_known = isinstance(field, Search) or asked in field.options
    st.session_state[key] = asked if asked and is_known else _default(field)
    st.session_state[told] = asked


def _fits(field: Choice | Search, value: object) -> bool:
    """Tell whether a remembered value can still be chosen; options change with the snapshot."""
    if isinstance(field, Search):
        return isinstance(value, str)
    return value in field.options or (field.every is not None and value == _ANY)


def _default(field: Choice | Search) -> str:
    if isinstance(field, Search) or field.every is not None:
        return _ANY
    return next(iter(field.options), _ANY)


def _tell(page: str, name: str, value: str) -> None:
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)
    st.session_state[f"{page}-{name}-told"] = value


def _clear(page: str, defaults: list[tuple[str, str]]) -> None:
    for name, value in defaults:
        st.session_state[f"{page}-{name}"] = value
