"""Which function serves which kind of command of people, and how a function answers.

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


SERVED: Mapping[str, str] = {
    "command.assess_requested": "orchestration.assess.command:serve",
    "command.quarantine_corrected": "orchestration.served.quarantine:corrected",
    "command.dead_letter_replayed": "orchestration.served.dead_letters:replayed",
    "command.dead_letter_closed": "orchestration.served.dead_letters:closed",
}
"""Kind to ``module:function``; the module is imported when the first such command comes.

What a client waits for (`orchestration.live`) has a lane of its own: these may take minutes.
"""


def serve(platform: Platform, task: Task) -> Answer:
    """Serve one command.

    Raises:
        CommandRefusedError: It cannot be done.
    """
    module, _, name = SERVED[task.kind].partition(":")
    function: Serve = getattr(importlib.import_module(module), name)
    found = function(platform, task)
    return found if isinstance(found, Answer) else Answer(found)
