"""The clock: knowledge time as a value, so that a run decides as of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is for decisions.

    Attributes:
        fixed: The moment a run decides as of; ``None`` follows the machine.
    """

    fixed: datetime | None = None

    @property
    def as_of(self) -> datetime:
        """The knowledge time, in UTC and whole seconds."""
        moment = self.fixed or datetime.now(UTC)
        return moment.astimezone(UTC).replace(microsecond=0)

    @property
    def text(self) -> str:
        """The knowledge time as decisions write it: ISO 8601 with ``Z``."""
        return self.as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
