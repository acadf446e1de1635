"""One task of the queue: what it was to do, why it was given up, and what people ask about it."""

import json
from html import escape

import streamlit as st

from apps import commands, dead_letters
from apps.access import Permission
from apps.commands import CommandState
from apps.dashboard import asked, operations, session
from apps.dashboard.layout import (
    Column,
    Way,
    empty,
    heading,
    note,
    onwards,
    question,
    table,
)
from apps.freshness import age_text
from apps.look import count, moment, plural
from apps.warehouse import Snapshot
from ledger import backlog
from ledger.backlog import QueuedTask

_MONEY = (
    "It moves money, so two people have to ask for the same. The first request waits in the "
    "ledger; the worker acts with the second."
)


def show(snapshot: Snapshot, number: str) -> None:
    """Show one task of the tenant."""
    task = None
    if number.isdigit():
        task = backlog.by_id(session.ledger(), int(number), now=operations.now())
    if task is None or task.tenant_id != snapshot.tenant_id:
        st.title("There is no such task", anchor=False)
        empty(f"The queue of this tenant holds no task {number}.")
    else:
        _show(task)
    onwards(snapshot, [Way("The whole queue", "queue")])


def _show(task: QueuedTask) -> None:
    question("What happened to this task?", _answer(task))
    table(
        [Column("Fact"), Column("Value", is_code=True)],
        [
            ["Task", f"{task.id}, {task.kind}"],
            ["Idempotency key", task.idempotency_key],
            ["Asked for at", moment(task.created_at)],
            ["Last changed at", moment(task.updated_at)],
            ["Attempts", count(task.attempts)],
            ["Last reason", task.reason or "–"],
        ],
        caption="As it stands in the queue",
    )
    with st.expander("What it was given"):
        st.code(json.dumps(task.payload, indent=2), language="json", wrap_lines=True)
    states = commands.recent(
        session.ledger(), task.tenant_id, dead_letters.ASKED, about=task.idempotency_key
    )
    if states:
        heading("What was asked about it?")
        asked.follow(task.tenant_id, states[0], _done)
        if states[0].is_moving:
            operations.worker_note()
        if len(states) > 1:
            asked.history(states, _named)
    if task.standing == "dead":
        _settle(task, states)


def _answer(task: QueuedTask) -> str:
    what = f"<b>{escape(dead_letters.kind_text(task.kind))}</b>"
    ago = age_text(operations.now() - task.updated_at)
    reason = f": <b class='long'>{escape(task.reason.rstrip('. '))}</b>" if task.reason else ""
    told = {
        "waiting": f"waits to be done; it was asked for {ago} ago",
        "leased": f"is being worked on since {ago}",
        "retrying": f"failed {plural(task.attempts, 'time')} and is tried again{reason}",
        "dead": f"was given up {ago} ago after {plural(task.attempts, 'attempt')}{reason}",
        "done": f"was done {ago} ago",
        "closed": f"was closed without being done {ago} ago{reason}",
    }[task.standing]
    return f"{what} {told}."


def _settle(task: QueuedTask, states: list[CommandState]) -> None:
    heading("What should be done?")
    viewer = operations.viewer()
    if not viewer.may(Permission.SETTLE_TASKS, task.tenant_id):
        note("Trying it again or closing it needs the operator or the compliance role.")
        return
    waiting = dead_letters.waiting_for_second(states, task)
    own = [one for one in waiting if one.asked_by == viewer.user_id]
    if dead_letters.moves_money(task):
        _four_eyes(waiting, own)
    is_moving = any(one.is_moving for one in states)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="settle"):
        again = st.button(
            _label("try it again", waiting, own, commands.DEAD_LETTER_REPLAYED, task),
            type="primary",
            disabled=is_moving or _asked(own, commands.DEAD_LETTER_REPLAYED),
            help="Begins at its first attempt, with the same idempotency key: the counterpart "
            "does nothing twice.",
        )
        reason = st.text_input(
            "Reason for closing it", placeholder="For example: paid by hand, reference 123"
        )
        closed = st.button(
            _label("close without doing it", waiting, own, commands.DEAD_LETTER_CLOSED, task),
            disabled=is_moving or _asked(own, commands.DEAD_LETTER_CLOSED),
            help="It is then never done. This cannot be undone.",
        )
    st.caption("Closing cannot be undone; trying again can be asked for as often as needed.")
    if again:
        operations.ask(dead_letters.replay(viewer, task))
        st.rerun()
    if closed and not reason.strip():
        note("Say why it is not to be done; the reason is kept in the ledger.", tone="attention")
    elif closed:
        operations.ask(dead_letters.close(viewer, task, reason))
        st.rerun()


def _four_eyes(waiting: list[CommandState], own: list[CommandState]) -> None:
    if not waiting:
        note("Two people are needed.", _MONEY)
        return
    for one in waiting:
        what = "try it again" if one.kind == commands.DEAD_LETTER_REPLAYED else "close it"
        yours = "You have" if one in own else f"{one.asked_by} has"
        then = (
            "Another person with the operator or compliance role has to ask for the same."
            if one in own
            else "If you ask for the same, it is done."
        )
        note(f"{yours} asked to {what}.", then, tone="attention")


def _label(
    what: str, waiting: list[CommandState], own: list[CommandState], kind: str, task: QueuedTask
) -> str:
    """Say on the button what pressing it leads to."""
    if not dead_letters.moves_money(task):
        return what[0].upper() + what[1:]
    is_second = any(one.kind == kind and one not in own for one in waiting)
    return f"Agree: {what}" if is_second else f"Ask to {what}"


def _asked(own: list[CommandState], kind: str) -> bool:
    return any(one.kind == kind for one in own)


def _named(state: CommandState) -> str:
    return "Try again" if state.kind == commands.DEAD_LETTER_REPLAYED else "Close"


def _done(state: CommandState) -> str:
    if state.kind == commands.DEAD_LETTER_REPLAYED:
        return "It is open again; the worker carries it out."
    return "It is closed and will not be done."
