"""Pages keep their promises: links resolve, decisions have their sections, nouns are explained."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
SECTIONS = ["Context", "Decision", "Rejected", "Consequences"]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    broken = [
        target
        for target in LINK.findall(text)
        if not target.startswith(("http://", "https://", "mailto:", "#"))
        and not (page.parent / target.split("#")[0]).exists()
    ]
    assert not broken


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_sections_in_order(page):
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert re.match(r"# \d{4} .+\n\nStatus: (accepted|superseded by \d{4})\n", text)
    assert len(text.split()) < 700


def test_decisions_are_numbered_without_gaps():
    numbers = [int(page.name[:4]) for page in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_index_lists_every_decision():
    index = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert not [page.name for page in DECISIONS if f"adr/{page.name}" not in index]


def test_the_glossary_explains_every_type_of_the_vocabulary():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    types = {
        name
        for path in (ROOT / "models" / "domain").glob("*.py")
        for name in re.findall(r"^class ([A-Z]\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert types
    assert not {name for name in types if f"`{name}`" not in glossary}


def test_every_direct_dependency_has_one_line():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {
        re.match(r"[A-Za-z0-9._-]+", text).group()
        for group in (project["dependencies"], *project["optional-dependencies"].values())
        for text in group
    }
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert sorted(listed, key=str.lower) == sorted(wanted, key=str.lower)


def test_the_changelog_has_an_unreleased_section():
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
