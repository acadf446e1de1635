"""One record in quarantine: why it is there, what it says, and its correction.

reason and place (snapshot) ─► its bytes, by role (warehouse) ─► corrected text ─► command
"""

import json
from datetime import datetime
from html import escape

import msgspec
import streamlit as st

from apps import commands, quarantine
from apps.access import Permission
from apps.access.quarantine import HeldRecord, WarehouseBusyError, held_record
from apps.commands import CommandState
from apps.dashboard import asked, operations, session
from apps.dashboard.layout import (
    Cell,
    Column,
    Way,
    empty,
    heading,
    note,
    onwards,
    question,
    table,
)
from apps.look import count, moment, plural
from apps.warehouse import Snapshot

_LONGEST = 200_000
_HEIGHT = 320


def show(snapshot: Snapshot, quarantine_id: str) -> None:
    """Show one record of the tenant."""
    found = quarantine.record(snapshot, quarantine_id)
    if found is None:
        st.title("This record is not in quarantine", anchor=False)
        empty(
            "The tenant has no such record in this snapshot.",
            "It may belong to another tenant, or it was held back after this snapshot was "
            "published.",
        )
    else:
        _show(snapshot, found)
    onwards(snapshot, [Way("All records that were not taken in", "quality")])


def _show(snapshot: Snapshot, found: dict[str, object]) -> None:
    reason = quarantine.reason_text(str(found["reason_code"]))
    quarantine_id = str(found["quarantine_id"])
    states = commands.recent(
        session.ledger(), snapshot.tenant_id, (commands.QUARANTINE_CORRECTED,), about=quarantine_id
    )
    is_landed = any(one.phase == "done" for one in states)
    question("Why was this record not taken in?", _answer(found, reason, is_landed=is_landed))
    _facts(found, reason)
    if states:
        heading("What became of the correction?")
        asked.follow(snapshot.tenant_id, states[0], _done)
        if states[0].is_moving:
            operations.worker_note()
    heading("What does it say?")
    _text(snapshot, quarantine_id, states[0] if states else None)


def _answer(found: dict[str, object], reason: str, *, is_landed: bool) -> str:
    where = f"<b>{escape(str(found['entity']).replace('_', ' '))}</b>"
    ended = found["resolution"]
    rest = "It waits for a correction."
    if ended == "replayed":
        rest = "It was corrected and landed."
    elif ended:
        rest = "The source has sent a good version since."
    elif is_landed:
        rest = "Its correction has landed since this snapshot."
    detail = escape(quarantine.detail_text(str(found["detail"])))
    return (
        f"{escape(reason)}: <b class='long'>{detail}</b>. It came with the "
        f"{where} of <b>{escape(str(found['connection_id']))}</b>. {rest}"
    )


def _facts(found: dict[str, object], reason: str) -> None:
    position = int(str(found["position"]))
    whole = "the whole page: nothing in it could be told apart"
    read_at = found["fetched_at"]
    table(
        [Column("Fact"), Column("Value", is_code=True)],
        [
            ["Reason", f"{found['reason_code']}: {reason}"],
            ["Record", _known(found["record_id"], "its id could not be read")],
            ["Came from", str(found["endpoint"])],
            ["Place", whole if position < 0 else f"row {position + 1:,} of what was sent"],
            ["Page, SHA-256", str(found["page_sha256"])],
            ["Read at", moment(read_at) if isinstance(read_at, datetime) else "–"],
        ],
        caption="Where it came from; the page's hash leads to the bytes the source sent",
    )


def _known(value: object, why: str) -> Cell:
    return Cell(str(value)) if value else Cell("–", note=why)


def _text(snapshot: Snapshot, quarantine_id: str, last: CommandState | None) -> None:
    viewer = operations.viewer()
    if not viewer.may(Permission.SEE_QUARANTINED_TEXT, snapshot.tenant_id):
        note(
            "What it says is hidden: it may name people.",
            "The operator and the compliance role see it and correct it.",
        )
        return
    settings = session.settings()
    try:
        held = held_record(
            viewer,
            snapshot.tenant_id,
            quarantine_id,
            warehouse=settings.warehouse,
            lock=settings.warehouse_lock,
        )
    except WarehouseBusyError as error:
        note(
            "It cannot be read at this moment.",
            f"{str(error).capitalize()}; what is known above stays true.",
            tone="attention",
        )
        st.button("Try again")
        return
    if held is None or held.text is None:
        note(
            "Its bytes are not kept any more.",
            "They were erased, or the warehouse was built anew since this snapshot.",
        )
        return
    _editor(snapshot, quarantine_id, held, last)


def _editor(
    snapshot: Snapshot, quarantine_id: str, held: HeldRecord, last: CommandState | None
) -> None:
    text = held.text or ""
    if held.encoding != "utf-8":
        note(
            "Its bytes are no UTF-8; they are shown as Windows-1252.",
            "Check letters with accents before it is landed.",
            tone="attention",
        )
    if held.replayed_at is not None:
        st.code(_pretty(text), language="json", wrap_lines=True)
        return
    if len(text) > _LONGEST:
        st.code(text[:_LONGEST], language=None, wrap_lines=True, height=_HEIGHT)
        note(
            f"It is {plural(len(text), 'character')} long, too long to be edited here.",
            "Correct it in a file and land it: ifp quarantine replay ID FILE",
        )
        return
    edited = st.text_area(
        "The record, as JSON",
        _pretty(text),
        height=_HEIGHT,
        key=f"text-{quarantine_id}",
        help="A page that was refused as a whole is a JSON array of its records. Correct what is "
        "wrong and leave the rest as it is.",
    )
    problem = _problem(edited, text)
    st.caption(problem or f"{plural(len(edited), 'character')}, well-formed JSON.")
    is_waiting = last is not None and last.is_moving
    if st.button(
        "Correct and replay",
        type="primary",
        disabled=problem is not None or is_waiting,
        help="Appends your correction, encrypted, to the ledger; the worker lands it through the "
        "same door as everything else. The original bytes stay.",
    ):
        operations.ask(
            quarantine.correction(snapshot.tenant_id, quarantine_id, _as_sent(edited, text))
        )
        st.rerun()


def _problem(edited: str, original: str) -> str | None:
    """Say why a text cannot be replayed yet; none when it can."""
    try:
        json.loads(edited)
    except json.JSONDecodeError as error:
        return (
            f"Not well-formed yet: {error.msg} in line {count(error.lineno)}, "
            f"column {count(error.colno)}."
        )
    if edited.strip() == _pretty(original).strip():
        return "Nothing is changed yet; the same text would be refused for the same reason."
    return None


def _pretty(text: str) -> str:
    """Break a record into lines without touching any of its values; leave what is no JSON."""
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.DecodeError:
        return text


def _as_sent(edited: str, original: str) -> str:
    """Write a correction as densely as the source writes its records."""
    try:
        is_dense = msgspec.json.format(original, indent=-1) == original
    except msgspec.DecodeError:
        is_dense = True
    return msgspec.json.format(edited, indent=-1) if is_dense else edited


def _done(state: CommandState) -> str:
    landed, known = int(state.body.get("landed", 0)), int(state.body.get("unchanged", 0))
    if landed:
        return "Landed. The next run takes it into the figures."
    return "It was known already, so nothing new was landed." if known else "Carried out."
