"""What can go wrong between us and a source, each with what to do next.

``SourceError`` is caught per connection and entity: one source's trouble never stops another.
"""

from dataclasses import dataclass, field


@dataclass(eq=False)
class SourceError(Exception):
    """A source did not give what was asked.

    Attributes:
        connection_id: Which connection.
        endpoint: Method and path, never the query (it may hold a person's name).
        detail: What happened, without credentials or payload.
        status: HTTP status, when there was an answer.
    """

    connection_id: str
    endpoint: str
    detail: str
    status: int | None = None

    next_step = "Read the detail and try the sync again."
    is_transient = False
    ends_connection = False
    """Whether further calls of this connection would fare no better."""

    def __str__(self) -> str:
        status = f" (HTTP {self.status})" if self.status is not None else ""
        return (
            f"{type(self).__name__}: {self.endpoint} of {self.connection_id}{status}: "
            f"{self.detail} {self.next_step}"
        )


@dataclass(eq=False)
class RateLimited(SourceError):
    """The source asks us to slow down.

    Attributes:
        retry_after: Seconds the source wants us to wait.
        is_quota: A daily quota is used up: waiting within this run makes no sense.
    """

    retry_after: float = 0.0
    is_quota: bool = False

    next_step = "Sync again after the time given, or lower requests_per_minute."

    @property
    def is_transient(self) -> bool:  # type: ignore[override]
        """Whether waiting inside this run can help."""
        return not self.is_quota

    @property
    def ends_connection(self) -> bool:  # type: ignore[override]
        """Whether a quota is used up."""
        return self.is_quota


class Unauthorised(SourceError):
    """The credentials were refused, also after renewing the token."""

    next_step = "Check the credentials and scopes of the connection and connect it again."
    ends_connection = True


class NotAsked(SourceError):
    """What this entity hangs on could not be read, so nobody knows what to ask for."""

    next_step = "The next sync asks again; nothing is lost."


class Refused(SourceError):
    """The source understood the request and declined it."""

    next_step = "The request does not suit this source; check the connection's options."


class Unreachable(SourceError):
    """No usable answer: network trouble, a server error, or a deadline passed."""

    next_step = "Look at the source's status page and sync again later; nothing is lost."
    is_transient = True


class CircuitOpen(Unreachable):
    """Too many failures in a row: calls rest for a while."""

    is_transient = False
    ends_connection = True


@dataclass(eq=False)
class ShapeChanged(SourceError):
    """The answer is not what the contract of this source says.

    Attributes:
        reason_code: ``malformed``, ``truncated`` or ``shape_changed``.
        body: The bytes as they came, kept for quarantine.
    """

    reason_code: str = "shape_changed"
    body: bytes = field(default=b"", repr=False)

    next_step = "The bytes are in quarantine; compare them with the vendor's documentation."

    @property
    def is_transient(self) -> bool:  # type: ignore[override]
        """A broken body may be whole at the next try; a changed shape stays changed."""
        return self.reason_code != "shape_changed"
