"""The verdict on a tenant and the rules behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apps import quality
from apps.access.sign_in import demo_user
from apps.warehouse import Snapshot, latest_publication, open_newest, open_snapshot
from tests.apps.operated_world import operate

Open = Callable[[str | None], Snapshot]


@pytest.fixture
def newest(tmp_path: Path) -> Open:
    def opened(stale: str | None) -> Snapshot:
        world = operate(tmp_path / "var", stale=stale)
        with world.ledger() as ledger:
            announced = latest_publication(ledger)
        return open_newest(announced, world.var / "published", demo_user(), "alder")

    return opened


def test_a_tenant_whose_rules_hold_is_published(newest: Open):
    found = quality.verdict(newest(None))
    assert found == quality.Verdict(is_publishable=True, failed_checks=0, first_failure=None)


def test_what_holds_a_tenant_back_is_read_from_the_newest_file(newest: Open):
    snapshot = newest("alder")
    assert snapshot.snapshot_id == "newest"
    assert not snapshot.is_stale
    found = quality.verdict(snapshot)
    assert (found.is_publishable, found.failed_checks) == (False, 1)
    assert found.first_failure == "data quality: amount_present"


def test_the_pages_on_the_book_keep_the_last_good_version(tmp_path: Path):
    world = operate(tmp_path / "var", stale="alder")
    with world.ledger() as ledger:
        announced = latest_publication(ledger)
    read = open_snapshot(announced, world.var / "published", demo_user(), "alder")
    assert (read.snapshot_id, read.is_stale) == ("earlier", True)


def test_results_of_one_rule_stand_together_the_worst_first(newest: Open):
    found = quality.summarised(quality.rules(newest("alder")))
    assert [(one.rule, one.worst) for one in found][:2] == [
        ("amount_present", "holds back"),
        ("debtor_tax_id_known", "within"),
    ]
    assert (found[1].failed, found[1].checked, found[1].places) == (60, 500, 2)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("amount_present", "Every receivable has an amount"),
        ("expect_column_values_to_be_between · total_minor", "Total minor lies within its bounds"),
        ("ExpectColumnValueLengthsToBeBetween · contact", "Contact is filled"),
        ("unheard_of", "unheard of"),
    ],
)
def test_rules_are_said_in_words(rule: str, said: str):
    assert quality.rule_text(rule) == said
