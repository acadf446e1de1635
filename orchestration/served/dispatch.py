"""Which function serves which kind of command, in which lane, and how a function answers.

A function takes ``(platform, task)`` and gives a mapping (the body of the ``command_status`` entry
besides id and status) or an :class:`Answer`. To add a kind, name it in ``SERVED``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledger.queue import Task
    from ledger.transaction import Transaction
    from orchestration.platform import Platform

LIVE, DESK = "live", "desk"
"""Lanes: what a client waits for, and what people ask for at their desk, which may take minutes."""


class CommandRefusedError(Exception):
    """What a command asks for cannot be done; trying again would not help. Says why, in words."""


@dataclass(frozen=True)
class Answer:
    """What came of a command.

    Attributes:
        body: Told to who asked: ids, figures, codes; no personal data.
        status: ``done`` or ``waiting``.
        within: Done in the transaction that completes the task, so that it happens once.
        after: Done when that transaction stands; nothing depends on it.
    """

    body: Mapping[str, Any] = field(default_factory=dict)
    status: str = "done"
    within: Callable[[Transaction], None] | None = None
    after: Callable[[], None] | None = None


Serve = Callable[["Platform", "Task"], Mapping[str, Any] | Answer]


@dataclass(frozen=True, slots=True)
class Served:
    """How one kind is served.

    Attributes:
        function: ``module:name``; the module is imported when the first such command comes.
        lane: In which lane.
    """

    function: str
    lane: str


SERVED: Mapping[str, Served] = {
    "command.assess_requested": Served("orchestration.assess_command:serve", DESK),
    "command.quarantine_corrected": Served("orchestration.served.quarantine:corrected", DESK),
    "command.dead_letter_replayed": Served("orchestration.served.dead_letters:replayed", DESK),
    "command.dead_letter_closed": Served("orchestration.served.dead_letters:closed", DESK),
}


def kinds(lane: str) -> tuple[str, ...]:
    """Name the kinds of a lane."""
    return tuple(kind for kind, served in SERVED.items() if served.lane == lane)


def serve(platform: Platform, task: Task) -> Answer:
    """Serve one command.

    Raises:
        CommandRefusedError: It cannot be done.
    """
    module, _, name = SERVED[task.kind].function.partition(":")
    function: Serve = getattr(importlib.import_module(module), name)
    found = function(platform, task)
    return found if isinstance(found, Answer) else Answer(found)
