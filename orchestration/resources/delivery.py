"""What can happen to a call that leaves the house, as a small family of errors.

The family decides what the outbox may do next: a refusal is final, an unreachable counterpart may
be tried again, and an unclear answer must be asked about before anything is sent again.
"""

from __future__ import annotations

from http import HTTPStatus

_ABOUT_US = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
    }
)
_ABOUT_SOMETHING_ELSE = _ABOUT_US | {HTTPStatus.CONFLICT}


class DeliveryError(Exception):
    """A call to a counterpart did not end in an answer that can be used."""


class RefusedError(DeliveryError):
    """The counterpart understood and said no; sending the same again cannot help.

    Attributes:
        status: Its status code.
        code: Its own error code.
    """

    def __init__(self, counterpart: str, status: int, code: str) -> None:
        self.status = status
        self.code = code
        super().__init__(f"{counterpart} refused the call ({status} {code})")

    @property
    def cause(self) -> str:
        """Status and code, for the record."""
        return f"{self.status} {self.code}"

    @property
    def is_about_the_request(self) -> bool:
        """Whether this is a no to what was asked, not to who asks, how, or to a key used before."""
        return self.status not in _ABOUT_SOMETHING_ELSE

    @property
    def may_pass(self) -> bool:
        """Whether it is a no to who asks or when: credentials are renewed, so ask again later."""
        return self.status in _ABOUT_US


class UnreachableError(DeliveryError):
    """The counterpart did not take the call; it is safe to try again later.

    Attributes:
        retry_after: Seconds the counterpart asked to wait, when it said so.
    """

    def __init__(self, counterpart: str, cause: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(f"{counterpart} did not take the call ({cause})")


class UnclearError(DeliveryError):
    """The call may or may not have taken effect; ask for the status before sending again."""

    def __init__(self, counterpart: str, cause: str) -> None:
        super().__init__(f"{counterpart} may have acted, its answer is missing ({cause})")
