"""Merkle trees as in RFC 6962: hashes, roots, proofs, and how a proof is checked.

Everything here is pure. A tree that lives in a database is read through ``SubtreeReader``; an
outsider needs only ``verify_inclusion`` and ``verify_consistency``.

    root of n leaves        n = 7:          root
    k = largest power                  ┌─────┴─────┐
        of two below n                k=4          3
                                    ┌──┴──┐     ┌──┴─┐
                                    2     2     2    1
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()

SubtreeReader = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree at ``(level, position)``; level 0 are the leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Hash the bytes of one leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The complete subtrees along the right edge: all that appending needs to know of a tree.

    Attributes:
        size: Number of leaves.
        stack: Subtree hashes from the largest to the smallest, one per set bit of ``size``.
    """

    size: int = 0
    stack: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash and give the subtrees it completed as (level, position, hash)."""
        completed = []
        level, position = 0, self.size
        while position & 1:
            leaf = sha256(b"\x01" + self.stack.pop() + leaf).digest()
            level += 1
            position >>= 1
            completed.append((level, position, leaf))
        self.stack.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Give the root of the tree as it stands."""
        return _fold(self.stack)

    def copy(self) -> Frontier:
        """Give an independent copy."""
        return Frontier(self.size, self.stack.copy())


def read_frontier(size: int, read: SubtreeReader) -> Frontier:
    """Read the right edge of a stored tree."""
    return Frontier(size, [read(level, position) for level, position in complete_subtrees(0, size)])


def complete_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """Split the leaves from ``start`` to ``end`` into complete subtrees, left to right.

    ``start`` is a multiple of the largest power of two that fits the range.
    """
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Give the root over leaf hashes, one level at a time."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        odd = level[-1:] if len(level) & 1 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0]


def root_at(size: int, read: SubtreeReader) -> bytes:
    """Give the root of the first ``size`` leaves of a stored tree."""
    return read_frontier(size, read).root()


def inclusion_path(index: int, size: int, read: SubtreeReader) -> list[bytes]:
    """Give the audit path of leaf ``index`` in the tree of the first ``size`` leaves.

    Raises:
        ValueError: The index is outside the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is outside a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, read))
            end = middle
        else:
            path.append(_range_hash(start, middle, read))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int, read: SubtreeReader) -> list[bytes]:
    """Give the proof that the tree of ``old`` leaves is a prefix of the tree of ``new`` leaves.

    Raises:
        ValueError: The sizes are not 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} is no prefix of a tree of {new}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, read))
            end = middle
        else:
            path.append(_range_hash(start, middle, read))
            start, whole = middle, False
    if not whole:
        path.append(_range_hash(start, end, read))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether a path proves that a leaf hash stands at ``index`` under ``root``."""
    if not 0 <= index < size:
        return False
    node, last = index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            leaf = node_hash(sibling, leaf)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            leaf = node_hash(leaf, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and leaf == root


def verify_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Tell whether a path proves that the old tree is a prefix of the new one."""
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    if not 0 < old < new:
        return False
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    return _replay(old - 1, new - 1, steps) == (old_root, new_root)


@dataclass(frozen=True, slots=True)
class ContentProof:
    """Shows that one record belongs to a dataset version.

    Attributes:
        index: Place of the record's hash among all, sorted.
        size: Number of records.
        path: Hashes beside the way up to the content root.
    """

    index: int
    size: int
    path: tuple[bytes, ...]


def content_root(hashes: Iterable[bytes]) -> bytes:
    """Give the root over the hashes of a dataset's records; their order does not matter."""
    return root_of(leaf_hash(record) for record in sorted(hashes))


def content_proof(hashes: Iterable[bytes], record: bytes) -> ContentProof:
    """Prove that a record hash is among those of a dataset.

    Raises:
        ValueError: It is not among them.
    """
    records = sorted(hashes)
    index = bisect_left(records, record)
    if index == len(records) or records[index] != record:
        raise ValueError(f"{record.hex()} is not among the {len(records)} records")
    level, place, path = [leaf_hash(item) for item in records], index, []
    while len(level) > 1:
        if place ^ 1 < len(level):
            path.append(level[place ^ 1])
        odd = level[-1:] if len(level) & 1 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [node_hash(left, right) for left, right in pairs] + odd
        place >>= 1
    return ContentProof(index, len(records), tuple(path))


def verify_content(record: bytes, proof: ContentProof, root: bytes) -> bool:
    """Tell whether a proof shows a record hash under a content root."""
    return verify_inclusion(
        leaf_hash(record), index=proof.index, size=proof.size, path=proof.path, root=root
    )


def _replay(node: int, last: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return (old, new) if last == 0 else None


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _range_hash(start: int, end: int, read: SubtreeReader) -> bytes:
    return _fold([read(level, position) for level, position in complete_subtrees(start, end)])


def _fold(stack: Sequence[bytes]) -> bytes:
    if not stack:
        return EMPTY_ROOT
    root = stack[-1]
    for left in reversed(stack[:-1]):
        root = node_hash(left, root)
    return root
