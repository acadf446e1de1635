"""Opens the ledger and its keys as the settings say: generated in dev, given elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.keys import Keyring
from ledger.store import Ledger

if TYPE_CHECKING:
    from orchestration.places import Places
    from orchestration.settings import Settings


def ledger_url(settings: Settings, where: Places) -> str:
    """Return the ledger's SQLAlchemy URL."""
    if settings.ledger_url is not None:
        return settings.ledger_url.get_secret_value()
    return f"sqlite:///{where.ledger}"


def open_keyring(settings: Settings, where: Places) -> Keyring:
    """Read the keys; the dev profile makes those that are missing."""
    return Keyring.load(settings.keys or where.keys, create=settings.profile == "dev")


def open_ledger(settings: Settings, where: Places, keys: Keyring) -> Ledger:
    """Open the ledger, making or migrating its tables."""
    return Ledger.open(ledger_url(settings, where), keys=keys)
