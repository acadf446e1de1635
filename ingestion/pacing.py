"""How fast and how long we may bother a source: limits, a rate limiter, a circuit breaker.

Vendors count per account (Xero: 60 a minute and 5 at once per organisation), so a pace belongs
to one host and account; accounts do not slow each other down.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_MINUTE = 60.0


@dataclass(frozen=True)
class Limits:
    """Bounds of one connection.

    Attributes:
        requests_per_minute: At most this many calls in any 60 seconds.
        attempts: Tries per call, the first included.
        timeout_seconds: Longest silence while connecting or reading.
        deadline_seconds: Longest time a whole sync of the connection may take.
        longest_wait_seconds: A ``Retry-After`` beyond this ends the run instead of sleeping.
        backoff_seconds: First backoff; doubles with every try, plus jitter.
        breaker_failures: Failed tries in a row that open the circuit.
        breaker_seconds: How long it stays open.
    """

    requests_per_minute: int = 60
    attempts: int = 5
    timeout_seconds: float = 10.0
    deadline_seconds: float = 600.0
    longest_wait_seconds: float = 120.0
    backoff_seconds: float = 0.1
    breaker_failures: int = 12
    breaker_seconds: float = 30.0

    @classmethod
    def of(cls, options: Mapping[str, Any], **defaults: float) -> "Limits":
        """Build from a connection's options over the connector's own defaults."""
        wanted = {**defaults, **{k: options[k] for k in cls.__dataclass_fields__ if k in options}}
        return cls(**wanted)


@dataclass
class Pace:
    """Sliding-window rate limit; ``wait`` blocks until the next call is allowed."""

    requests_per_minute: int
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _calls: deque[float] = field(default_factory=deque, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait(self) -> None:
        """Take one slot, sleeping for it when the window is full."""
        while (delay := self._take()) > 0:
            self.sleep(delay)

    def _take(self) -> float:
        with self._lock:
            now = self.clock()
            while self._calls and now - self._calls[0] >= _MINUTE:
                self._calls.popleft()
            if len(self._calls) < self.requests_per_minute:
                self._calls.append(now)
                return 0.0
            return max(_MINUTE - (now - self._calls[0]), 0.001)


@dataclass
class Breaker:
    """Opens after ``failures`` failed tries in a row; lets one try through when it has rested."""

    failures: int
    rest_seconds: float
    clock: Callable[[], float] = time.monotonic
    _failed: int = 0
    _opened_at: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls should rest now."""
        return self._failed >= self.failures and (
            self.clock() - self._opened_at < self.rest_seconds
        )

    def record(self, *, succeeded: bool) -> None:
        """Count one try."""
        self._failed = 0 if succeeded else self._failed + 1
        if self._failed >= self.failures:
            self._opened_at = self.clock()


@dataclass(frozen=True)
class Deadline:
    """A point in time after which no call may start or go on."""

    expires_at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> "Deadline":
        """Start counting now."""
        return cls(clock() + seconds, clock)

    @property
    def is_past(self) -> bool:
        """Whether time is up."""
        return self.clock() >= self.expires_at


def retry_after(header: str) -> float:
    """Read the seconds or the HTTP date of a ``Retry-After``; 0 when there is neither."""
    if header.strip().isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    return max((at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
