"""Days and moments of the world as plain integers: ordinals for days, milliseconds for moments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache

EPOCH_DAY = date(1970, 1, 1).toordinal()
DAY_MS = 86_400_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
END_OF_TIME_MS = 1 << 62


def day_ms(day: int) -> int:
    """Return the UTC midnight that starts `day`, in milliseconds since 1970."""
    return (day - EPOCH_DAY) * DAY_MS


@lru_cache(maxsize=8192)
def day_iso(day: int) -> str:
    """Return the day as YYYY-MM-DD."""
    return date.fromordinal(day).isoformat()


def moment_iso(moment_ms: int) -> str:
    """Return a moment as ISO 8601 in UTC with seconds, ending in Z."""
    days, rest = divmod(moment_ms, DAY_MS)
    minutes, seconds = divmod(rest // 1000, 60)
    return f"{day_iso(EPOCH_DAY + days)}T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}Z"


def parse_moment(text: str) -> int:
    """Read an ISO moment (no zone means UTC) into milliseconds since 1970."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def is_weekend(day: int) -> bool:
    """Tell whether `day` is a Saturday or Sunday."""
    return (day - 1) % 7 >= 5


def next_working_day(day: int) -> int:
    """Return `day`, or the Monday after it when it falls on a weekend."""
    weekday = (day - 1) % 7
    return day + (7 - weekday) if weekday >= 5 else day
