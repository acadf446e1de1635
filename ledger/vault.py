"""Private payloads: one data key per subject, erased by destroying that key.

A payload is encrypted (AES-GCM) under the data key of its subject, the data key under the master
key. To erase a subject is to destroy its data key; the ciphertexts and their hashes stay, so every
proof stays valid, and an ``erasure_certificate`` entry says who did it under which case.

A backup of the database holds the data keys of its day: destroy backups older than the erasure, or
erase again after restoring one.
"""

from __future__ import annotations

import os

from sqlalchemy import bindparam, insert, select, update

from ledger.database import Cursor
from ledger.errors import SubjectErased
from ledger.keys import Keyring, seal, unseal
from ledger.schema import PRIVATE_PAYLOADS, SUBJECT_KEYS

_KEY = (
    SUBJECT_KEYS.c.tenant_id == bindparam("of_tenant"),
    SUBJECT_KEYS.c.subject_key_id == bindparam("of_subject"),
)
_FIND = select(
    SUBJECT_KEYS.c.wrapped_key, SUBJECT_KEYS.c.erased_at, SUBJECT_KEYS.c.erasure_case
).where(*_KEY)
_INSERT = insert(SUBJECT_KEYS)
_ERASE = update(SUBJECT_KEYS).where(*_KEY)
_ERASE = _ERASE.values(
    wrapped_key=None, erased_at=bindparam("at"), erasure_case=bindparam("under_case")
)
INSERT_PAYLOAD = insert(PRIVATE_PAYLOADS)
_PAYLOAD = select(PRIVATE_PAYLOADS.c.ciphertext).where(PRIVATE_PAYLOADS.c.idx == bindparam("index"))


class Vault:
    """Seals and opens private payloads within one database cursor."""

    def __init__(self, cursor: Cursor, keys: Keyring) -> None:
        self._cursor = cursor
        self._keys = keys

    def seal(self, tenant_id: str, subject_key_id: str, payload: bytes, *, now: str) -> bytes:
        """Encrypt a payload; a subject's first payload makes its key.

        Raises:
            SubjectErased: The subject's key was destroyed.
        """
        key = self._data_key(tenant_id, subject_key_id)
        if key is None:
            key = os.urandom(32)
            wrapped = self._keys.wrap(key, purpose=_purpose(tenant_id, subject_key_id))
            self._cursor.run(_INSERT, (tenant_id, subject_key_id, wrapped, now, None, None))
        return seal(key, payload, context=_purpose(tenant_id, subject_key_id))

    def open(self, tenant_id: str, subject_key_id: str, index: int) -> bytes | None:
        """Decrypt the private payload of an entry; ``None`` when it has none.

        Raises:
            SubjectErased: The subject's key was destroyed.
            KeyUnusable: The payload was changed, or belongs to another master key.
        """
        row = self._cursor.row(_PAYLOAD, (index,))
        key = self._data_key(tenant_id, subject_key_id)
        if row is None or key is None:
            return None
        return unseal(key, bytes(row[0]), context=_purpose(tenant_id, subject_key_id))

    def destroy(self, tenant_id: str, subject_key_id: str, *, case: str, now: str) -> None:
        """Destroy a subject's key, or make sure that it can never get one.

        Raises:
            SubjectErased: It was destroyed before.
        """
        if self._data_key(tenant_id, subject_key_id) is None:
            self._cursor.run(_INSERT, (tenant_id, subject_key_id, None, now, now, case))
        else:
            self._cursor.run(_ERASE, (now, case, tenant_id, subject_key_id))

    def _data_key(self, tenant_id: str, subject_key_id: str) -> bytes | None:
        row = self._cursor.row(_FIND, (tenant_id, subject_key_id))
        if row is None:
            return None
        wrapped, erased_at, case = row
        if erased_at is not None:
            raise SubjectErased(subject_key_id, case)
        return self._keys.unwrap(bytes(wrapped), purpose=_purpose(tenant_id, subject_key_id))


def _purpose(tenant_id: str, subject_key_id: str) -> str:
    return f"subject:{tenant_id}:{subject_key_id}"
