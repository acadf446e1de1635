"""Files to take away: offered only to roles that may export, made only when they are asked for."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from apps.dashboard import session
from apps.warehouse import Snapshot


def offer(snapshot: Snapshot, label: str, name: str, rows: Callable[[], pl.DataFrame]) -> None:
    """Offer rows as a CSV file, if the reader's role has the EXPORT permission.

    The file is computed when the button is pressed, so a page costs nothing for it.

    Args:
        snapshot: where the rows come from; its id is part of the file's name.
        label: what is taken away, such as `Download 1,204 decisions as CSV`.
        name: first word of the file's name.
        rows: computes the rows; called outside the page's run.
    """
    if not session.may_export(snapshot.tenant_id):
        return
    st.download_button(
        label,
        lambda: rows().write_csv().encode(),
        file_name=f"{name}-{snapshot.tenant_id}-{snapshot.snapshot_id}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"download-{name}",
    )
