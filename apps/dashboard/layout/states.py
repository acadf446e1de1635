"""What a page shows instead of figures: nothing there, something wrong, still computing."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import streamlit as st

from apps.access import AccessRefusedError
from apps.dashboard.layout.tones import Tone
from apps.warehouse import NothingPublishedError, SnapshotMissingError


def note(title: str, *lines: str, tone: Tone = "rest") -> None:
    """Show a state in words: what it is, what it means for the figures, the next step."""
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    st.html(f'<div class="ifp-note {tone}" role="status"><p><b>{escape(title)}</b></p>{body}</div>')


def empty(title: str, *lines: str, command: str | None = None) -> None:
    """Show that there is nothing, what would be here, and the command that gets it there.

    Args:
        title: what is not there, as a sentence.
        lines: what would be here.
        command: the command to run, shown so that it can be copied.
    """
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    if command:
        body += f"<p>To get it there: <code>{escape(command)}</code></p>"
    st.html(f'<div class="ifp-empty" role="status"><p><b>{escape(title)}</b></p>{body}</div>')


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show what is being computed, with the time it takes, while the block runs."""
    with st.spinner(f"{what} …", show_time=True):
        yield


def failure(error: Exception) -> None:
    """Show why a page has no figures: what happened, what it means, the next step."""
    if isinstance(error, NothingPublishedError):
        st.title("Nothing is published yet", anchor=False)
        empty(
            "The figures of this page come from a published snapshot, and there is none.",
            "A run ingests, decides, proves and then publishes; this page shows the snapshot as "
            "soon as its ledger entry exists.",
            command="ifp run",
        )
    elif isinstance(error, SnapshotMissingError):
        st.title("The published snapshot is missing", anchor=False)
        note(
            "The ledger names a snapshot that is not on disk, so no figure can be shown.",
            str(error),
            tone="act",
        )
    elif isinstance(error, AccessRefusedError):
        st.title("No access", anchor=False)
        note("There is nothing here that you were granted.", str(error), tone="attention")
    else:
        st.title("This page cannot be computed", anchor=False)
        cause = str(error.__cause__ or "").partition("\n")[0]
        note(
            "No figure is shown, since it could be wrong.",
            str(error),
            *([f"For whoever looks into it: {cause}"] if cause else []),
            tone="act",
        )
