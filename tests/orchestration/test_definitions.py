"""The graph is an interface: its keys, checks and schedules are on record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestration import definitions, places, settings

RECORD = Path(__file__).parent / "definitions.json"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The definitions of a fresh folder."""
    found = settings.load(var=tmp_path_factory.mktemp("definitions"))
    return definitions.build(found, places.at(found.var))


@pytest.fixture(scope="module")
def graph(built):
    """The asset graph."""
    return built.resolve_asset_graph()


def described(built, graph) -> dict[str, list[str]]:
    """Write the graph down: asset keys, checks, jobs, schedules."""
    repository = built.get_repository_def()
    return {
        "assets": sorted(key.to_user_string() for key in graph.get_all_asset_keys()),
        "checks": sorted(
            f"{key.asset_key.to_user_string()}:{key.name}" for key in graph.asset_check_keys
        ),
        "jobs": sorted(job.name for job in repository.get_all_jobs() if "__" not in job.name),
        "schedules": sorted(
            f"{item.name}: {item.cron_schedule}" for item in repository.schedule_defs
        ),
    }


def test_definitions_are_those_on_record(built, graph):
    found = described(built, graph)
    if os.environ.get("IFP_RECORD"):
        RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(RECORD.read_text(encoding="utf-8")), (
        "the graph changed; if that is meant: IFP_RECORD=1 pytest tests/orchestration"
    )


def test_every_asset_says_what_it_is_and_whose(graph):
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.group_name in {
            "raw", "seeds", "staging", "intermediate", "marts", "features", "scores",
            "decisions", "actions", "audit", "publications",
        }, key  # fmt: skip
        assert node.description, key
        assert node.owners, key


def test_every_action_has_a_decision_upstream(graph):
    for key in graph.materializable_asset_keys:
        if key.path[0] == "actions":
            above = graph.get_ancestor_asset_keys(key)
            assert dg.AssetKey(["decisions", "decisions"]) in above, key


def test_lineage_runs_from_raw_to_audit(graph):
    above = graph.get_ancestor_asset_keys(dg.AssetKey(["audit", "checkpoint"]))
    read_by_no_mart = dg.AssetKey(["raw", "bank", "balances"])
    for key in graph.materializable_asset_keys:
        if key.path[0] == "raw" and key != read_by_no_mart:
            assert key in above, key
    stages = {key.path[0] for key in above}
    assert {"raw", "staging", "intermediate", "marts", "features", "scores", "decisions"} <= stages


def test_what_writes_the_warehouse_waits_in_one_pool(built):
    repository = built.get_repository_def()
    job = repository.get_job("everything")
    free = {
        "publications__marts_for_bi",
        "publications__monthly_compliance",
        "audit__checkpoint",
        "decisions__policy",
    }
    for node in job.nodes:
        if node.name not in free:
            assert node.definition.pools == {"warehouse"}, node.name


def test_dagster_definitions_validate(root, tmp_path):
    environment = {**os.environ, "IFP_VAR": str(tmp_path), "DAGSTER_HOME": ""}
    done = subprocess.run(
        [str(Path(sys.executable).parent / "dagster"), "definitions", "validate"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
