"""The error family of the ledger: what was refused, and what to do next."""

from __future__ import annotations


class LedgerError(Exception):
    """The ledger could not do what was asked; nothing of the transaction was kept."""


class LedgerBusy(LedgerError):
    """Another writer held the ledger for too long: try again."""


class LedgerCorrupt(LedgerError):
    """A stored value does not match its hash: stop, and run the verification.

    Attributes:
        index: The entry that does not match.
    """

    def __init__(self, index: int, detail: str) -> None:
        super().__init__(f"entry {index}: {detail}; run `python -m ledger.verify`")
        self.index = index
        self.detail = detail


class UnknownEntry(LedgerError):
    """An index or size lies beyond the ledger."""


class InvalidEntry(LedgerError):
    """An entry lacks what its type needs (a key, a time zone, a subject for its private part)."""


class ReservationRefused(LedgerError):
    """An approval cannot be reserved: the receivable is taken or a limit would be passed.

    Attributes:
        code: ``DUPLICATE_EXACT``, ``NEAR_DUPLICATE``, ``LIMIT_SELLER``, ``LIMIT_DEBTOR`` or
            ``LIMIT_GROUP``.
        detail: The holder of the fingerprint, or the limit and what is used of it.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class UnknownReservation(LedgerError):
    """A receivable has no reservation that could be released."""


class IdempotencyConflict(LedgerError):
    """One idempotency key came with two different tasks."""


class LeaseLost(LedgerError):
    """A task is no longer held by this claim: another worker has it, or it is closed."""


class UnknownTask(LedgerError):
    """A task does not exist, or is not in a state that allows what was asked."""


class FourEyesRequired(LedgerError):
    """Money moves only when a second person agrees."""


class SubjectErased(LedgerError):
    """The key of a subject was destroyed: its private payloads cannot be read or added to.

    Attributes:
        subject_key_id: The erased subject.
        case: The case under which it was erased.
    """

    def __init__(self, subject_key_id: str, case: str) -> None:
        super().__init__(f"{subject_key_id} was erased under case {case}")
        self.subject_key_id = subject_key_id
        self.case = case


class KeyUnusable(LedgerError):
    """A key file is missing, malformed or readable by others; the message names the file."""


class CheckpointInvalid(LedgerError):
    """A checkpoint is malformed, of another origin, or not signed by the expected key."""


class UnknownConnection(LedgerError):
    """A tenant has no such connection."""


class LedgerTooNew(LedgerError):
    """A newer version of the platform wrote this ledger; this one leaves it alone."""


class LedgerBehind(LedgerError):
    """A ledger has to be migrated first, and not by whoever opened it."""


class LedgerNotEmpty(LedgerError):
    """A copy would be written over a ledger that holds entries."""
