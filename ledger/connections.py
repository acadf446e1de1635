"""Connections of tenants to their systems, with credentials encrypted under the master key.

``ingestion`` never looks credentials up: orchestration reads a connection here and hands it over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from sqlalchemy import bindparam, delete, insert, select

from ledger.entry import Actor, Entry, StoredEntry, utc_text
from ledger.errors import UnknownConnection
from ledger.keys import Keyring
from ledger.schema import CONNECTIONS
from ledger.statements import Row
from models.domain.canonical import canonical_json, sha256_hex

if TYPE_CHECKING:
    from ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """How one tenant reaches one organisation in one system.

    Attributes:
        tenant_id: Whose connection.
        connection_id: Its id.
        system: ``xero``, ``dnb``, ``bank`` or ``files``.
        seller_name: The organisation behind it.
        base_url: Address of the system.
        token_url: Where tokens are fetched.
        credentials: Secrets by name; none of them shows in a repr.
        options: What else the connector needs; nothing secret.
    """

    tenant_id: str
    connection_id: str
    system: str
    seller_name: str
    base_url: str
    token_url: str
    credentials: Mapping[str, SecretStr] = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)


_KEY = (
    CONNECTIONS.c.tenant_id == bindparam("of_tenant"),
    CONNECTIONS.c.connection_id == bindparam("of_connection"),
)
_INSERT = insert(CONNECTIONS)
_FIND = select(CONNECTIONS).where(*_KEY)
_DELETE = delete(CONNECTIONS).where(*_KEY)


class Connections:
    """Adds, lists, reads and removes connections; each change is an entry without secrets."""

    def __init__(self, ledger: Ledger, keys: Keyring) -> None:
        self._ledger = ledger
        self._keys = keys

    def add(self, connection: StoredConnection, *, by: Actor) -> StoredEntry | None:
        """Write a connection, or replace the one of its id; ``None`` when nothing changed."""
        with self._ledger.transaction() as tx:
            place = (connection.tenant_id, connection.connection_id)
            row = tx.cursor.row(_FIND, place)
            if row is not None and self._read(row) == connection:
                return None
            secrets = {k: v.get_secret_value() for k, v in connection.credentials.items()}
            wrapped = self._keys.wrap(canonical_json(secrets), purpose=_purpose(*place))
            now = tx.wall_clock()
            tx.cursor.run(_DELETE, place)
            tx.cursor.run(
                _INSERT,
                (
                    *place,
                    connection.system,
                    connection.seller_name,
                    connection.base_url,
                    connection.token_url,
                    wrapped,
                    json.dumps(connection.options, sort_keys=True),
                    utc_text(now),
                ),
            )
            body = {
                "connection_id": connection.connection_id,
                "system": connection.system,
                "base_url": connection.base_url,
                "token_url": connection.token_url,
                "credential_names": sorted(secrets),
                "credentials_sha256": sha256_hex(wrapped),
            }
            return tx.append(Entry("connection_added", place[0], now, by, (place[1],), body))

    def get(self, tenant_id: str, connection_id: str) -> StoredConnection:
        """Read one connection with its credentials.

        Raises:
            UnknownConnection: The tenant has no such connection.
        """
        with self._ledger.reading() as cursor:
            row = cursor.row(_FIND, (tenant_id, connection_id))
        if row is None:
            raise UnknownConnection(f"{tenant_id} has no connection {connection_id}")
        return self._read(row)

    def list(self, tenant_id: str | None = None) -> list[StoredConnection]:
        """Read all connections, of one tenant when given, in order of tenant and id."""
        statement = select(CONNECTIONS).order_by(
            CONNECTIONS.c.tenant_id, CONNECTIONS.c.connection_id
        )
        if tenant_id is not None:
            statement = statement.where(CONNECTIONS.c.tenant_id == tenant_id)
        with self._ledger.reading() as cursor:
            return [self._read(row) for row in cursor.select(statement)]

    def remove(self, tenant_id: str, connection_id: str, *, by: Actor) -> StoredEntry:
        """Forget a connection and its credentials.

        Raises:
            UnknownConnection: The tenant has no such connection.
        """
        with self._ledger.transaction() as tx:
            tx.cursor.run(_DELETE, (tenant_id, connection_id))
            if tx.cursor.affected != 1:
                raise UnknownConnection(f"{tenant_id} has no connection {connection_id}")
            body = {"connection_id": connection_id}
            return tx.append(
                Entry("connection_removed", tenant_id, tx.wall_clock(), by, (connection_id,), body)
            )

    def _read(self, row: Row) -> StoredConnection:
        tenant_id, connection_id, system, seller, base_url, token_url, wrapped, options, _at = row
        purpose = _purpose(tenant_id, connection_id)
        secrets = json.loads(self._keys.unwrap(bytes(wrapped), purpose=purpose))
        return StoredConnection(
            tenant_id=tenant_id,
            connection_id=connection_id,
            system=system,
            seller_name=seller,
            base_url=base_url,
            token_url=token_url,
            credentials={name: SecretStr(secret) for name, secret in secrets.items()},
            options=json.loads(options),
        )


def _purpose(tenant_id: str, connection_id: str) -> str:
    return f"connection:{tenant_id}:{connection_id}"
