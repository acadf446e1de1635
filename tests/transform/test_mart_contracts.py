"""Every mart is built with exactly the columns its YAML promises, and the docs list the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ROOT / "transform" / "layers"
DOCUMENTED = sorted((LAYERS / "marts").rglob("_*__models.yml"))
SECTION = r"^## `([\w.]+)`\n(.*?)(?=^## |\Z)"
TYPES = {
    "text": "VARCHAR", "bigint": "BIGINT", "integer": "INTEGER", "date": "DATE",
    "boolean": "BOOLEAN", "timestamptz": "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip


def promised() -> dict[str, dict[str, str]]:
    """Mart → column → SQL type, as the YAML files say."""
    marts: dict[str, dict[str, str]] = {}
    for path in DOCUMENTED:
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            assert model["config"]["contract"]["enforced"], model["name"]
            name = f"marts_{path.parent.name}.{model['name']}"
            marts[name] = {column["name"]: column["data_type"] for column in model["columns"]}
    return marts


def test_every_mart_has_the_columns_its_contract_names(after_second_sync: Any) -> None:
    built: dict[str, dict[str, str]] = {}
    for row in after_second_sync.rows(
        """
        select table_schema, table_name, column_name, data_type from information_schema.columns
        where table_schema like 'marts_%' order by 1, 2, ordinal_position
        """
    ):
        mart = built.setdefault(f"{row['table_schema']}.{row['table_name']}", {})
        mart[row["column_name"]] = row["data_type"]
    expected = {
        mart: {column: TYPES[kind] for column, kind in columns.items()}
        for mart, columns in promised().items()
    }
    assert {mart: list(columns.items()) for mart, columns in built.items()} == {
        mart: list(columns.items()) for mart, columns in expected.items()
    }


@pytest.mark.parametrize("path", sorted(LAYERS.rglob("_*__models.yml")), ids=lambda path: path.stem)
def test_every_model_and_column_is_described(path: Path) -> None:
    models = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    assert {model["name"] for model in models} == {sql.stem for sql in path.parent.glob("*.sql")}
    for model in models:
        assert model["description"].startswith("One row per"), model["name"]
        for column in model.get("columns", []):
            assert column["description"], f"{model['name']}.{column['name']}"


def test_the_marts_page_lists_every_column() -> None:
    page = (ROOT / "docs" / "marts.md").read_text(encoding="utf-8")
    listed = {
        mart: re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)
        for mart, section in re.findall(SECTION, page, re.MULTILINE | re.DOTALL)
    }
    assert listed == {mart: list(columns) for mart, columns in promised().items()}


def test_quantities_carry_their_unit_and_are_never_floats() -> None:
    units = {
        "_minor": "bigint",
        "_ppm": "bigint",
        "_on": "date",
        "_at": "timestamptz",
        "_days": "integer",
    }
    for mart, columns in promised().items():
        for column, kind in columns.items():
            assert kind in TYPES, f"{mart}.{column}"
            for ending, unit in units.items():
                assert not column.endswith(ending) or kind == unit, f"{mart}.{column}"
            assert not column.startswith(("is_", "has_")) or kind == "boolean", f"{mart}.{column}"
