"""A platform on the session's sandbox with a ledger of its own, and decisions to act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.entry import Entry
from models.domain.identity import surrogate_key
from models.domain.outcomes import DecisionCore, LimitUse, Outcome
from orchestration import platform as platforms
from orchestration import settings
from orchestration.directory import Debtor, Directory, Payee
from orchestration.platform import Platform

TENANT = "alder"
SELLER = surrogate_key(TENANT, "seller", "xero-001")
DEBTOR = surrogate_key(TENANT, "debtor", "tax", "DE1")


@pytest.fixture
def platform(sandbox, tmp_path) -> Iterator[Platform]:
    """An opened platform in a folder of its own; the sandbox is the session's."""
    found = settings.load(
        var=tmp_path / "var", sandbox_url=sandbox.base_url, smtp_port=sandbox.smtp_port
    )
    with platforms.opened(found) as opened:
        yield opened
        opened.ledger.close()


@pytest.fixture
def directory(platform: Platform) -> Directory:
    """One seller with its account, one debtor."""
    seller = platform.counterparts.organisations[0]
    return Directory(
        payees={SELLER: Payee(SELLER, seller.name, seller.payout_iban, seller.mail)},
        debtors={DEBTOR: Debtor(DEBTOR, "Muster GmbH", "DE1")},
        numbers={},
    )


@pytest.fixture
def approved() -> DecisionCore:
    """An approval of EUR 900.00 on EUR 1,000.00."""
    return DecisionCore(
        tenant_id=TENANT,
        receivable_id=surrogate_key("receivable", "1"),
        seller_id=SELLER,
        debtor_id=DEBTOR,
        as_of="2026-06-30T23:59:59Z",
        requested_minor=100_000,
        currency="EUR",
        due_on="2026-08-31",
        outcome=Outcome.APPROVE,
        eligible_minor=100_000,
        ineligible_code=None,
        grade=3,
        pd_ppm=8_000,
        late_ppm=200_000,
        points=600,
        late_points=540,
        challenger_late_ppm=210_000,
        days_to_pay=(20, 35, 50),
        expected_loss_minor=300,
        el_bps=33,
        advance_bps=9_000,
        advance_minor=90_000,
        price_ppm=12_000,
        price_30d_ppm=10_000,
        fee_minor=1_200,
        tenor_days=36,
        valid_hours=72,
        conditions=("payee_verified",),
        reasons=(),
        counterfactuals=(),
        limits=(LimitUse("seller", SELLER, 1_000_000, 0), LimitUse("debtor", DEBTOR, 500_000, 0)),
        checks=(),
        fingerprint_exact=surrogate_key("exact", "1"),
        fingerprints_near=(surrogate_key("near", "1"),),
        policy_hash=surrogate_key("policy"),
        model_hashes={"card": surrogate_key("model")},
        feature_hash=surrogate_key("features"),
    )


@pytest.fixture
def another(approved: DecisionCore) -> Callable[[int], DecisionCore]:
    """Give the approval of another receivable by number."""

    def make(number: int) -> DecisionCore:
        return replace(
            approved,
            receivable_id=surrogate_key("receivable", str(number)),
            fingerprint_exact=surrogate_key("exact", str(number)),
            fingerprints_near=(surrogate_key("near", str(number)),),
        )

    return make


@pytest.fixture
def decision_entry(platform: Platform) -> Callable[[DecisionCore, str], Entry]:
    """Give the entry of a decision."""

    def make(core: DecisionCore, decision_id: str) -> Entry:
        from orchestration.lineage import SYSTEM

        body = {**core.body(), "decision_id": decision_id, "inputs": []}
        return Entry(
            "decision",
            core.tenant_id,
            platform.clock.as_of,
            SYSTEM,
            (decision_id, core.receivable_id),
            body,
        )

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    return tmp_path
