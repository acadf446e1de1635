"""What became of what was asked: a command's state in words, followed until it ends.

command entry ─► queued ─► running ─► done · refused · waiting for a second person
                            └► retrying ─► given up (a dead letter)
"""

from collections.abc import Callable, Sequence

import streamlit as st

from apps import commands
from apps.commands import CommandState, Phase
from apps.dashboard import operations, session
from apps.dashboard.layout import Cell, Column, Tone, note, table
from apps.freshness import age_text
from apps.look import count, moment

EVERY_SECONDS = 2
_WORDS: dict[Phase, tuple[str, Tone, str]] = {
    "queued": ("queued", "rest", "It waits for the worker."),
    "running": ("running", "rest", "The worker is carrying it out."),
    "retrying": ("tried again", "attention", "An attempt failed; the worker tries again."),
    "waiting": ("second person", "attention", "It waits for a second person to ask for the same."),
    "done": ("done", "good", "It was carried out."),
    "refused": ("refused", "attention", "It could not be done."),
    "given_up": ("given up", "act", "Too many attempts failed; a person has to look."),
}


def mark_of(state: CommandState) -> Cell:
    """Return a command's phase as a mark."""
    word, tone, says = _WORDS[state.phase]
    return Cell(word, tone=tone, note=state.reason or says)


def follow(
    tenant_id: str,
    state: CommandState,
    done: Callable[[CommandState], str],
    said: Callable[[str], str] = str,
    before: Callable[[CommandState], None] | None = None,
) -> None:
    """Show a command's state and keep it current until it ends; then the page is read anew.

    Args:
        tenant_id: whose command.
        state: where it stands now.
        done: says what came of it, once it was carried out.
        said: puts a reason into the words of the page.
        before: shows more above the state, each time it is looked at.
    """
    if not state.is_moving:
        _say(state, done, said)
        return

    def watch() -> None:
        current = commands.state(session.ledger(), tenant_id, state.command_id) or state
        if not current.is_moving:
            st.rerun()
        if before is not None:
            before(current)
        _say(current, done, said)

    st.fragment(watch, run_every=EVERY_SECONDS)()


def history(states: Sequence[CommandState], about: Callable[[CommandState], Cell | str]) -> None:
    """Show commands with who asked, when, and what came of them, the newest first."""
    table(
        [
            Column("What"),
            Column("State"),
            Column("Asked by"),
            Column("Asked at", is_extra=True),
            Column("Entry", is_figure=True),
        ],
        [
            [
                about(one),
                mark_of(one),
                one.asked_by,
                moment(one.asked_at),
                count(one.entry_index),
            ]
            for one in states
        ],
        caption="Each is an entry of the ledger, and so is its answer",
    )


def _say(
    state: CommandState, done: Callable[[CommandState], str], said: Callable[[str], str]
) -> None:
    word, tone, says = _WORDS[state.phase]
    asked = (
        f"Asked by {state.asked_by} at {moment(state.asked_at)}, ledger entry "
        f"{count(state.entry_index)}."
    )
    if state.phase == "done":
        note(done(state), asked, tone="good")
        return
    lines = [asked]
    if state.reason:
        reason = said(state.reason).strip()
        lines.insert(0, f"{reason[:1].upper()}{reason[1:]}")
    if state.is_moving:
        waited = age_text(operations.now() - state.asked_at)
        lines.append(f"Asked {waited} ago; this line follows it by itself.")
    note(f"{word.capitalize()}: {says[0].lower()}{says[1:]}", *lines, tone=tone)
