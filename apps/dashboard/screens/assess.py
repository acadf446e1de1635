"""What is my book worth? A file of receivables, assessed like every other source; nothing decided.

upload ─► var/inbox ─► command `assess_requested` ─► worker ─► figures and reports on this page
"""

from datetime import date
from html import escape

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from apps import assessments, commands
from apps.access import Permission, User
from apps.assessments import UploadRefusedError
from apps.commands import CommandState
from apps.dashboard import asked, assessed, operations, session
from apps.dashboard.layout import Cell, closing, empty, heading, note, question
from apps.dashboard.proof import verification_line

TITLE = "What is my book worth?"
SOURCES = "the uploaded file alone; nothing is decided, reserved or paid"
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "CAD", "AUD")
_AS_WRITTEN = "As the file says"
_ASKED = "asked"
_LATEST = 8


def show() -> None:
    """Show the page."""
    viewer = session.viewer()
    tenant_id = session.tenant(viewer)
    viewer.require(Permission.ASSESS, tenant_id)
    state = _chosen(tenant_id)
    found = assessments.answer(session.settings().assessments, state) if state else None
    if found is not None and state is not None:
        assessed.show(TITLE, found, str(state.body.get("name", "")))
    else:
        question(TITLE, _offer())
        if state is not None:
            _progress(tenant_id, state)
    _upload(viewer, tenant_id, state)
    _earlier(tenant_id)
    closing(SOURCES, verification_line())


def _offer() -> str:
    return (
        "Upload a list of invoices as <b>CSV or Excel</b>, as any accounting program exports it: "
        "columns in any order, names and dates in the common forms; a single invoice also as UBL "
        "or CII. The answer says what is owed and how old it is, what is eligible and why the rest "
        "is not, and the advance on offer. "
        "It is indicative: nothing is decided or paid."
    )


def _chosen(tenant_id: str) -> CommandState | None:
    """Return the assessment that the address names, if the tenant asked for it."""
    named = st.query_params.get(_ASKED)
    found = commands.state(session.ledger(), tenant_id, named) if named else None
    return found if found is not None and found.kind == commands.ASSESS_REQUESTED else None


def _progress(tenant_id: str, state: CommandState) -> None:
    name = str(state.body.get("name", "the file"))
    heading(f"Assessing {name}" if state.is_moving else f"What became of {name}?")
    if state.is_moving:
        operations.worker_note()
    asked.follow(tenant_id, state, _done, assessments.on_page, before=_bar)


_PARTS = {"queued": 0.1, "retrying": 0.2, "running": 0.5}


def _bar(state: CommandState) -> None:
    running = "Reading the file, building its marts, scoring every open invoice"
    waiting = "Kept and asked for; a worker takes it next"
    st.progress(_PARTS.get(state.phase, 1.0), text=running if state.phase == "running" else waiting)


def _done(state: CommandState) -> str:
    return "It was assessed, but its answer is not in this machine's folder any more."


def _upload(viewer: User, tenant_id: str, state: CommandState | None) -> None:
    if state is None:
        heading("Which file?")
    else:
        heading(
            "Look at it otherwise, or assess another file",
            f"Without a new file, {state.body.get('name')} is assessed again with these options.",
        )
    before = str(state.body.get("currency") or "") if state else ""
    known = [*CURRENCIES, *([before] if before and before not in CURRENCIES else [])]
    with st.form("upload", border=False):
        given = st.file_uploader(
            "Invoices as CSV or Excel",
            type=list(assessments.SUFFIXES),
            help="One row per invoice or credit note. The bytes are kept once, by their hash.",
        )
        with st.container(horizontal=True, gap="medium", key="assess-options"):
            currency = st.selectbox(
                "Currency of amounts",
                [_AS_WRITTEN, *known],
                index=known.index(before) + 1 if before in known else 0,
                accept_new_options=True,
                help="Needed only where the file names none. Three letters, as in EUR.",
            )
            as_of = st.date_input(
                "As of",
                value=_day(state),
                max_value="today",
                format="YYYY-MM-DD",
                help="The day the book is looked at. Without it: the latest day anything in the "
                "file happened.",
            )
        pressed = st.form_submit_button("Assess this file", type="primary")
    if pressed:
        chosen = None if currency == _AS_WRITTEN else currency
        _take(tenant_id, viewer, given, state, chosen, as_of)


def _day(state: CommandState | None) -> date | None:
    told = state.body.get("as_of") if state else None
    return date.fromisoformat(str(told)) if told else None


def _take(
    tenant_id: str,
    viewer: User,
    given: UploadedFile | None,
    before: CommandState | None,
    currency: str | None,
    as_of: date | tuple[date, ...] | None,
) -> None:
    if given is None and before is None:
        note("Choose a file first.", tone="attention")
        return
    try:
        if given is not None:
            kept = assessments.keep(session.settings().inbox, given.name, given.getvalue())
        elif before is not None:
            kept = assessments.kept(before)
        wanted = currency.strip().upper() if currency else None
        day = as_of if isinstance(as_of, date) else None
        command = assessments.request(tenant_id, kept, wanted, day)
    except UploadRefusedError as error:
        note("This file cannot be assessed as it is.", str(error), tone="attention")
        return
    st.query_params[_ASKED] = commands.ask(session.ledger(), viewer, command)
    st.rerun()


def _earlier(tenant_id: str) -> None:
    found = commands.recent(
        session.ledger(), tenant_id, (commands.ASSESS_REQUESTED,), limit=_LATEST
    )
    heading("What was assessed before?")
    if not found:
        empty("No file was assessed for this tenant yet.", "Each one stays here with its answer.")
        return

    def about(state: CommandState) -> Cell:
        body = state.body
        parts = [body.get("name"), body.get("currency")]
        parts.append(f"as of {body['as_of']}" if body.get("as_of") else None)
        return Cell(
            " · ".join(str(part) for part in parts if part),
            link=f"assess?tenant={escape(tenant_id)}&{_ASKED}={state.command_id}",
        )

    asked.history(found, about)


show()
