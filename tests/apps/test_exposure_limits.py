"""Limits used: the ledger's reservations against the limits of the newest decisions."""

from collections.abc import Callable

from apps import exposure_limits
from apps.warehouse import Snapshot
from ledger.store import Ledger


def test_each_limit_drawn_on_is_told_with_its_share(
    open_for: Callable[[str], Snapshot], ledger: Ledger
):
    used = ledger.exposures("alder")
    currency = next(code for _, _, code in used)
    found = exposure_limits.uses(open_for("alder"), used, currency)
    assert {use.kind for use in found} == {"seller", "debtor"}
    assert all(use.used_minor == used[use.kind, use.party_id, currency] for use in found)
    assert {use.limit_minor for use in found if use.kind == "debtor"} == {60_000_000}
    shares = [use.used_ppm or 0 for use in found]
    assert shares == sorted(shares, reverse=True)
