"""Ways from one page to another that keep the tenant and the filters in the address."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import streamlit as st

from apps.warehouse import Snapshot

TENANT = "tenant"
FIRST = "portfolio"
"""The page that the server's own address shows."""


@dataclass(frozen=True)
class Way:
    """A way onwards.

    Attributes:
        label: what the reader finds there, without an arrow.
        page: the module of the page below `screens/`, without its ending.
        filters: filters to set there, by their names in the address.
    """

    label: str
    page: str
    filters: dict[str, str] = field(default_factory=dict)


def address(page: str, snapshot: Snapshot, **filters: str) -> str:
    """Return the relative address of a page with tenant and filters, for links in tables."""
    wanted = {TENANT: snapshot.tenant_id} | {k: v for k, v in filters.items() if v}
    return f"{'./' if page == FIRST else page}?{urlencode(wanted)}"


def onwards(snapshot: Snapshot, ways: Sequence[Way]) -> None:
    """Show where to go next, side by side; one below the other where the page is narrow."""
    with st.container(horizontal=True, gap="medium", key="onwards"):
        for way in ways:
            st.page_link(
                f"screens/{way.page}.py",
                label=f"{way.label} →",
                query_params={TENANT: snapshot.tenant_id, **way.filters},
            )
