"""Running sums equal counting by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features.streams import Stream, Timeline, mean, ratio_ppm

values = st.integers(-5, 5) | st.integers(-(2**40), 2**40)
events = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), values), max_size=40)


@given(events, st.integers(-1, 4), st.integers(-3, 25), st.integers(-3, 25))
def test_a_window_sums_what_became_known_in_it(
    rows: list[tuple[int, int, int]], key: int, a: int, b: int
) -> None:
    low, high = sorted((a, b))
    columns = [np.array([row[i] for row in rows], dtype=np.int64) for i in range(3)]
    timeline = Timeline(columns[1])
    stream = Stream(
        timeline, columns[0].astype(np.int32), columns[1], {"v": columns[2]}, np.arange(len(rows))
    )
    asked = np.array([key])
    first, last = (stream.until(asked, timeline.rank(np.array([at]))) for at in (low, high))
    found = stream.total("v", first, last)
    assert found[0] == sum(v for k, t, v in rows if k == key and low < t <= high)


def test_nothing_divided_by_nothing_is_nothing() -> None:
    zero = np.zeros(1, dtype=np.int64)
    assert mean(zero, zero, 1000)[0] == 0
    assert ratio_ppm(zero, zero)[0] == 0


@given(st.integers(0, 10**17), st.integers(1, 10**17))
def test_ratios_of_large_amounts_stay_close(part: int, whole: int) -> None:
    part = min(part, whole)
    found = int(ratio_ppm(np.array([part]), np.array([whole]))[0])
    assert abs(found - part * 1_000_000 / whole) <= 2


@pytest.mark.parametrize("largest", [3, 2**40])
def test_sums_of_many_events_are_exact_in_either_width(largest: int) -> None:
    count = 2**18
    values = np.random.default_rng(5).integers(-largest, largest, size=count)
    known_at = np.arange(count)
    timeline = Timeline(known_at)
    stream = Stream(
        timeline, np.zeros(count, dtype=np.int32), known_at, {"v": values}, np.arange(count)
    )
    bounds = np.array([0, 1, 999, count - 1])
    key = np.zeros(len(bounds), dtype=np.int64)
    last = stream.until(key, timeline.rank(bounds))
    found = stream.total("v", stream.start(key), last)
    assert found.dtype == np.int64
    assert found.tolist() == [int(values[: bound + 1].sum()) for bound in bounds]
