"""A sample of the fault matrix on tiny worlds; `make acceptance` tries every cell.

The sample is one fault per kind of counterpart and a drawn pair. Which cells there are, and why
some cannot happen, is in `fault_table`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apps.sandbox.control.faults import COUNTERPARTS, KINDS
from tests.journeys import fault_table
from tests.journeys.fault_calls import Calls
from tests.journeys.fault_sources import WORLD, Sources
from tests.journeys.fault_table import ACT, ALL, LANES, LASTING, READ, Trouble

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
LANE = {lane.name: lane for lane in LANES}
READING = [
    Trouble(LANE["xero"], "truncated", after=4),
    Trouble(LANE["dnb report"], "renamed_field", LASTING, more=(("field", "paydexScore"),)),
    Trouble(LANE["bank accounts"], "500", LASTING),
]
ACTING = [
    Trouble(LANE["sign-in"], "403", LASTING),
    Trouble(LANE["credit decision"], "malformed"),
    Trouble(LANE["payment order"], "truncated"),
    Trouble(LANE["smtp"], "500", LASTING),
    Trouble(LANE["webhook"], "duplicate", LASTING),
]


@pytest.fixture(scope="module")
def sources(start_sandbox, tmp_path_factory):
    """Trials on a world in which nobody acts: a payment would be news for the next sync."""
    disturbed = start_sandbox(tmp_path_factory.mktemp("disturbed"), **WORLD)
    found = Sources(disturbed.base_url, tmp_path_factory.mktemp("reading"))
    found.prepare()
    return found


@pytest.fixture(scope="module")
def calls(start_sandbox, tmp_path_factory):
    disturbed = start_sandbox(tmp_path_factory.mktemp("disturbed"), **WORLD)
    state = disturbed.state / "world.sqlite"
    return Calls(disturbed.base_url, tmp_path_factory.mktemp("acting"), state)


@pytest.mark.parametrize("trouble", READING, ids=str)
def test_a_disturbed_sync_says_so_and_the_next_one_heals_it(sources, trouble):
    assert sources.try_out([trouble]) == []


@pytest.mark.parametrize("trouble", ACTING, ids=str)
def test_a_disturbed_call_is_carried_out_once(calls, trouble):
    assert calls.try_out([trouble]) == []


def test_two_faults_at_once_do_no_more_harm_than_one(calls):
    (pair,) = fault_table.pairs((LANE["payment order"], LANE["smtp"]), 1, seed=2)
    assert calls.try_out(pair) == []


def test_every_counterpart_and_every_fault_of_the_sandbox_is_in_the_table():
    assert {lane.counterpart for lane in LANES} == set(COUNTERPARTS)
    assert set(ALL) == set(KINDS)
    tried = {(one.lane.name, one.fault) for (one,) in fault_table.singles()}
    senseless = {(lane.name, fault) for lane in LANES for fault in lane.senseless}
    assert tried | senseless == {(lane.name, fault) for lane in LANES for fault in ALL}
    assert not tried & senseless


def test_what_cannot_happen_is_said_in_the_page_of_the_sandbox(root: Path):
    page = re.sub(r"\s+", " ", (root / "docs" / "sandbox.md").read_text(encoding="utf-8"))
    reasons = {reason for lane in READ + ACT for reason in lane.senseless.values()}
    assert not [reason for reason in reasons if reason not in page]
