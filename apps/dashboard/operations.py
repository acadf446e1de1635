"""What the operator's pages start from: the newest published file, the time, and what they ask.

The pages on the book read a tenant's last good version; these read the newest file there is, since
what holds a tenant back stands only there.
"""

from datetime import UTC, datetime

import streamlit as st

from apps import commands, health
from apps.access import Permission, User
from apps.commands import Command
from apps.dashboard import session
from apps.dashboard.layout import note
from apps.warehouse import Publication, Snapshot, open_newest


def now() -> datetime:
    """Tell the time that ages are counted to."""
    return datetime.now(UTC)


@st.cache_resource(
    show_spinner="Opening the newest snapshot …", max_entries=16, validate=Snapshot.is_open
)
def _newest(key: str, tenant_id: str, _publication: Publication, _user: User) -> Snapshot:
    return open_newest(_publication, session.settings().published, _user, tenant_id)


def snapshot() -> Snapshot:
    """Return the chosen tenant's rows of the newest file, stale or not.

    Raises:
        WarehouseError: nothing is published, or the file is missing.
        AccessRefusedError: nobody is signed in, or the grant does not cover it.
    """
    announced = session.publication()
    viewer = session.user(announced)
    chosen = session.tenant(viewer)
    viewer.require(Permission.SEE_OPERATIONS, chosen)
    return _newest(f"{announced.ledger_index}/{announced.snapshot_id}", chosen, announced, viewer)


def viewer() -> User:
    """Return who is looking."""
    return session.user(session.publication())


def ask(command: Command) -> str:
    """Append what the person asks, and say that it was taken; return the command's id."""
    command_id = commands.ask(session.ledger(), viewer(), command)
    st.toast("Written to the ledger; the worker carries it out")
    return command_id


def worker_note() -> None:
    """Say that nobody carries out what is asked, where no worker runs."""
    if health.is_served(session.ledger(), now()):
        return
    note(
        "No worker is running, so nothing that is asked here is carried out yet.",
        "What you ask is kept in the ledger and served as soon as one runs.",
        f"Start it with everything else: {health.START_WORKER}.",
        tone="attention",
    )
