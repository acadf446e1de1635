"""The frame of a page: question and answer at its head, smaller questions, the line at its foot."""

from datetime import date
from html import escape

import streamlit as st

from apps.dashboard.layout.tones import mark
from apps.look import day, moment
from apps.warehouse import Snapshot

__all__ = ["closing", "footer", "heading", "in_one_piece", "mark", "question", "term"]


def question(title: str, answer: str) -> None:
    """Write the page's question and the sentence that answers it.

    Args:
        title: the question a user has.
        answer: HTML; figures in `<b>`, everything from outside already escaped.
    """
    st.title(title, anchor=False)
    st.html(f'<p class="ifp-answer">{answer}</p>')


def heading(text: str, says: str = "") -> None:
    """Write a smaller question within the page, with a line that answers or explains it.

    Args:
        text: the question, in sentence case.
        says: plain text under it, escaped here.
    """
    st.subheader(text, anchor=False)
    if says:
        st.html(f'<p class="ifp-says">{escape(says)}</p>')


def term(word: str, meaning: str) -> str:
    """Return a term of the field with its meaning on hover, as HTML."""
    return f'<abbr class="ifp-term" title="{escape(meaning)}">{escape(word)}</abbr>'


def in_one_piece(value: date | None) -> str:
    """Return a date that no line breaks, as HTML."""
    return f'<span class="ifp-nb">{day(value)}</span>'


def closing(computed: str, verified: str) -> None:
    """End a page that stands on no snapshot with where its figures come from.

    Args:
        computed: what they were computed from.
        verified: what is known about the ledger's verification.
    """
    st.html(
        f'<p class="ifp-footer">Computed from {escape(computed)} · {escape(verified)} '
        '(<a href="audit" target="_self">how this is proven</a>)</p>'
    )


def footer(snapshot: Snapshot, computed: str, verified: str) -> None:
    """End the page with where its figures come from.

    Args:
        snapshot: the snapshot all figures were read from.
        computed: the tables they were computed from.
        verified: what is known about the ledger's verification; see `proof.verification_line`.
    """
    publication = snapshot.origin
    stale = (
        f" · {mark('stale: last good version of this tenant', 'attention')}"
        if snapshot.is_stale
        else ""
    )
    tenant = escape(snapshot.tenant_id)
    st.html(
        '<p class="ifp-footer">'
        f"Snapshot <b>{escape(snapshot.snapshot_id)}</b>{stale} · "
        f"as of {escape(moment(publication.as_of))} · computed from {escape(computed)} · "
        f"published by ledger entry {publication.ledger_index:,} on "
        f"{escape(day(publication.recorded_at))} · "
        f'{escape(verified)} (<a href="audit?tenant={tenant}" target="_self">how this is proven'
        "</a>)</p>"
    )
