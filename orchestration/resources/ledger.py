"""Opens the ledger and its keys as the settings say: generated in dev, given elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import KeyUnusable
from ledger.keys import Keyring
from ledger.store import Ledger
from orchestration.settings import KEY_FILES

if TYPE_CHECKING:
    from orchestration.places import Places
    from orchestration.settings import Settings


def ledger_url(settings: Settings, where: Places) -> str:
    """Return the ledger's SQLAlchemy URL."""
    if settings.ledger_url is not None:
        return settings.ledger_url.get_secret_value()
    return f"sqlite:///{where.ledger}"


def open_keyring(settings: Settings, where: Places) -> Keyring:
    """Read the keys; the dev profile makes those of a ledger that does not exist yet.

    Raises:
        KeyUnusable: They are missing, though there is a ledger that was written with them.
    """
    folder = settings.keys or where.keys
    is_missing = not all((folder / name).is_file() for name in KEY_FILES)
    if is_missing and where.ledger.is_file():
        raise KeyUnusable(
            f"{where.ledger} was written with keys that are not in {folder}; put them back:"
            " other keys open none of its private payloads and know none of its invoices again"
        )
    return Keyring.load(folder, create=settings.profile == "dev")


def open_ledger(settings: Settings, where: Places, keys: Keyring) -> Ledger:
    """Open the ledger, making its tables; in dev an older one is brought forward by the way.

    Raises:
        LedgerTooNew: A newer version of the platform wrote it.
        LedgerBehind: It is older, and the profile leaves bringing it forward to `ifp migrate`.
    """
    is_dev = settings.profile == "dev"
    return Ledger.open(ledger_url(settings, where), keys=keys, upgrades=is_dev)
