"""dbt reads the SQL of `transform/` and nothing else, and needs no package from outside."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PATHS = {
    "model-paths": ["transform/layers"],
    "seed-paths": ["transform/seeds"],
    "macro-paths": ["transform/macros"],
    "test-paths": ["tests/transform"],
    "snapshot-paths": ["transform/snapshots"],
}


@pytest.fixture(scope="module")
def project():
    return yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("setting", sorted(PATHS))
def test_dbt_reads_only_the_transform_folder(project, setting):
    assert project[setting] == PATHS[setting]


def test_no_dbt_package_is_needed():
    assert not (ROOT / "packages.yml").exists()
    assert not (ROOT / "dependencies.yml").exists()


def test_dbt_sends_no_usage_figures(project):
    assert project["flags"]["send_anonymous_usage_stats"] is False


def test_no_python_lies_in_a_model_path():
    assert not list((ROOT / "transform" / "layers").rglob("*.py"))


def test_every_model_is_described():
    described = {
        model["name"]
        for path in (ROOT / "transform").rglob("*.yml")
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", [])
        if isinstance(model, dict) and model.get("description")
    }
    models = {path.stem for path in (ROOT / "transform" / "layers").rglob("*.sql")}
    assert not models - described
