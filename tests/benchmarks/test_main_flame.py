"""A flame graph shows every stack as wide as its time."""

from __future__ import annotations

import re

from benchmarks import _flame


def test_boxes_are_as_wide_as_their_seconds_and_stand_below_their_callers():
    drawn = _flame.svg(
        "build", {("marts", "ageing"): 3.0, ("marts", "<daily>"): 1.0, ("tests",): 4.0}
    )
    boxes = {
        title: (float(x), int(y), float(width))
        for title, x, y, width in re.findall(
            r'<title>(.*?) [\d.]+ s</title><rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"', drawn
        )
    }
    whole = _flame.WIDTH
    assert boxes["build"] == (0.0, 0, whole)
    assert boxes["marts"][2] == boxes["tests"][2] == whole / 2
    assert boxes["ageing"] == (boxes["marts"][0], 2 * _flame.ROW, whole * 3 / 8)
    assert boxes["&lt;daily&gt;"][2] == whole / 8
