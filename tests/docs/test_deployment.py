"""The deployment files name commands, variables, services and metrics that exist."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "deployment"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
GUIDE = ROOT / "docs" / "deployment.md"
VALUES = FOLDER / "kubernetes" / "values.yaml"
CONTAINER = FOLDER / "Containerfile"


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def commands() -> dict[str, typer.core.TyperCommand]:
    from orchestration import cli

    return typer.main.get_command(cli.app).commands


def called(text: str) -> list[list[str]]:
    """Calls of `ifp` in a text: in prose and shells, or as a list of arguments."""
    plain = re.findall(r"(?:bin/|`|^|&& |\n)ifp ((?:[a-z-]+ ?)+)([^\n`]*)", text)
    listed = re.findall(r'\["ifp", ([^\]]+)\]', text)
    return [
        *([*words.split(), *rest.split()] for words, rest in plain),
        *([word.strip(' "') for word in inside.split(",")] for inside in listed),
    ]


@pytest.mark.parametrize("path", [*FILES, GUIDE], ids=lambda path: path.name)
def test_every_command_exists_with_its_options(path):
    known = commands()
    for words in called(text_of(path)):
        verb, *rest = words
        assert verb in known, f"ifp {' '.join(words)}"
        command = known[verb]
        if rest and rest[0] in getattr(command, "commands", {}):
            command, rest = command.commands[rest[0]], rest[1:]
        options = {name for parameter in command.params for name in parameter.opts}
        wanted = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert not wanted - options, f"ifp {' '.join(words)}"


@pytest.mark.parametrize("path", [*FILES, GUIDE], ids=lambda path: path.name)
def test_every_variable_is_a_setting(path):
    from orchestration.settings import PREFIX, Settings

    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(re.findall(r"\bIFP_[A-Z_]+\b", text_of(path)))
    assert not named - known


def test_the_environment_of_the_example_is_accepted_by_prod(tmp_path, monkeypatch):
    from orchestration import settings

    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.PREFIX + name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    for name in settings.KEY_FILES:
        (tmp_path / name).write_text("key")
    lines = text_of(FOLDER / "ifp.env.example").splitlines()
    for name, value in (line.split("=", 1) for line in lines if not line.startswith("#")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("IFP_KEYS", str(tmp_path))
    assert settings.load().profile == "prod"


def test_every_service_is_one_that_can_be_served(tmp_path):
    from orchestration import services, settings

    known = {item.slug for item in services.services(settings.load(var=tmp_path))}
    target = re.findall(r"ifp@([a-z-]+)\.service", text_of(FOLDER / "systemd" / "ifp.target"))
    contained = [words[1] for words in called(text_of(VALUES)) if words[0] == "serve"]
    assert set(target) == known
    assert set(contained) == known - {"dagster", "dagster-ui"}


def test_every_metric_of_an_alert_is_one_that_is_told():
    source = text_of(ROOT / "orchestration" / "metrics" / "collector.py")
    told = set(re.findall(r'"(ifp_[a-z_]+)"', source))
    told |= {
        f"ifp_snapshot_{name}" for name in re.findall(r'\("((?:as_of_)?timestamp_s\w+)"', source)
    }
    told |= {f"ifp_ledger_{name}_timestamp_seconds" for name in ("checkpoint", "restoration")}
    named = set(re.findall(r"\bifp_[a-z_]+\b", text_of(FOLDER / "prometheus.yml")))
    assert named
    assert not named - told


def test_the_units_are_sound():
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    units = sorted(str(path) for path in (FOLDER / "systemd").iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    said = [
        line
        for line in done.stderr.splitlines()
        if "/opt/ifp/.venv/bin/ifp is not exec" not in line
    ]
    assert not said


def test_the_chart_loads_our_definitions_in_the_locked_version():
    from importlib.metadata import version
    from importlib.util import find_spec

    values = yaml.safe_load(text_of(VALUES))
    (deployment,) = values["dagster-user-deployments"]["deployments"]
    assert find_spec(deployment["codeServerArgs"][1]) is not None
    assert f"--version {version('dagster')}" in text_of(VALUES)
    launcher = values["runLauncher"]["config"]["customRunLauncher"]
    module = __import__(launcher["module"])
    assert hasattr(module, launcher["class"])
    mounted = {item["name"] for item in deployment["volumeMounts"]}
    containers = [*deployment["initContainers"], *deployment["sidecarContainers"]]
    for item in containers:
        mounted |= {mount["name"] for mount in item["volumeMounts"]}
    assert mounted == {item["name"] for item in deployment["volumes"]}


def test_the_image_is_built_from_files_that_are_there_and_runs_as_nobody_special():
    text = text_of(CONTAINER)
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    assert len(stages) == 2
    copied = re.findall(r"^COPY (?!--from)(.+)$", stages[0], re.MULTILINE)
    sources = [name for line in copied for name in line.split()[:-1]]
    assert not [name for name in sources if not (ROOT / name).exists()]
    assert set(re.findall(r"^([A-Z]+) ", text, re.MULTILINE)) <= {
        *("ARG", "FROM", "WORKDIR", "ENV", "COPY", "RUN", "LABEL", "USER", "VOLUME", "EXPOSE"),
        *("ENTRYPOINT", "CMD"),
    }
    assert "USER 10001" in stages[1]
    assert not re.search(r"pip|uv |apt|curl|wget", stages[1])
    installs = re.findall(r"pip install[^\\\n]*", stages[0])
    assert all("--require-hashes" in line or "--no-deps --no-build" in line for line in installs)
