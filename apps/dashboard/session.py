"""What every page starts from: settings, the signed-in user, the ledger and one tenant's snapshot.

Opened things are kept for the life of the server and keyed on what they were opened from; answers
read from a snapshot are kept under the snapshot's id, so a new publication is seen at the next
page view and an old one is never computed twice.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import streamlit as st
from sqlalchemy.engine import make_url

from apps.access import Permission, User
from apps.access.sign_in import DEMO_TENANTS, sign_in
from apps.settings import AppSettings
from apps.warehouse import (
    NothingPublishedError,
    Publication,
    Snapshot,
    latest_publication,
    open_snapshot,
)
from ledger.keys import Keyring
from ledger.store import Ledger

Answer = TypeVar("Answer")

_TENANT = "tenant"
_KEEP = timedelta(hours=12)


@st.cache_resource(show_spinner=False)
def settings() -> AppSettings:
    """Read the settings once per server."""
    return AppSettings()


@st.cache_resource(show_spinner="Opening the ledger …")
def _ledger(url: str, keys: Path, *, upgrades: bool) -> Ledger:
    return Ledger.open(url, keys=Keyring.load(keys), upgrades=upgrades)


def ledger() -> Ledger:
    """Return the ledger this deployment's pages read.

    Raises:
        NothingPublishedError: no run has made a ledger yet.
    """
    chosen = settings()
    address = make_url(chosen.ledger_address)
    if address.get_backend_name() == "sqlite" and not Path(str(address.database)).is_file():
        raise NothingPublishedError(f"there is no ledger at {address.database} yet")
    is_dev = chosen.profile == "dev"
    return _ledger(chosen.ledger_address, chosen.ledger_keys, upgrades=is_dev)


@st.cache_resource(show_spinner="Opening the snapshot …", max_entries=16, validate=Snapshot.is_open)
def _snapshot(snapshot_id: str, tenant_id: str, _publication: Publication, _user: User) -> Snapshot:
    return open_snapshot(_publication, settings().published, _user, tenant_id)


def publication() -> Publication:
    """Return the latest publication; it is looked up on every page view."""
    return latest_publication(ledger())


def user(announced: Publication | None) -> User:
    """Return who is looking, as the profile and the ledger's grants say.

    Args:
        announced: the latest publication, none before the first.
    """
    identity = st.user.get("email")
    grants = ledger().projection("grants") if settings().profile != "dev" else []
    return sign_in(
        settings().profile,
        str(identity) if identity else None,
        grants,
        dev_tenants=DEMO_TENANTS if announced is None else sorted(announced.tenants),
    )


def viewer() -> User:
    """Return who is looking, also before anything is published.

    Raises:
        NothingPublishedError: there is not even a ledger.
        AccessRefusedError: nobody is signed in, or nothing is granted.
    """
    opened = ledger()
    return user(publication() if opened.latest("publication") is not None else None)


def tenant(viewer: User) -> str:
    """Return the tenant being looked at: the page's address first, then the last choice."""
    asked = st.query_params.get(_TENANT) or st.session_state.get(_TENANT)
    return asked if asked in viewer.tenants else viewer.tenants[0]


def look_at(tenant_id: str, *, instead_of: str) -> None:
    """Keep the tenant in the page's address; a change starts the page over without filters.

    Args:
        tenant_id: the tenant picked.
        instead_of: the tenant looked at before.
    """
    st.session_state[_TENANT] = tenant_id
    if tenant_id != instead_of:
        st.query_params.clear()
    if st.query_params.get(_TENANT) != tenant_id:
        st.query_params[_TENANT] = tenant_id
    if tenant_id != instead_of:
        st.rerun()


def snapshot(needed: Permission) -> Snapshot:
    """Return the chosen tenant's rows of the latest publication.

    Args:
        needed: what the page lets people do; asked on every view.

    Raises:
        WarehouseError: nothing is published, or the file is missing.
        AccessRefusedError: nobody is signed in, or the grant does not cover it.
    """
    announced = publication()
    viewer = user(announced)
    chosen = tenant(viewer)
    viewer.require(needed, chosen)
    own = announced.tenants.get(chosen, {}).get("snapshot_id", announced.snapshot_id)
    return _snapshot(f"{announced.ledger_index}/{own}", chosen, announced, viewer)


def may_export(tenant_id: str) -> bool:
    """Tell whether who is looking may take a tenant's rows away as a file."""
    return user(publication()).may(Permission.EXPORT, tenant_id)


def remembered(
    question: Callable[..., Answer], snapshot_read: Snapshot, *arguments: object
) -> Answer:
    """Answer a question about a snapshot, from memory when it was asked before.

    Args:
        question: a function of a snapshot and texts.
        snapshot_read: what it reads; the answer is kept under its key.
        arguments: further arguments of the question: texts, numbers, frozen dataclasses.
    """
    name = f"{question.__module__}.{question.__qualname__}"
    return _remember(name, snapshot_read.key, arguments, question, snapshot_read)


@st.cache_data(show_spinner="Reading the snapshot …", ttl=_KEEP, max_entries=512)
def _remember(
    name: str,
    key: tuple[str, str],
    arguments: tuple[object, ...],
    _question: Callable[..., Answer],
    _snapshot_read: Snapshot,
) -> Answer:
    return _question(_snapshot_read, *arguments)
