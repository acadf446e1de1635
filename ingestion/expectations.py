"""The form of a contract: what a raw table promises, as plain data that any step can run.

A suite names its table, the SQL of each column it reads (integers and texts only, so a pandas
frame loses nothing; money in minor units) and Great Expectations rows, name and arguments. The
library itself is imported by whoever runs them. Where a value is missing the column holds 0 or
an empty text, never a null, because a null would turn the integers into floats.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from models.domain.money import EXPONENTS

Expectation = Mapping[str, Any]

LARGEST_MINOR = 10**15
"""Amounts from here on are quarantined before they land."""


class Suite(TypedDict):
    """What one raw table promises.

    Keys:
        asset_key: ``raw/<system>/<entity>``.
        schema: Schema of the table.
        table: The table.
        columns: DuckDB SQL of each column, by name.
        expectations: Rows with ``type`` and ``kwargs``.
    """

    asset_key: str
    schema: str
    table: str
    columns: Mapping[str, str]
    expectations: Sequence[Expectation]


def suite(
    system: str, entity: str, columns: Mapping[str, str], *expectations: Expectation
) -> Suite:
    """Build a suite on a raw table; the envelope's own promises are added.

    The payload is parsed once per record: all paths go into one transformation, which the engine
    computes a single time however often a column names it.
    """
    shape = json.dumps(_shape(_PATH.findall(" ".join(columns.values()))), separators=(",", ":"))
    record = f"json_transform(payload, '{shape}')"
    written = {
        name: _PATH.sub(lambda match: f"{record}.{_address(match[1])}", sql)
        for name, sql in columns.items()
    }
    return Suite(
        asset_key=f"raw/{system}/{entity}",
        schema=f"raw_{system}",
        table=entity,
        columns={**_ENVELOPE, **written},
        expectations=(*_ENVELOPE_PROMISES, *expectations),
    )


def text(path: str) -> str:
    """Give the SQL of a text inside the payload; a list is entered by its index, ``list[0]``."""
    return f"coalesce(<{path}>, '')"


def minor(path: str, currency_path: str) -> str:
    """Give the SQL of a decimal amount inside the payload, in minor units of its currency."""
    scale = f"case {text(currency_path)} {_SCALES} else 100 end"
    return f"coalesce(cast(round(try_cast(<{path}> as decimal(38, 9)) * {scale}) as bigint), 0)"


def whole(path: str) -> str:
    """Give the SQL of an integer inside the payload."""
    return f"coalesce(try_cast(<{path}> as bigint), 0)"


def count(path: str) -> str:
    """Give the SQL of the length of a list inside the payload."""
    return f"coalesce(len(<{path}[]>), 0)"


def filled(column: str) -> Expectation:
    """Expect a text that is not empty."""
    return {
        "type": "ExpectColumnValueLengthsToBeBetween",
        "kwargs": {"column": column, "min_value": 1},
    }


def between(column: str, low: int | None, high: int | None) -> Expectation:
    """Expect integers within bounds, both included."""
    return {
        "type": "ExpectColumnValuesToBeBetween",
        "kwargs": {"column": column, "min_value": low, "max_value": high},
    }


def one_of(column: str, *values: str) -> Expectation:
    """Expect one of these texts."""
    return {
        "type": "ExpectColumnValuesToBeInSet",
        "kwargs": {"column": column, "value_set": list(values)},
    }


def like(column: str, pattern: str) -> Expectation:
    """Expect texts that match a pattern from their start."""
    return {
        "type": "ExpectColumnValuesToMatchRegex",
        "kwargs": {"column": column, "regex": pattern},
    }


def amount(column: str, *, may_be_negative: bool = False) -> Expectation:
    """Expect an amount that every reader keeps exactly."""
    return between(column, -LARGEST_MINOR + 1 if may_be_negative else 0, LARGEST_MINOR - 1)


def currency(column: str = "currency") -> Expectation:
    """Expect an ISO 4217 code."""
    return like(column, "^[A-Z]{3}$")


def _shape(paths: Sequence[str]) -> dict[str, Any]:
    """Describe the part of the payload that the paths reach, as ``json_transform`` wants it."""
    shape: dict[str, Any] = {}
    for path in paths:
        here = shape
        steps = path.split(".")
        for place, step in enumerate(steps):
            name, is_list = step.partition("[")[0], "[" in step
            is_last = place == len(steps) - 1
            inner: Any = {} if not is_last else ("JSON" if is_list else "VARCHAR")
            kept = here.setdefault(name, [inner] if is_list else inner)
            if is_list and kept == ["JSON"] and not is_last:
                kept[0] = inner
            here = kept[0] if is_list else kept
    return shape


def _address(path: str) -> str:
    """Write a path as fields of a struct; lists count from one there."""
    steps = []
    for step in path.split("."):
        name, _, index = step.partition("[")
        number = index.rstrip("]")
        steps.append(f'"{name}"' + (f"[{int(number) + 1}]" if number else ""))
    return ".".join(steps)


_PATH = re.compile(r"<([A-Za-z_][\w.\[\]]*)>")
_SCALES = " ".join(f"when '{code}' then {10**digits}" for code, digits in EXPONENTS.items())
_ENVELOPE = {
    "record_id": "record_id",
    "payload_sha256": "payload_sha256",
    "endpoint": "endpoint",
    "position": "position",
}
_ENVELOPE_PROMISES = (
    filled("record_id"),
    like("payload_sha256", "^[0-9a-f]{64}$"),
    filled("endpoint"),
    between("position", 0, None),
)
