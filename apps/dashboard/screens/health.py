"""Is the platform well? Worker, ledger, snapshot, disk, keys, counterparts and versions."""

from datetime import datetime

import streamlit as st

from apps import health
from apps.access import Permission, User
from apps.dashboard import operations, proof, session
from apps.dashboard.layout import (
    Cell,
    Column,
    KeyFigure,
    Tone,
    Way,
    closing,
    footer,
    heading,
    key_figures,
    note,
    onwards,
    question,
    table,
)
from apps.dashboard.proof import verification_line
from apps.freshness import age_text
from apps.health import Finding
from apps.look import count, moment, plural
from apps.warehouse import NothingPublishedError, Publication
from ledger.backlog import backlog
from ledger.heartbeats import STOPPED, Heartbeat

TITLE = "Is the platform well?"
SOURCES = (
    "the ledger, its heartbeats and the folder of everything a run produces, looked at just now"
)
_EVERY_SECONDS = 10
_FIVE_MINUTES = 300
_WORDS: dict[str, str] = {
    "good": "well",
    "rest": "for information",
    "attention": "look at it",
    "act": "act now",
}


def show() -> None:
    """Show the page, and keep what changes by itself current."""
    viewer = session.viewer()
    tenant_id = session.tenant(viewer)
    viewer.require(Permission.SEE_OPERATIONS, tenant_id)
    st.fragment(_now, run_every=_EVERY_SECONDS)(viewer)
    if viewer.may(Permission.VERIFY_LEDGER, tenant_id):
        _disk()
    _versions()
    if _publication() is None:
        closing(SOURCES, verification_line())
        return
    snapshot = operations.snapshot()
    onwards(
        snapshot,
        [
            Way("The queue", "queue"),
            Way("How current the sources are", "syncs"),
            Way("Verify the ledger", "audit"),
        ],
    )
    footer(snapshot, SOURCES, verification_line())


def _publication() -> Publication | None:
    """Return the latest publication; this page stands before the first one too."""
    try:
        return session.publication()
    except NothingPublishedError:
        return None


def _now(viewer: User) -> None:
    now = operations.now()
    publication = _publication()
    findings = _look(viewer, publication, now)
    question(TITLE, _answer(findings))
    key_figures(_figures(publication, findings, now))
    for one in findings:
        if one.standing in ("attention", "act"):
            note(f"{one.what}: {one.found}.", f"{one.remedy}.", tone=_tone(one) or "rest")
    heading("What was looked at?", f"At {moment(now)}; looked at again every few seconds.")
    _findings(findings)
    _processes(now)


def _look(viewer: User, publication: Publication | None, now: datetime) -> list[Finding]:
    ledger, settings = session.ledger(), session.settings()
    dead = sum(
        one.tasks
        for tenant_id in viewer.tenants
        for one in backlog(ledger, tenant_id, now=now)
        if one.standing == "dead"
    )
    found = [
        health.worker(ledger, now),
        health.snapshot(publication, settings.published, now),
        health.ledger_state(ledger, settings),
        health.checkpoint(ledger, now),
        _verified(ledger.size()),
        _given_up(dead),
        health.writer(settings),
        health.disk(settings.var),
        health.keys(settings),
        health.counterparts(settings),
    ]
    order = ("act", "attention", "good", "rest")
    return sorted(found, key=lambda one: order.index(one.standing))


def _verified(size: int) -> Finding:
    last = proof.last_verification()
    remedy = "Verify it on the page “Lineage and ledger”; it reads every stored value again"
    if last is None:
        return Finding("Verification", "rest", "not since this server started", remedy)
    if not last.is_ok:
        found = f"{plural(len(last.problems), 'problem')} at {moment(last.finished_at)}"
        return Finding("Verification", "act", found, "Stop acting and follow the runbook, Proving")
    later = size - last.size
    since = f"; {plural(later, 'entry')} came since" if later else ""
    return Finding("Verification", "good", f"intact at {moment(last.finished_at)}{since}")


def _given_up(dead: int) -> Finding:
    if not dead:
        return Finding("Dead letters", "good", "nothing has given up in your tenants")
    found = f"{plural(dead, 'task')} of your tenants {'has' if dead == 1 else 'have'} given up"
    return Finding("Dead letters", "act", found, "Look at them on the page of the queue")


def _answer(findings: list[Finding]) -> str:
    act = [one for one in findings if one.standing == "act"]
    look = [one for one in findings if one.standing == "attention"]
    well = sum(one.standing == "good" for one in findings)
    told = f"<b>{well}</b> of {plural(len(findings), 'thing')} looked at are well"
    if act:
        names = ", ".join(one.what.lower() for one in act)
        return f"No: a person is needed now for <b>{names}</b>; {told}."
    if look:
        names = ", ".join(one.what.lower() for one in look)
        return f"Mostly; worth a look: <b>{names}</b>; {told}."
    return f"Yes: {told}, and the rest is for information."


def _figures(
    publication: Publication | None, findings: list[Finding], now: datetime
) -> list[KeyFigure]:
    by_name = {one.what: one for one in findings}
    ledger = session.ledger()
    beats = health.workers(ledger)
    served = health.is_served(ledger, now)
    published = None if publication is None else publication.recorded_at
    worker, disk = by_name["Worker"], by_name["Disk space"]
    return [
        KeyFigure(
            "Worker",
            "running" if served else "none",
            worker.found if beats else "nobody carries out what is asked",
            tone=_tone(worker),
        ),
        KeyFigure(
            "Last publication",
            "–" if published is None else age_text(now - published),
            "there is none yet" if published is None else f"ago, at {moment(published)}",
            tone=_tone(by_name["Snapshot"]),
        ),
        KeyFigure("Ledger", count(ledger.size()), "entries, in one tree for the deployment"),
        KeyFigure(
            "Disk space", disk.found.partition(" free")[0], f"free, {_of(disk)}", tone=_tone(disk)
        ),
    ]


def _of(disk: Finding) -> str:
    return disk.found.partition("free ")[2]


def _tone(finding: Finding) -> Tone | None:
    return finding.standing if finding.standing in ("attention", "act") else None


def _findings(findings: list[Finding]) -> None:
    table(
        [Column("What"), Column("State"), Column("Found")],
        [
            [
                one.what,
                Cell(_WORDS[one.standing], tone=one.standing),
                Cell(one.found, note=one.remedy or None),
            ]
            for one in findings
        ],
        caption="Those that need a person first",
    )


def _processes(now: datetime) -> None:
    beats = session.ledger().heartbeats.all()
    if not beats:
        return
    heading("What runs?")
    table(
        [
            Column("Process"),
            Column("State"),
            Column("Doing"),
            Column("Last beat"),
            Column("Since it began"),
            Column("Instance", is_extra=True),
        ],
        [
            [
                beat.process,
                _alive(beat, now),
                f"{beat.doing} for {age_text(now - beat.doing_since)}",
                Cell(f"{age_text(now - beat.beat_at)} ago", note=moment(beat.beat_at)),
                ", ".join(f"{n:,} {name}" for name, n in beat.counters.items()) or "–",
                beat.instance,
            ]
            for beat in beats
        ],
        caption="Every process heard of in two days, the latest beat first",
    )


def _alive(beat: Heartbeat, now: datetime) -> Cell:
    if beat.doing == STOPPED:
        return Cell("stopped", tone="rest")
    return Cell("silent", tone="act") if beat.is_late(now) else Cell("alive", tone="good")


@st.cache_data(show_spinner="Measuring the folders …", ttl=_FIVE_MINUTES)
def _folders(var: str) -> list[health.FolderSize]:
    return health.folder_sizes(session.settings().var)


def _disk() -> None:
    found = _folders(str(session.settings().var))
    whole = sum(one.size_bytes for one in found)
    heading("Where does the space go?")
    table(
        [
            Column("Folder"),
            Column("Holds", is_extra=True),
            Column("Files", is_figure=True),
            Column("Size", is_figure=True),
        ],
        [
            [
                Cell(one.name, note=one.holds),
                one.holds,
                count(one.files),
                Cell(
                    health.bytes_text(one.size_bytes),
                    share_ppm=one.size_bytes * 1_000_000 // max(whole, 1),
                ),
            ]
            for one in found
        ],
        caption="Folders of the platform, the largest first; measured every five minutes",
        total=["Together", "", count(sum(one.files for one in found)), health.bytes_text(whole)],
    )


def _versions() -> None:
    heading("Which versions?")
    table(
        [Column("Package"), Column("Version")],
        [[name, number] for name, number in health.versions()],
        caption="As installed on this machine",
    )


show()
