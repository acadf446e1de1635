"""The opened platform: settings, places and everything a step acts through, in one value.

Steps, assets, the worker and the command line all take a ``Platform``; it is the only thing that
knows how the parts are put together. What costs time to open is opened on first use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import commit_points, places
from orchestration.places import Places
from orchestration.resources.clock import Clock
from orchestration.resources.warehouse import Warehouse
from orchestration.settings import Settings

if TYPE_CHECKING:
    from ledger.keys import Keyring
    from ledger.store import Ledger
    from orchestration.resources.bank import Bank
    from orchestration.resources.counterparts import Counterparts
    from orchestration.resources.model_store import ModelStore
    from orchestration.resources.notifier import Notifier


@dataclass
class Platform:
    """Everything a step needs; build it with :func:`opened`.

    Attributes:
        settings: What the environment said.
        places: Where things lie.
        counterparts: Who is out there: addresses, credentials, organisations.
        clock: What time it is for decisions.
        only_files: Whether uploaded files are the only source of this run.
    """

    settings: Settings
    places: Places
    counterparts: Counterparts
    clock: Clock
    only_files: bool = False

    def __post_init__(self) -> None:
        self._closing = ExitStack()

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse file behind its lock."""
        return Warehouse(self.settings.warehouse_path or self.places.warehouse, self.places.lock)

    @cached_property
    def keyring(self) -> Keyring:
        """Signing and tenant keys."""
        from orchestration.resources.ledger import open_keyring

        return open_keyring(self.settings, self.places)

    @cached_property
    def ledger(self) -> Ledger:
        """The system of record."""
        from orchestration import restoration
        from orchestration.resources.ledger import open_ledger

        ledger = open_ledger(self.settings, self.places, self.keyring)
        restoration.record(self.places.var, ledger)
        return ledger

    @cached_property
    def bank(self) -> Bank:
        """The bank that is asked and instructed."""
        from orchestration.resources.bank import Bank

        bank = Bank(self.counterparts.bank)
        self._closing.callback(bank.close)
        return bank

    @cached_property
    def unknown_orders(self) -> list[Mapping[str, Any]]:
        """The bank's orders that a restored ledger knows nothing of; none when it never was.

        They were given between backup and restore, so asking once per process is enough.
        """
        from orchestration import restoration

        if not restoration.has_happened(self.ledger):
            return []
        return restoration.unknown_orders(self.ledger, self.bank.payment_orders())

    @cached_property
    def notifier(self) -> Notifier:
        """The way mail goes out."""
        from orchestration.resources.notifier import Notifier

        notifier = Notifier(self.counterparts.mail)
        self._closing.callback(notifier.close)
        return notifier

    @cached_property
    def model_store(self) -> ModelStore:
        """Score models by hash."""
        from orchestration.resources.model_store import ModelStore

        return ModelStore(self.places.models)

    def reach(self, point: commit_points.CommitPoint) -> None:
        """Pass a named commit point, where a test may end the process."""
        commit_points.reach(point, self.settings.crash_at)

    def close(self) -> None:
        """Close what was opened."""
        self._closing.close()


@contextmanager
def opened(
    settings: Settings, *, as_of: date | datetime | None = None, only_files: bool = False
) -> Iterator[Platform]:
    """Open the platform for the length of the block, with a sandbox when the profile uses one.

    Args:
        settings: What the environment said.
        as_of: Knowledge time; a date means its last second. Without it, the sandbox's time in
            the dev profile, else the machine's.
        only_files: Read uploaded files and no ledger system; a sandbox is then the bank only.
    """
    from orchestration.resources import counterparts

    where = places.at(settings.var)
    with ExitStack() as stack:
        known = stack.enter_context(counterparts.known(settings, where, is_bank_only=only_files))
        moment = as_of if as_of is not None else known.now and known.now.date()
        clock = Clock(None if moment is None else end_of_day(moment))
        platform = Platform(settings, where, known, clock, only_files)
        stack.callback(platform.close)
        yield platform


def end_of_day(moment: date | datetime) -> datetime:
    """Turn a date into its last second in UTC; a time stays as it is."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.combine(moment, time(23, 59, 59), UTC)


def inbox_path(where: Places, sha256: str, name: str) -> Path:
    """Return where an uploaded file of this content lies."""
    return where.inbox / f"{sha256}{Path(name).suffix.lower()}"
