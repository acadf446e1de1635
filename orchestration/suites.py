"""Great Expectations suites, run as they are written: plain data in ``contract.py`` modules.

A suite runs on a pandas frame of integers and texts, tenant by tenant, so that one tenant's bad
rows are its own verdict. The library takes seconds to import; that happens here, inside the step,
and :func:`warm_up` may do it early in a thread of its own.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_importing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Suite:
    """What a table promises.

    Attributes:
        asset_key: The asset it is checked on, ``stage/…``.
        schema: Schema of the table.
        table: The table.
        columns: SQL of each column the expectations read, by name; integers and texts only.
        expectations: Rows with ``type`` and ``kwargs``.
    """

    asset_key: str
    schema: str
    table: str
    columns: Mapping[str, str]
    expectations: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one expectation found in one tenant's rows.

    Attributes:
        tenant_id: Whose rows.
        asset_key: Which table.
        rule: The expectation.
        column: The column, empty for whole tables.
        failed: Rows that broke it.
        checked: Rows looked at.
        is_met: Whether it holds.
    """

    tenant_id: str
    asset_key: str
    rule: str
    column: str
    failed: int
    checked: int
    is_met: bool


def warm_up() -> threading.Thread:
    """Import the library in a thread, so that the step that needs it need not wait."""
    thread = threading.Thread(target=_library, name="import-great-expectations", daemon=True)
    thread.start()
    return thread


def validate(frame: pd.DataFrame, suite: Suite, tenant_id: str) -> list[Verdict]:
    """Run a suite on one tenant's rows."""
    gx = _library()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        source = context.data_sources.add_pandas("frames")
        batch = source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")
        expected = gx.ExpectationSuite(
            name=suite.asset_key.replace("/", "."),
            expectations=[
                getattr(gx.expectations, str(item["type"]))(**item["kwargs"])
                for item in suite.expectations
            ],
        )
        result = batch.get_batch(batch_parameters={"dataframe": frame}).validate(expected)
    return [_verdict(item, suite, tenant_id, len(frame)) for item in result.results]


def _verdict(item: Any, suite: Suite, tenant_id: str, rows: int) -> Verdict:  # noqa: ANN401
    found = item.result or {}
    configuration = item.expectation_config
    failed = found.get("unexpected_count")
    return Verdict(
        tenant_id=tenant_id,
        asset_key=suite.asset_key,
        rule=str(configuration.type),
        column=str(configuration.kwargs.get("column", "")),
        failed=int(failed) if failed is not None else (0 if item.success else rows),
        checked=int(found.get("element_count") or rows),
        is_met=bool(item.success),
    )


def _library() -> Any:  # noqa: ANN401 - the library ships no usable types
    with _importing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations

        return great_expectations
