"""Files are known by their bytes."""

from __future__ import annotations

import hashlib

from orchestration import hashes


def test_a_file_is_known_by_its_bytes_and_not_by_its_name(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other.csv"
    one.write_bytes(b"\x00bytes")
    other.write_bytes(b"\x00bytes")
    assert hashes.of_file(one) == hashes.of_file(other) == hashlib.sha256(b"\x00bytes").hexdigest()
