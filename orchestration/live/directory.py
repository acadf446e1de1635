"""Names and accounts without the warehouse: from the snapshot, and from what was pulled live.

Snapshots hold no person's name. Who is missing there is looked up in the facts of a live command,
and then in the party table if nobody writes the warehouse just now; otherwise the task waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from models.domain.identity import surrogate_key
from orchestration import directory
from orchestration.directory import Debtor, Directory, Payee
from orchestration.live import facts as live_facts
from orchestration.resources.delivery import UnreachableError
from orchestration.resources.warehouse import WarehouseBusyError

if TYPE_CHECKING:
    from orchestration.live.snapshot import Books
    from orchestration.platform import Platform

_PATIENCE_SECONDS = 0.1
T = TypeVar("T")


class LookedUp(Mapping[str, T]):
    """What is known by id, and a way to look up the rest.

    Args:
        known: By id.
        look_up: Gives one that is not known, or nothing.
    """

    def __init__(self, known: Mapping[str, T], look_up: Callable[[str], T | None]) -> None:
        self._known = known
        self._look_up = look_up

    def __getitem__(self, key: str) -> T:
        """Give what an id stands for."""
        found = self._known.get(key)
        if found is None:
            found = self._look_up(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        """Give the ids known without looking anything up."""
        return iter(self._known)

    def __len__(self) -> int:
        """Count them."""
        return len(self._known)


def read(platform: Platform, books: Books) -> Directory:
    """Make the directory of the latest snapshot."""
    payees: dict[str, Payee] = {}
    debtors: dict[str, Debtor] = {}
    numbers: dict[str, str] = {}
    sellers: dict[tuple[str, str], str] = {}
    for book in books.all():
        for connection_id, (seller_id, _) in book.sellers.items():
            sellers[book.found.tenant_id, connection_id] = seller_id
        rows = book.found.debtors.select("debtor_id", "display_name", "tax_id").iter_rows()
        debtors |= {
            debtor_id: Debtor(debtor_id, name, tax_id or "")
            for debtor_id, name, tax_id in rows
            if name
        }
        numbers |= dict(book.found.receivables.select("receivable_id", "number").iter_rows())
    for (tenant_id, connection_id), found in directory.accounts(platform).items():
        own = surrogate_key(tenant_id, "seller", connection_id)
        seller_id = sellers.get((tenant_id, connection_id), own)
        payees[seller_id] = Payee(seller_id, found.name, found.payout_iban, found.mail)
    return Directory(
        payees,
        LookedUp(debtors, lambda debtor_id: _debtor(platform, debtor_id)),
        LookedUp(numbers, lambda receivable_id: _number(platform, receivable_id)),
    )


def _debtor(platform: Platform, debtor_id: str) -> Debtor | None:
    found = live_facts.latest(platform.ledger, None, debtor_id)
    if found is not None and found[1].get("party", {}).get("name"):
        party = found[1]["party"]
        return Debtor(debtor_id, party["name"], party["tax_id"])
    try:
        with platform.warehouse.held(_PATIENCE_SECONDS):
            return directory.read(platform).debtors.get(debtor_id)
    except WarehouseBusyError:
        raise UnreachableError("the party table", "a run is writing the warehouse") from None


def _number(platform: Platform, receivable_id: str) -> str | None:
    found = live_facts.latest(platform.ledger, None, receivable_id)
    return None if found is None else str(found[1].get("party", {}).get("number", ""))
