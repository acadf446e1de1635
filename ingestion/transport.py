"""The one way out to a web source: signed in, paced, retried, timed and logged.

::

    get ─► pace ─► token ─► request ─► status ─► body ─► check ─► Answer
      ▲                                   │ 429, 5xx, broken body, network: back off with jitter
      └───────────────────────────────────┘ 401 once: new token · daily quota, 403: stop

Everything here is a read and safe to repeat. Logs carry host, path, status and times; never a
query (it may hold a name), a header or a body.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import httpx
import msgspec
import stamina
import structlog

from ingestion.authorisation import Authoriser
from ingestion.connection import Connection
from ingestion.failures import (
    CircuitOpen,
    RateLimited,
    Refused,
    ShapeChanged,
    SourceError,
    Unauthorised,
    Unreachable,
)
from ingestion.pacing import Breaker, Deadline, Limits, Pace, retry_after

__all__ = [
    "Answer",
    "CircuitOpen",
    "RateLimited",
    "Refused",
    "ShapeChanged",
    "SourceError",
    "Transport",
    "Unauthorised",
    "Unreachable",
]

_LOG = structlog.get_logger("ingestion.transport")
_QUOTA_PROBLEMS = {"day", "daily"}
_BROKEN_BODY = (httpx.RemoteProtocolError, httpx.ReadError, httpx.DecodingError)

Params = Mapping[str, str | int]
T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A whole, accepted answer.

    Attributes:
        endpoint: Method and path with the query's paging, for lineage.
        body: The bytes exactly as they came, decompressed.
        content: What the caller's ``parse`` made of the body.
    """

    endpoint: str
    status: int
    body: bytes = field(repr=False)
    content: T = field(repr=False)


@dataclass
class Transport:
    """Reads from one connection.

    Attributes:
        client: Shared by connections of one host, so that sockets are reused.
        authoriser: ``None`` where the source needs no token.
    """

    connection: Connection
    client: httpx.Client
    authoriser: Authoriser | None
    limits: Limits
    pace: Pace
    breaker: Breaker
    deadline: Deadline

    @classmethod
    def open(
        cls,
        connection: Connection,
        client: httpx.Client,
        authoriser: Authoriser | None,
        limits: Limits,
    ) -> "Transport":
        """Build one with fresh counters; the deadline starts to run now."""
        return cls(
            connection=connection,
            client=client,
            authoriser=authoriser,
            limits=limits,
            pace=Pace(limits.requests_per_minute),
            breaker=Breaker(limits.breaker_failures, limits.breaker_seconds),
            deadline=Deadline.after(limits.deadline_seconds),
        )

    def get(
        self,
        path: str,
        parse: Callable[[bytes], T],
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        allowed: frozenset[int] = frozenset(),
    ) -> Answer[T]:
        """Read one address.

        Args:
            path: Below the connection's ``base_url``.
            parse: Reads the body. ``msgspec.ValidationError`` means its shape has changed;
                any other ``msgspec.DecodeError`` or ``ValueError`` that it is broken, which
                is tried again.
            params: The query.
            headers: Besides the authorisation.
            allowed: Statuses besides 200 to parse and hand back instead of raising.

        Raises:
            SourceError: One of its family, after the tries this kind deserves.
        """
        url = self.connection.base_url.rstrip("/") + path
        for attempt in stamina.retry_context(
            on=self._backoff,
            attempts=self.limits.attempts,
            timeout=None,
            wait_initial=self.limits.backoff_seconds,
            wait_max=self.limits.longest_wait_seconds,
            wait_jitter=self.limits.backoff_seconds,
        ):
            with attempt:
                answer = self._attempt(url, path, params or {}, headers or {}, allowed)
                content = self._parsed(answer, parse, path)
                return Answer(
                    _endpoint(path, params or {}), answer.status_code, answer.content, content
                )
        raise self._failure(Unreachable, path, "no attempt was allowed.")

    def _backoff(self, error: Exception) -> bool | float:
        if not isinstance(error, SourceError) or not error.is_transient or self.deadline.is_past:
            return False
        _LOG.warning(
            "source.attempt_failed",
            connection_id=error.connection_id,
            endpoint=error.endpoint,
            kind=type(error).__name__,
            status=error.status,
        )
        if isinstance(error, RateLimited) and error.retry_after > 0:
            return error.retry_after
        return True

    def _attempt(
        self,
        url: str,
        path: str,
        params: Params,
        headers: Mapping[str, str],
        allowed: frozenset[int],
    ) -> httpx.Response:
        if self.breaker.is_open:
            raise self._failure(CircuitOpen, path, "too many failures in a row.")
        try:
            answer = self._signed(url, path, params, headers)
            self._accept(answer, path, allowed)
        except SourceError as error:
            self.breaker.record(succeeded=not isinstance(error, Unreachable))
            raise
        self.breaker.record(succeeded=True)
        return answer

    def _signed(
        self, url: str, path: str, params: Params, headers: Mapping[str, str]
    ) -> httpx.Response:
        for _ in range(2):
            token = self.authoriser.token() if self.authoriser else ""
            signed = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}
            answer = self._send(url, path, params, signed)
            if answer.status_code != httpx.codes.UNAUTHORIZED or self.authoriser is None:
                return answer
            self.authoriser.discard(token)
        return answer

    def _send(
        self, url: str, path: str, params: Params, headers: Mapping[str, str]
    ) -> httpx.Response:
        if self.deadline.is_past:
            raise self._failure(CircuitOpen, path, "the connection's time is up.")
        self.pace.wait()
        started = time.monotonic()
        received = bytearray()
        try:
            with self.client.stream(
                "GET",
                url,
                params=dict(params),
                headers=headers,
                timeout=self.limits.timeout_seconds,
            ) as answer:
                for chunk in answer.iter_bytes():
                    received += chunk
                    if self.deadline.is_past:
                        raise self._failure(CircuitOpen, path, "the connection's time is up.")
        except _BROKEN_BODY as error:
            if not received:
                raise self._failure(Unreachable, path, type(error).__name__) from error
            raise self._failure(
                ShapeChanged,
                path,
                "the body ended early.",
                reason_code="truncated",
                body=bytes(received),
            ) from error
        except httpx.TransportError as error:
            raise self._failure(Unreachable, path, type(error).__name__) from error
        _LOG.debug(
            "source.answer_received",
            connection_id=self.connection.connection_id,
            path=path,
            status=answer.status_code,
            bytes=len(received),
            took_ms=round((time.monotonic() - started) * 1000),
        )
        return httpx.Response(
            answer.status_code, headers=_plain(answer.headers), content=bytes(received)
        )

    def _accept(self, answer: httpx.Response, path: str, allowed: frozenset[int]) -> None:
        status = answer.status_code
        if status == httpx.codes.OK or status in allowed:
            return
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise self._rate_limited(answer, path)
        if status in {401, 403}:
            raise self._failure(Unauthorised, path, "access was refused.", status=status)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise self._failure(Unreachable, path, "the server failed.", status=status)
        raise self._failure(Refused, path, "the request was declined.", status=status)

    def _rate_limited(self, answer: httpx.Response, path: str) -> SourceError:
        wait = retry_after(answer.headers.get("Retry-After", ""))
        problem = answer.headers.get("X-Rate-Limit-Problem", "").lower()
        is_quota = problem in _QUOTA_PROBLEMS or wait > self.limits.longest_wait_seconds
        detail = "the daily quota is used up." if is_quota else f"asked to wait {wait:.0f} s."
        return self._failure(
            RateLimited, path, detail, status=429, retry_after=wait, is_quota=is_quota
        )

    def _parsed(self, answer: httpx.Response, parse: Callable[[bytes], T], path: str) -> T:
        try:
            return parse(answer.content)
        except (msgspec.DecodeError, ValueError) as error:
            changed = isinstance(error, msgspec.ValidationError)
            raise self._failure(
                ShapeChanged,
                path,
                f"the body cannot be read: {error}.",
                status=answer.status_code,
                reason_code="shape_changed" if changed else "malformed",
                body=answer.content,
            ) from error

    def _failure(
        self, kind: type[SourceError], path: str, detail: str, **facts: object
    ) -> SourceError:
        build: Callable[..., SourceError] = kind
        return build(self.connection.connection_id, f"GET {path}", detail, **facts)


def _endpoint(path: str, params: Params) -> str:
    paging = "&".join(f"{key}={params[key]}" for key in ("page", "cursor") if key in params)
    return f"GET {path}{'?' if paging else ''}{paging}"


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Drop what no longer describes the decompressed, re-assembled body."""
    gone = {"content-encoding", "content-length", "transfer-encoding"}
    return {key: value for key, value in headers.items() if key.lower() not in gone}
