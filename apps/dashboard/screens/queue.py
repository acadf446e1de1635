"""What is waiting, and what has given up? The queue; with `?task=…` one task in full."""

from datetime import datetime
from html import escape

import streamlit as st

from apps import dead_letters
from apps.access import Permission
from apps.dashboard import charts, dead_letter, operations, session
from apps.dashboard.layout import (
    Cell,
    Choice,
    Column,
    KeyFigure,
    Tone,
    Way,
    address,
    empty,
    filters,
    footer,
    heading,
    key_figures,
    onwards,
    question,
    table,
)
from apps.dashboard.proof import verification_line
from apps.freshness import age_text
from apps.look import count, moment, plural
from apps.warehouse import Snapshot
from ledger import backlog
from ledger.backlog import Backlog, QueuedTask, Standing

PAGE = "queue"
TITLE = "What is waiting, and what has given up?"
SOURCES = "the queue in the ledger's database, read just now"
STANDINGS: dict[Standing, str] = {
    "dead": "Given up",
    "retrying": "Tried again",
    "leased": "Being worked on",
    "waiting": "Waiting",
}
_TONES: dict[Standing, Tone] = {
    "dead": "act",
    "retrying": "attention",
    "leased": "good",
    "waiting": "rest",
}
_MOST = 100


def show() -> None:
    """Show one task when the address names it, else the queue."""
    snapshot = operations.snapshot()
    chosen = st.query_params.get("task")
    if chosen:
        dead_letter.show(snapshot, chosen)
        footer(snapshot, SOURCES, verification_line())
        return
    now = operations.now()
    found = backlog.backlog(session.ledger(), snapshot.tenant_id, now=now)
    question(TITLE, _answer(found, now))
    key_figures(_figures(snapshot, found, now))
    if found:
        operations.worker_note()
        _by_kind(found, now)
        _tasks(snapshot, found, now)
    else:
        empty(
            "The queue of this tenant is empty.",
            "Commands that come in and calls that go out to banks, bureaus and debtors wait here "
            "until the worker has carried them out; what fails too often stays here for a person.",
        )
    onwards(
        snapshot, [Way("Is the platform well", "health"), Way("What was not taken in", "quality")]
    )
    footer(snapshot, SOURCES, verification_line())


def _number(found: list[Backlog], *standings: Standing) -> int:
    return sum(one.tasks for one in found if one.standing in standings)


def _oldest(found: list[Backlog], *standings: Standing) -> datetime | None:
    return min((one.oldest_at for one in found if one.standing in standings), default=None)


def _answer(found: list[Backlog], now: datetime) -> str:
    waiting = _number(found, "waiting", "retrying", "leased")
    dead = _number(found, "dead")
    oldest = _oldest(found, "waiting", "retrying", "leased")
    start = "Nothing waits"
    if waiting and oldest is not None:
        start = (
            f"<b>{plural(waiting, 'task')}</b> {'waits or is' if waiting == 1 else 'wait or are'} "
            f"being worked on, the oldest for <b>{escape(age_text(now - oldest))}</b>"
        )
    if not dead:
        return f"{start}, and nothing has given up."
    kinds = sorted({one.kind for one in found if one.standing == "dead"})
    first = escape(dead_letters.kind_text(kinds[0]).lower())
    what = first if len(kinds) == 1 else f"{first} and {plural(len(kinds) - 1, 'other kind')}"
    return (
        f"{start}; <b>{plural(dead, 'task')}</b> ({what}) {'has' if dead == 1 else 'have'} given "
        f"up and {'needs' if dead == 1 else 'need'} a person."
    )


def _figures(snapshot: Snapshot, found: list[Backlog], now: datetime) -> list[KeyFigure]:
    dead, retrying = _number(found, "dead"), _number(found, "retrying")
    oldest = _oldest(found, "dead")
    waited = _oldest(found, "waiting")
    return [
        KeyFigure(
            "Given up",
            count(dead),
            "nobody tries them again by itself"
            if oldest is None
            else f"the oldest was asked for {age_text(now - oldest)} ago",
            tone="act" if dead else None,
            link=address(PAGE, snapshot, standing="dead"),
        ),
        KeyFigure(
            "Tried again",
            count(retrying),
            "failed before; the wait grows with each attempt",
            tone="attention" if retrying else None,
            link=address(PAGE, snapshot, standing="retrying"),
        ),
        KeyFigure("Being worked on", count(_number(found, "leased")), "held by a worker now"),
        KeyFigure(
            "Waiting",
            count(_number(found, "waiting")),
            "due, and not taken yet"
            if waited is None
            else f"the oldest for {age_text(now - waited)}",
            link=address(PAGE, snapshot, standing="waiting"),
        ),
    ]


def _by_kind(found: list[Backlog], now: datetime) -> None:
    heading("What kinds of work?")
    ranked = sorted(found, key=lambda one: (list(STANDINGS).index(one.standing), -one.tasks))
    if sum(one.tasks for one in found) > len(found):
        _picture(ranked)
    table(
        [
            Column("Kind"),
            Column("Standing"),
            Column("Tasks", is_figure=True),
            Column("Oldest"),
            Column("Most attempts", is_figure=True, is_extra=True),
        ],
        [
            [
                Cell(dead_letters.kind_text(one.kind), note=one.kind),
                Cell(STANDINGS[one.standing].lower(), tone=_TONES[one.standing]),
                count(one.tasks),
                Cell(age_text(now - one.oldest_at), note=moment(one.oldest_at)),
                count(one.most_attempts),
            ]
            for one in ranked
        ],
        caption="Unfinished tasks of this tenant",
    )


def _picture(ranked: list[Backlog]) -> None:
    charts.show(
        charts.counted_reasons(
            [
                (
                    one.kind,
                    f"{dead_letters.kind_text(one.kind)} · {STANDINGS[one.standing].lower()}",
                    one.tasks,
                )
                for one in ranked
            ],
            counted="Tasks",
        ),
        "Bars: unfinished tasks by kind and standing; figures in the table below",
    )


def _tasks(snapshot: Snapshot, found: list[Backlog], now: datetime) -> None:
    heading("Which tasks?", "Choose one to see why it stands where it does.")
    chosen = filters.bar(
        PAGE,
        [
            Choice(
                "standing",
                "Standing",
                {
                    name: word
                    for name, word in STANDINGS.items()
                    if any(one.standing == name for one in found)
                },
            ),
            Choice(
                "kind",
                "Kind",
                {name: dead_letters.kind_text(name) for name in sorted({f.kind for f in found})},
            ),
        ],
    )
    fits = [name for name in STANDINGS if chosen["standing"] in ("", name)]
    listed = backlog.tasks(
        session.ledger(),
        snapshot.tenant_id,
        now=now,
        standings=fits,
        kinds=(chosen["kind"],) if chosen["kind"] else (),
        limit=_MOST,
    )
    if not listed:
        empty("No task fits this filter.", "Clear the filters to see all.")
        return
    listed.sort(key=lambda one: (list(STANDINGS).index(one.standing), one.created_at))
    _task_table(snapshot, listed, now)
    viewer = operations.viewer()
    if not viewer.may(Permission.SETTLE_TASKS, snapshot.tenant_id):
        st.caption("Trying a task again or closing it needs the operator or compliance role.")


def _task_table(snapshot: Snapshot, listed: list[QueuedTask], now: datetime) -> None:
    more = f"; the oldest {_MOST} are listed" if len(listed) == _MOST else ""
    table(
        [
            Column("Task"),
            Column("What"),
            Column("Standing"),
            Column("Asked for", is_extra=True),
            Column("Attempts", is_figure=True, is_extra=True),
            Column("Reason"),
        ],
        [
            [
                Cell(f"#{one.id}", link=address(PAGE, snapshot, task=str(one.id))),
                Cell(dead_letters.kind_text(one.kind), note=one.kind),
                Cell(STANDINGS[one.standing].lower(), tone=_TONES[one.standing]),
                Cell(f"{age_text(now - one.created_at)} ago", note=moment(one.created_at)),
                count(one.attempts),
                one.reason or "–",
            ]
            for one in listed
        ],
        caption=f"{plural(len(listed), 'task')}, those that need a person first{more}",
    )


show()
