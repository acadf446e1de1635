"""What dbt did is told as events, without what it read."""

from __future__ import annotations

import duckdb
import pytest

from orchestration.assets import curated


def test_a_failure_names_the_column_and_not_the_person():
    with pytest.raises(duckdb.ConversionException) as failure:
        duckdb.sql("select cast('Ann Lee' as integer) as due_on").fetchall()
    told = curated.told(f"Runtime Error in model stg_invoices\n  {failure.value}")
    assert "stg_invoices" in told
    assert "Could not convert string" in told
    assert "Ann Lee" not in told
