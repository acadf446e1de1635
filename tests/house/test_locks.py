"""The locks agree with the project file, carry hashes and name no place to fetch from."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]+\])?==(\S+)", re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    return {name_of(name): version for name, version in PIN.findall(path.read_text("utf-8"))}


def name_of(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def test_every_group_has_its_lock():
    groups = {"default", "bootstrap", *PROJECT["optional-dependencies"]}
    assert {path.stem for path in LOCKS} == groups


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_names_no_registry(lock):
    named = [
        line for line in lock.read_text("utf-8").splitlines() if "//" in line or line[:2] == "--"
    ]
    assert not named


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_pin_carries_a_hash(lock):
    blocks = re.split(r"\n(?=\S)", lock.read_text("utf-8").strip())
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_locks_pin_the_same_versions(lock):
    every = pins(ROOT / "requirements" / "dev.txt")
    differing = {name for name, pin in pins(lock).items() if every.get(name) != pin}
    assert not differing


def test_every_direct_dependency_is_locked():
    locked = pins(ROOT / "requirements" / "default.txt")
    assert not {name_of(text) for text in PROJECT["dependencies"]} - set(locked)


@pytest.mark.parametrize("group", sorted(PROJECT["optional-dependencies"]))
def test_every_extra_is_locked(group):
    locked = pins(ROOT / "requirements" / f"{group}.txt")
    wanted = {name_of(text) for text in PROJECT["optional-dependencies"][group]}
    assert not wanted - set(locked)


def test_exact_pins_agree_with_the_lock():
    locked = pins(ROOT / "requirements" / "dev.txt")
    exact = [text for text in PROJECT["dependencies"] if "==" in text]
    differing = [text for text in exact if locked[name_of(text)] != text.split("==")[1]]
    assert not differing
