"""What is freed between steps goes back to the system."""

import ctypes
import sys
from pathlib import Path

import pytest

from orchestration import memory

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="the C library is not glibc",
)
MEBIBYTE = 2**20


def resident() -> int:
    """Bytes this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * 4096


def test_freed_blocks_below_a_kept_one_go_back():
    blocks = [bytearray(b"x" * 65_536) for _ in range(3_200)]
    kept, held = blocks[-1], resident()
    del blocks
    memory.give_back()
    assert held - resident() > 100 * MEBIBYTE
    assert kept[0] == ord("x")
