"""`.env.example` and the settings name the same variables."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^#? ?(IFP_[A-Z0-9_]+)=", re.MULTILINE)


@pytest.fixture(scope="module")
def example():
    return (ROOT / ".env.example").read_text(encoding="utf-8")


def declared() -> set[str]:
    from apps.settings import AppSettings
    from orchestration.settings import Settings

    return {f"IFP_{name.upper()}" for kind in (Settings, AppSettings) for name in kind.model_fields}


def test_every_setting_is_in_the_example(example):
    assert not declared() - set(LINE.findall(example))


def test_every_variable_of_the_example_is_a_setting(example):
    assert not set(LINE.findall(example)) - declared()


def test_every_group_of_the_example_is_explained(example):
    groups = [group for group in example.split("\n\n") if LINE.search(group)]
    unexplained = [group for group in groups if LINE.match(group) or not group.startswith("# ")]
    assert not unexplained
