"""The tree keeps its shape: folders, names, module sizes and the mirror of the tests."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("apps", "ingestion", "ledger", "models", "orchestration")
TOP_LEVEL = {
    *PACKAGES,
    *(".ci", "benchmarks", "docs", "requirements", "tests", "transform"),
    *(".dockerignore", ".env.example", ".gitattributes", ".gitignore", ".pre-commit-config.yaml"),
    *(".sqlfluff", ".sqlfluffignore", ".streamlit", "CHANGELOG.md", "LICENSE", "Makefile"),
    *("README.md", "alembic.ini", "dbt_project.yml", "pyproject.toml", "workspace.yaml"),
}
MOST_LINES = 300
ARGUMENT = "One module because"
BANNED_WORDS = {
    *("base", "bases", "common", "core", "helper", "helpers", "manager", "managers", "misc"),
    *("new", "old", "tmp", "util", "utils", "v2"),
}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError|stub|placeholder)\b(?!=)")
PLACES = re.compile(r"/(work|root|farm)/|/home/\w+/|\bissue #?\d+\b", re.IGNORECASE)
FREE_TEST_FOLDERS = {"acceptance", "browser", "docs", "house", "journeys", "recordings"}


def tracked(*patterns: str) -> list[Path]:
    """Files that are in the repository, or would be at the next commit."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(set(listing.stdout.splitlines()))
    return [Path(name) for name in names if (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def modules() -> list[Path]:
    return [path for path in tracked("*.py") if path.parts[0] in PACKAGES]


def test_only_named_folders_stand_at_the_top():
    surplus = {path.parts[0] for path in tracked()} - TOP_LEVEL
    assert not surplus


def test_every_package_says_what_it_is():
    silent = [path for path in modules() if not text_of(path).lstrip().startswith(('"""', 'r"""'))]
    assert not silent


def test_a_long_module_argues_for_its_length():
    unargued = [
        f"{path} {lines}"
        for path in [*modules(), *tracked("benchmarks/*.py")]
        if (lines := text_of(path).count("\n")) > MOST_LINES and ARGUMENT not in text_of(path)
    ]
    assert not unargued, f"split, or say '{ARGUMENT} …' in the module docstring"


def test_no_path_names_a_drawer():
    drawers = [
        str(path)
        for path in tracked()
        if BANNED_WORDS & set(re.split(r"[/_.\-]+", str(path).lower()))
    ]
    assert not drawers


def test_nothing_shipped_is_marked_unfinished():
    marks = [
        f"{path}:{number} {line.strip()}"
        for path in tracked("*.py", "*.sql", "*.yml", "*.md", "Makefile")
        if path.parts[0] != "tests"
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if UNFINISHED.search(line)
    ]
    assert not marks


def test_nothing_speaks_of_one_machine():
    marks = [
        f"{path}:{number} {line.strip()[:100]}"
        for path in tracked(
            "*.py", "*.sql", "*.yml", "*.yaml", "*.toml", "*.md", "*.txt", "Makefile"
        )
        if path.parts[:2] != ("tests", "house")
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if PLACES.search(line)
    ]
    assert not marks


def test_every_test_stands_where_its_module_stands():
    homeless = [str(path) for path in tracked("tests/**/test_*.py") if not _has_home(path)]
    assert not homeless, "a/b/c.py is tested by tests/a/b/test_c.py or test_c_<aspect>.py"


def _has_home(path: Path) -> bool:
    inside = path.relative_to("tests")
    if inside.parts[0] in FREE_TEST_FOLDERS | {"transform"}:
        return True
    folder, name = ROOT / inside.parent, inside.stem.removeprefix("test_")
    if name.split("_")[0] == folder.name or name == folder.name:
        return folder.is_dir()
    words = name.split("_")
    return any(
        (folder / form.format("_".join(words[:end]))).exists()
        for end in range(len(words), 0, -1)
        for form in ("{}.py", "{}", "__{}__.py")
    )


def test_test_folders_are_not_packages():
    assert not tracked("tests/**/__init__.py")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_tests(package):
    if not [path for path in modules() if path.parts[0] == package and path.stem != "__init__"]:
        pytest.skip(f"{package} holds no module yet")
    assert list((ROOT / "tests" / package).rglob("test_*.py"))


def test_only_the_command_line_prints():
    printing = [
        str(path)
        for path in modules()
        if re.search(r"^\s*print\(", text_of(path), re.MULTILINE)
        and not {"cli", "__main__", "sandbox", "verify"} & {path.stem, *path.parts}
    ]
    assert not printing


def test_real_payloads_are_found_in_one_place_which_skips_without_them():
    asking = "environ.get(" + '"IFP_SHARED'
    finders = {str(path) for path in tracked("tests/*.py") if asking in text_of(path)}
    assert finders == {"tests/conftest.py", "tests/acceptance/measurement.py"}
