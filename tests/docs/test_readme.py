"""The README's commands exist and its map shows the tree."""

import re
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
STAGES = (
    *("sources", "raw", "staging", "intermediate", "marts"),
    *("features", "scores", "decisions", "actions", "audit"),
)
COMMAND = re.compile(r"(?:`|\n|\$ )ifp ([a-z]+)(?: ([a-z]+)\b)?")
TARGETS = set(
    re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)


def test_every_make_command_of_the_docs_is_a_target():
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {
        word
        for page in pages
        for word in re.findall(r"(?:`|\n|\$ )make ([a-z]+)", page.read_text(encoding="utf-8"))
    }
    assert named
    assert not named - TARGETS


def test_every_ifp_command_of_the_docs_exists():
    from orchestration import cli

    group = typer.main.get_command(cli.app)
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    missing = {
        f"ifp {verb} {below}"
        for page in pages
        for verb, below in COMMAND.findall(page.read_text(encoding="utf-8"))
        if verb not in group.commands
        or (below and below not in getattr(group.commands[verb], "commands", {below}))
    }
    assert not missing


@pytest.mark.parametrize(
    "folder", ["apps", "benchmarks", "ingestion", "ledger", "models", "orchestration", "transform"]
)
def test_the_map_shows_every_folder(folder):
    assert f"{folder}/" in README


def test_the_readme_names_the_stages_in_order():
    assert " → ".join(STAGES) in " ".join(README.split())
