"""Memory between the steps of a large piece of work.

What a step has freed stays with the process: the C library keeps the pages for the next request,
and the most a process holds is then the sum of steps that never needed their memory at once.
"""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Hand what is free back to the system; does nothing where the C library is not glibc."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
