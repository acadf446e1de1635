"""Request limits per key as vendors count them: in flight, per minute, per day."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    """How much one client may ask."""

    concurrent: int = 5
    per_minute: int = 1000
    per_day: int = 50_000


@dataclass(frozen=True)
class Standing:
    """What is left after a request; `problem` names the limit that refused it."""

    minute_left: int
    day_left: int
    problem: str = ""
    retry_after: int = 0


class Limits:
    """Counts requests per key against a quota; the caller supplies the time in seconds."""

    def __init__(self, quota: Quota) -> None:
        self.quota = quota
        self._minutes: dict[str, deque[float]] = defaultdict(deque)
        self._days: dict[str, tuple[int, int]] = {}
        self._in_flight: dict[str, int] = defaultdict(int)

    def enter(self, key: str, now: float) -> Standing:
        """Count a request; one that is refused does not count."""
        recent = self._minutes[key]
        while recent and recent[0] <= now - 60:
            recent.popleft()
        today = int(now // 86_400)
        day, used = self._days.get(key, (today, 0))
        used = used if day == today else 0
        minute_left = self.quota.per_minute - len(recent)
        day_left = self.quota.per_day - used
        if self._in_flight[key] >= self.quota.concurrent:
            return Standing(minute_left, day_left, "concurrent", 1)
        if minute_left <= 0:
            wait = max(1, round(recent[0] + 60 - now) + 1) if recent else 60
            return Standing(0, day_left, "minute", wait)
        if day_left <= 0:
            return Standing(minute_left, 0, "day", 86_400 - int(now) % 86_400)
        recent.append(now)
        self._days[key] = (today, used + 1)
        self._in_flight[key] += 1
        return Standing(minute_left - 1, day_left - 1)

    def leave(self, key: str) -> None:
        """Note that a counted request was answered."""
        self._in_flight[key] -= 1
