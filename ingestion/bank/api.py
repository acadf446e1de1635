"""Accounts, balances and transactions of a bank, as its data API tells them.

::

    /v1/accounts ─► /v1/accounts/{id}/balances
                 └► /v1/accounts/{id}/transactions?from=  (newest stamp − overlap)

Amounts are integers of minor units. Lists are paged by an opaque cursor. A statement line stays
for ever; an account can go away. When the set of accounts has changed since the last read, all
transactions are read again: a new account's past lies before the cursor. Accounts that could not
be listed leave their balances and transactions unread, and those say so.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec

from ingestion.connection import Connection
from ingestion.failures import NotAsked
from ingestion.landing import Page, split
from ingestion.quarantine import Unlandable
from ingestion.source import Entity, Found, Reading, checked_amounts, decode
from ingestion.totals import Described
from models.domain.errors import DomainError
from models.domain.money import exponent

PAGE_SIZE = 500
OVERLAP = timedelta(days=7)
REQUESTS_PER_MINUTE = 1200

_ACCOUNTS = "bank.accounts"
_UNTOLD = "bank.accounts_untold"


class _Account(msgspec.Struct):
    id: str
    currency: str


class _BalanceKey(msgspec.Struct):
    """An account has a balance of each kind in each currency."""

    account_id: str
    currency: str
    type: str = ""

    @property
    def record_id(self) -> str:
        return "/".join(filter(None, (self.account_id, self.currency, self.type)))


class _Balance(_BalanceKey, kw_only=True):
    amount_minor: int


class _Transaction(msgspec.Struct):
    id: str
    account_id: str
    booked_on: str
    amount_minor: int
    currency: str
    created_at: Annotated[datetime, msgspec.Meta(tz=True)]


class _PageOfList(msgspec.Struct):
    """A page; without ``next_cursor`` nobody could tell the last one from a changed answer."""

    data: msgspec.Raw
    next_cursor: str | None


class _Id(msgspec.Struct):
    id: str


_ACCOUNT = msgspec.json.Decoder(_Account)
_BALANCE = msgspec.json.Decoder(_Balance)
_TRANSACTION = msgspec.json.Decoder(_Transaction)
_ID = msgspec.json.Decoder(_Id)
_BALANCE_KEY = msgspec.json.Decoder(_BalanceKey)


def prepared(connection: Connection, _: Path) -> Connection:
    """Return the connection; nothing needs completing."""
    return connection


def _pages(reading: Reading, path: str, query: dict[str, str | int]) -> Iterator[Page]:
    size = int(reading.connection.options.get("page_size", PAGE_SIZE))
    cursor: str | None = None
    while True:
        params = {"limit": size, **query, **({"cursor": cursor} if cursor else {})}
        answer = reading.transport.get(path, _split, params)
        records, cursor = answer.content
        yield Page(answer.endpoint, answer.body, records)
        if cursor is None:
            return


def _split(body: bytes) -> tuple[list[bytes], str | None]:
    page = msgspec.json.decode(body, type=_PageOfList)
    return split(page.data), page.next_cursor


def _read_accounts(reading: Reading) -> Iterator[Found]:
    wanted = reading.connection.options.get("account_ids")
    found: list[str] = []
    untold = 0
    for page in _pages(reading, "/v1/accounts", {}):
        positions = [i for i, one in enumerate(page.records) if _is_wanted(one, wanted)]
        records = [page.records[position] for position in positions]
        found += [_ID.decode(one).id for one in records if _has_id(one)]
        untold += sum(not _has_id(one) for one in records)
        yield Page(page.endpoint, page.body, records, positions)
    reading.memory[_ACCOUNTS] = list(dict.fromkeys(found))
    reading.memory[_UNTOLD] = untold
    reading.expected = len(reading.memory[_ACCOUNTS])


def _is_wanted(record: bytes, wanted: Sequence[str] | None) -> bool:
    """Whether the account is ours to read; one that cannot be told is kept for quarantine."""
    return wanted is None or not _has_id(record) or _ID.decode(record).id in wanted


def _has_id(record: bytes) -> bool:
    try:
        _ID.decode(record)
    except msgspec.DecodeError:
        return False
    return True


def _accounts(reading: Reading) -> list[str]:
    """Give the accounts that were listed in this sync.

    Raises:
        NotAsked: The list could not be read.
    """
    account_ids: list[str] | None = reading.memory.get(_ACCOUNTS)
    if account_ids is None:
        connection_id = reading.connection.connection_id
        raise NotAsked(connection_id, "GET /v1/accounts", "the accounts were not read.")
    if untold := reading.memory.get(_UNTOLD):
        reading.remarks.append(f"{untold} accounts could not be told, so what is theirs is missing")
    return account_ids


def _read_balances(reading: Reading) -> Iterator[Found]:
    for account_id in _accounts(reading):
        yield from _pages(reading, f"/v1/accounts/{account_id}/balances", {})


def _read_transactions(reading: Reading) -> Iterator[Found]:
    account_ids = _accounts(reading)
    reading.cursor_note = hashlib.sha256("\x1f".join(sorted(account_ids)).encode()).hexdigest()[:16]
    query: dict[str, str | int] = {}
    if reading.cursor is not None:
        stamp, _, note = reading.cursor.partition("|")
        if stamp and note == reading.cursor_note:
            query["from"] = (datetime.fromisoformat(stamp) - OVERLAP).date().isoformat()
    for account_id in account_ids:
        yield from _pages(reading, f"/v1/accounts/{account_id}/transactions", query)


def _describe_account(record: bytes) -> Described:
    return Described(decode(record, _ACCOUNT, _ID).id)


def _describe_balance(record: bytes) -> Described:
    try:
        return Described(decode(record, _BALANCE, _BALANCE_KEY).record_id)
    except Unlandable as problem:
        if problem.record_id is not None:
            problem.record_id = _BALANCE_KEY.decode(record).record_id
        raise


def _describe_transaction(record: bytes) -> Described:
    found = decode(record, _TRANSACTION, _ID)
    amount = _major(found.amount_minor, found.currency)
    checked_amounts(found.id, found.currency, amount)
    return Described(
        record_id=found.id,
        modified_at=found.created_at,
        currency=found.currency,
        amount=amount,
    )


def _major(amount_minor: int, currency: str) -> Decimal:
    """Write minor units as a decimal, exactly; an unknown currency is refused afterwards."""
    try:
        return Decimal(amount_minor).scaleb(-exponent(currency))
    except DomainError:
        return Decimal(amount_minor)


ENTITIES: tuple[Entity, ...] = (
    Entity("accounts", _read_accounts, _describe_account, vanishes=True),
    Entity("balances", _read_balances, _describe_balance),
    Entity("transactions", _read_transactions, _describe_transaction, is_incremental=True),
)
"""In reading order: accounts tell the others whom to ask about."""
