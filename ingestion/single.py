"""One record at a time, through the same connectors and the same door as a sync.

::

    wanted ─► connector's read ─► pages ─► landing: described, checked, hashed ─► envelope rows

Nothing is stored here and no cursor moves: the caller gets the very rows a sync would append. What
could not be landed is refused with the reason that would have put it into quarantine.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa

from ingestion.authorisation import Authoriser
from ingestion.bureau import dnb
from ingestion.connection import Connection, Subject
from ingestion.erp import xero
from ingestion.failures import ShapeChanged
from ingestion.landing import Landing, Scope
from ingestion.pacing import Deadline, Limits
from ingestion.pipeline import CONNECTORS
from ingestion.source import Entity, Found, Reading
from ingestion.transport import Transport

XERO_LISTS: Mapping[str, str] = {
    "contacts": "Contacts",
    "invoices": "Invoices",
    "purchase_orders": "PurchaseOrders",
}
"""Entities that are asked for by id or number, and the list each is in."""

_PATIENCE: Mapping[str, Any] = {"attempts": 3, "longest_wait_seconds": 5.0}
_DEADLINE_SECONDS = 20.0


class NotLandable(Exception):
    """A record came but cannot be landed; the words are those of its quarantine."""


@dataclass
class Single:
    """Reads single records; keeps sockets, tokens and the pace of each account between calls.

    Attributes:
        var: Folder of everything a run produces, for connectors that need one.
    """

    var: Path
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(follow_redirects=False))
    _transports: dict[tuple[str, str], Transport] = field(default_factory=dict)
    _authorisers: dict[tuple[str, ...], Authoriser] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def close(self) -> None:
        """Close the sockets."""
        self._client.close()

    def xero(
        self, connection: Connection, entity: str, wanted: str, fetched_at: datetime
    ) -> pa.Table | None:
        """Read one record of a ledger system by its id or number; ``None`` when it has none.

        Of the organisation there is one, so it needs no id.

        Raises:
            SourceError: The source did not give it.
            NotLandable: It gave something that cannot be landed.
        """
        reading = self._reading(connection, fetched_at)
        kind = _entity("xero", entity)
        listed = XERO_LISTS.get(entity)
        found = xero.read_one(listed, wanted, reading) if listed else kind.read(reading)
        return _landed(kind, reading.connection, found, fetched_at)

    def bureau(
        self, connection: Connection, subject: Subject, fetched_at: datetime
    ) -> dict[str, pa.Table]:
        """Match one company and pull its report; what there is of both, by entity.

        Raises:
            SourceError: The bureau did not answer.
            NotLandable: It gave something that cannot be landed.
        """
        reading = replace(self._reading(connection, fetched_at), subjects=(subject,))
        rows: dict[str, pa.Table] = {}
        for entity in dnb.ENTITIES:
            landed = _landed(entity, reading.connection, entity.read(reading), fetched_at)
            if landed is not None:
                rows[entity.name] = landed
        return rows

    def _reading(self, connection: Connection, now: datetime) -> Reading:
        transport = self._transport(connection)
        return Reading(transport.connection, transport, cursor=None, now=now)

    def _transport(self, connection: Connection) -> Transport:
        """Give the account's own way out, with the time of this call before it."""
        key = (connection.tenant_id, connection.connection_id)
        with self._lock:
            known = self._transports.get(key)
            if known is None or _changed(known.connection, connection):
                known = self._transports[key] = self._open(connection)
        return replace(known, deadline=Deadline.after(_DEADLINE_SECONDS))

    def _open(self, connection: Connection) -> Transport:
        connector = CONNECTORS[connection.system]
        prepared = connector.prepare(connection, self.var)
        options = {**_PATIENCE, **prepared.options}
        limits = Limits.of(options, requests_per_minute=connector.requests_per_minute)
        authoriser = None
        if prepared.token_url:
            own = Authoriser(prepared, self._client)
            authoriser = self._authorisers.setdefault(own.key, own)
        return Transport.open(prepared, self._client, authoriser, limits)


def _changed(known: Connection, wanted: Connection) -> bool:
    named = [name for name in wanted.options if known.options.get(name) != wanted.options[name]]
    return bool(named) or known.token_url != wanted.token_url


def _entity(system: str, name: str) -> Entity:
    entities = {one.name: one for one in CONNECTORS[system].entities}  # type: ignore[index]
    return entities[name]


def _landed(
    entity: Entity, connection: Connection, found: Iterable[Found], fetched_at: datetime
) -> pa.Table | None:
    scope = Scope(connection.tenant_id, connection.connection_id, connection.system, entity.name)
    landing = Landing(scope, {}, entity.describe, fetched_at)
    parts = []
    for page in found:
        if isinstance(page, ShapeChanged):
            raise page
        parts.append(landing.take(page))
    if landing.quarantine:
        first = landing.quarantine[0]
        raise NotLandable(f"{entity.name}: {first.reason_code}: {first.detail}")
    rows = [part for part in parts if part is not None]
    return pa.concat_tables(rows) if rows else None
