"""What the ledger remembers: entries, their canonical bytes and their key.

An entry's clear part carries no personal data; it is written as RFC 8785 canonical JSON and those
bytes are the leaf of the Merkle tree. The private part is kept beside the entry as ciphertext; the
clear part carries the ciphertext's hash, so that proofs outlive an erasure.

    {"actor":{"id","kind"}, "body":{…}, "index", "key", "occurred_at",
     "private":null|{"sha256","subject_key_id"}, "recorded_at", "subjects":[…],
     "tenant_id", "type", "v":1}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from ledger.errors import InvalidEntry
from models.domain.canonical import canonical_json

VERSION = 1

KEY_FIELDS: Mapping[str, str] = {
    "command": "command_id",
    "command_status": "command_id",
    "decision": "decision_id",
    "override": "decision_id",
    "approval": "decision_id",
    "bank_submission": "request_id",
    "bank_reply": "request_id",
    "payment_instruction": "end_to_end_id",
    "payment_status": "end_to_end_id",
    "message": "message_id",
    "message_status": "message_id",
    "publication": "snapshot_id",
    "grant": "grant_id",
    "grant_revoked": "grant_id",
    "reservation": "receivable_id",
    "reservation_released": "receivable_id",
}
"""The field of the body that names what an entry of this type is about."""

OPTIONAL_KEY_FIELDS: Mapping[str, str] = {
    "asset_materialised": "asset_key",
    "check": "check_id",
    "model_published": "model_id",
    "policy_published": "policy_id",
    "task_replayed": "idempotency_key",
    "task_closed": "idempotency_key",
    "erasure_certificate": "subject_key_id",
    "connection_added": "connection_id",
    "connection_removed": "connection_id",
}
"""As ``KEY_FIELDS``, for types that may go without a key."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused an entry.

    Attributes:
        kind: ``person``, ``system``, ``client`` or ``counterpart``.
        id: Our id of the actor; no name.
    """

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, as handed to the ledger.

    Attributes:
        type: What happened: ``decision``, ``payment_instruction``, ``asset_materialised`` …
        tenant_id: Whose book it belongs to.
        occurred_at: When it happened in the world (aware).
        actor: Who caused it.
        subjects: Ids of what it is about (receivable, seller, decision …); entries are found by
            them.
        body: The clear part: text, integers, booleans, lists and mappings; no floats and no
            personal data.
        private: Bytes that are kept encrypted under the subject's key.
        subject_key_id: Whose key encrypts ``private``; needed when there is a private part.
    """

    type: str
    tenant_id: str
    occurred_at: datetime
    actor: Actor
    subjects: tuple[str, ...]
    body: Mapping[str, Any]
    private: bytes | None = None
    subject_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it stands in the ledger.

    Attributes:
        index: Its place, counted from 0.
        recorded_at: When the ledger took it; never before the entry in front of it.
        entry: What was handed over. Read back, ``private`` is ``None``: see ``read_private``.
        canonical: The bytes that are hashed.
        leaf_hash: SHA-256 of 0x00 and ``canonical``.
    """

    index: int
    recorded_at: datetime
    entry: Entry
    canonical: bytes
    leaf_hash: bytes


class PrivateClaim(msgspec.Struct, frozen=True, gc=False):
    """What the clear part says about the private one."""

    sha256: str
    subject_key_id: str


class EntryHeader(msgspec.Struct, frozen=True, gc=False):
    """The fields of a canonical entry that the store also keeps as columns."""

    v: int
    index: int
    type: str
    tenant_id: str
    key: str | None
    recorded_at: str
    subjects: list[str]
    private: PrivateClaim | None


class WireEntry(EntryHeader, frozen=True, gc=False):
    """A whole canonical entry."""

    actor: dict[str, str]
    occurred_at: str
    body: dict[str, Any]


decode_header = msgspec.json.Decoder(EntryHeader).decode
decode_wire = msgspec.json.Decoder(WireEntry).decode


def utc_text(moment: datetime) -> str:
    """Write an aware time as UTC text of one width, so that text order is time order.

    Raises:
        InvalidEntry: The time has no zone.
    """
    if moment.tzinfo is None:
        raise InvalidEntry(f"{moment.isoformat()} has no time zone: times in the ledger are UTC")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def utc_moment(text: str) -> datetime:
    """Read the text written by ``utc_text``."""
    return datetime.fromisoformat(text)


def key_of(entry: Entry) -> str | None:
    """Name what an entry is about, so that later entries about it are found together.

    Raises:
        InvalidEntry: The type needs a key and the body has none.
    """
    field = KEY_FIELDS.get(entry.type)
    if field is not None:
        key = entry.body.get(field)
        if not isinstance(key, str) or not key:
            raise InvalidEntry(f"a {entry.type} entry needs the text {field!r} in its body")
        return key
    field = OPTIONAL_KEY_FIELDS.get(entry.type)
    key = entry.body.get(field) if field is not None else None
    return key if isinstance(key, str) else None


def canonical_entry(
    entry: Entry, *, index: int, key: str | None, recorded_at: str, private_sha256: str | None
) -> bytes:
    """Write the bytes of an entry that are hashed and kept."""
    private = (
        None
        if private_sha256 is None
        else {"sha256": private_sha256, "subject_key_id": entry.subject_key_id}
    )
    return canonical_json(
        {
            "actor": {"id": entry.actor.id, "kind": entry.actor.kind},
            "body": entry.body,
            "index": index,
            "key": key,
            "occurred_at": utc_text(entry.occurred_at),
            "private": private,
            "recorded_at": recorded_at,
            "subjects": entry.subjects,
            "tenant_id": entry.tenant_id,
            "type": entry.type,
            "v": VERSION,
        }
    )


def stored_entry(canonical: bytes, leaf_hash: bytes) -> StoredEntry:
    """Read an entry back from its canonical bytes."""
    wire = decode_wire(canonical)
    entry = Entry(
        type=wire.type,
        tenant_id=wire.tenant_id,
        occurred_at=utc_moment(wire.occurred_at),
        actor=Actor(**wire.actor),
        subjects=tuple(wire.subjects),
        body=wire.body,
        subject_key_id=wire.private.subject_key_id if wire.private else None,
    )
    return StoredEntry(wire.index, utc_moment(wire.recorded_at), entry, canonical, leaf_hash)
