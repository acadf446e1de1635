"""The rules' own unit tests and the data tests hold on both engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

AS_OF = "2026-07-03T00:00:00+00:00"


@pytest.fixture(
    scope="module", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def target(request: pytest.FixtureRequest) -> Path | str:
    if request.param == "duckdb":
        return request.getfixturevalue("after_second_sync").target
    return request.getfixturevalue("after_second_sync_on_postgres").target


def test_every_rule_passes_its_unit_test(
    target: Path | str, dbt: Callable[..., Any], tmp_path: Path
) -> None:
    done = dbt(target, tmp_path, AS_OF, "test", "--select", "test_type:unit")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "PASS=0" not in done.stdout
