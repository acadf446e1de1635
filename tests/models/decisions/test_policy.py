"""A policy is dated, hashed data; what is wrong in it is refused with its place."""

from decimal import Decimal

import pytest
import yaml

from models.decisions.policy import Policy
from models.domain.errors import InvalidPolicy


def test_the_default_policy_is_valid(policy: Policy) -> None:
    assert policy.name == "receivables-purchase"
    assert len(policy.grades) == 10
    assert policy.rate("pricing.lgd") == Decimal("0.45")


def test_layout_and_comments_do_not_change_the_hash(policy_text: str, policy: Policy) -> None:
    rewritten = yaml.safe_dump(yaml.safe_load(policy_text))
    assert Policy.load(rewritten).hash == policy.hash


def test_any_changed_value_changes_the_hash(policy_text: str, policy: Policy) -> None:
    assert Policy.load(policy_text.replace("window_days: 7", "window_days: 8")).hash != policy.hash


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("cross_age_bps: 5000", "cross_age_bps: half", "eligibility.cross_age_bps"),
        ("cross_age_bps: 5000", "cross_age_bps: -1", "eligibility.cross_age_bps"),
        ("cross_age_bps: 5000", "cross_age: 5000", "eligibility.cross_age_bps is missing"),
        ('lgd: "0.45"', "lgd: 0.45", "pricing.lgd"),
        ('lgd: "0.45"', 'lgd: "much"', "pricing.lgd"),
        ('USD: "0.90"', 'USD: "0"', "reference.rates.USD"),
        ("E17: refer", "E17: maybe", "E17"),
        ("E17: refer", "E18: refer", "eligibility.status"),
        ("{advance_bps: 6000", "{advance_bps: 9900", "grades"),
        ('effective_on: "2012-01-01"', 'effective_on: "soon"', "effective_on"),
    ],
)
def test_a_wrong_entry_is_named(policy_text: str, before: str, after: str, place: str) -> None:
    with pytest.raises(InvalidPolicy, match=place):
        Policy.load(policy_text.replace(before, after))


@pytest.mark.parametrize("text", ["", "- a", "a: [", "name: x"])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(InvalidPolicy):
        Policy.load(text)


def test_amounts_convert_to_minor_units_of_any_supported_currency(policy: Policy) -> None:
    assert policy.minor(1000, "EUR") == 100_000
    assert policy.minor(61, "JPY") == 10_000
    assert policy.minor(295, "KWD") == 100_000
