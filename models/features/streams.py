"""Running sums over events in the order they became known.

A feature such as "late payments of this debtor in the last 90 days, as known at t" is the
difference of two running sums. The sums are integers and each request is answered by two binary
searches of its own, so one request alone and a million together get the same figures, and an event
known after t cannot take part in them.

    events (key, known at, values) ──sort──► running sums ──search (key, t)──► sums up to t
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from models.domain.matrix import Ints

Numbers = npt.NDArray[np.int64] | npt.NDArray[np.int8] | npt.NDArray[np.bool_]
"""What can be summed; flags and counts are kept small."""

GroupNumbers = npt.NDArray[np.int32]
_MANY = 2**18
Sums = npt.NDArray[np.int64] | npt.NDArray[np.int32]


class Timeline:
    """All moments at which something became known, so that times compare by rank.

    Args:
        moments: Microseconds since the epoch, in any order, with repeats.
    """

    def __init__(self, moments: Ints) -> None:
        self._moments = np.unique(moments)

    @property
    def span(self) -> int:
        """One more than the number of distinct moments."""
        return len(self._moments) + 1

    def rank(self, at: Ints) -> Ints:
        """Give the number of the last moment not after each time; -1 before the first."""
        return np.asarray(self._moments.searchsorted(at, side="right") - 1, dtype=np.int64)


class Stream:
    """Events of many keys with running sums per value.

    Args:
        timeline: Holds every moment of the events.
        key: Non-negative group number per event.
        known_at: When the event became known, microseconds.
        values: Columns to sum; a running sum is made when it is first asked for.
        tie: Order of events of one key known at the same moment.
    """

    def __init__(
        self,
        timeline: Timeline,
        key: GroupNumbers,
        known_at: Ints,
        values: Mapping[str, Numbers],
        tie: Ints,
    ) -> None:
        rank = timeline.rank(known_at)
        order = np.lexsort((tie, rank, key))
        self._span = timeline.span
        self._place = key[order].astype(np.int64) * self._span + rank[order]
        self._order = order.astype(np.int32)
        self._values = values
        self._sums: dict[str, Sums] = {}

    def until(self, key: Ints, rank: Ints) -> Ints:
        """Give the position after the last event of each key known at a time.

        Args:
            key: Group numbers.
            rank: Of the times, by the timeline; many streams are asked about few times.
        """
        place = key * self._span + rank
        return np.asarray(self._place.searchsorted(place, side="right"), dtype=np.int64)

    def start(self, key: Ints) -> Ints:
        """Give the position of the first event of each key."""
        return np.asarray(self._place.searchsorted(key * self._span), dtype=np.int64)

    def total(self, name: str, first: Ints, last: Ints) -> Ints:
        """Sum a value over the positions from ``first`` up to, not including, ``last``."""
        sums = self._sums.get(name)
        if sums is None:
            sums = self._sums[name] = _running(self._values[name][self._order])
        if sums.dtype == np.int64:
            return np.asarray(sums[last] - sums[first], dtype=np.int64)
        return np.subtract(sums[last], sums[first], dtype=np.int64)


def _running(values: Numbers) -> Sums:
    """Sum up from the first value on; of many values in half the room where every sum fits."""
    sums = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=sums[1:])
    if len(values) < _MANY:
        return sums
    small = np.iinfo(np.int32)
    fits = small.min <= sums.min() and sums.max() <= small.max
    return sums.astype(np.int32) if fits else sums


def mean(total: Ints, count: Ints, scale: int) -> Ints:
    """Divide with a scale, rounding down; 0 where there is nothing to divide by."""
    return total * scale // np.maximum(count, 1)


def ratio_ppm(part: Ints, whole: Ints) -> Ints:
    """Give parts per million of two amounts without leaving 64 bits; 0 where whole is 0."""
    step = np.maximum(whole // 2**40, 1)
    return (part // step) * 1_000_000 // np.maximum(whole // step, 1)
