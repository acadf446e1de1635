"""Limits refuse what is too much, say which limit it was, and forget with time."""

from __future__ import annotations

from apps.sandbox.control.limits import Limits, Quota


def test_the_minute_frees_up_again():
    limits = Limits(Quota(per_minute=2))
    for now in (0.0, 1.0):
        assert not limits.enter("a", now).problem
        limits.leave("a")
    refused = limits.enter("a", 2.0)
    assert (refused.problem, refused.minute_left) == ("minute", 0)
    assert not limits.enter("a", 2.0 + refused.retry_after).problem


def test_requests_in_flight_are_bounded_per_key():
    limits = Limits(Quota(concurrent=2))
    assert not limits.enter("a", 0.0).problem
    assert not limits.enter("a", 0.0).problem
    assert limits.enter("a", 0.0).problem == "concurrent"
    assert not limits.enter("b", 0.0).problem
    limits.leave("a")
    assert not limits.enter("a", 0.0).problem


def test_the_day_is_counted_apart():
    limits = Limits(Quota(per_day=1))
    assert limits.enter("a", 10.0).day_left == 0
    limits.leave("a")
    refused = limits.enter("a", 100.0)
    assert (refused.problem, refused.retry_after) == ("day", 86_300)
    assert not limits.enter("a", 86_401.0).problem
