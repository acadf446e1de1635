"""A batch gives way: what people and clients wait for comes first on a busy machine.

On an idle machine it changes nothing. Processes that a batch starts inherit it.
"""

from __future__ import annotations

import os
from functools import cache

_NICENESS = 10


@cache
def give_way() -> None:
    """Lower the priority of this process, once; where the system has none, nothing happens."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
