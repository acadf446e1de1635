"""From an identity to a user."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.access import AccessRefusedError, Role
from apps.access.sign_in import sign_in
from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.store import Ledger

GRANTS = [
    {"user_id": "ann@financier.example", "tenant_id": "alder", "role": "analyst"},
    {"user_id": "bo@financier.example", "tenant_id": "birch", "role": "admin"},
]


def test_dev_signs_in_a_demo_user_of_every_tenant():
    user = sign_in("dev", None, [], dev_tenants=["alder", "cedar"])
    assert user.tenants == ("alder", "cedar")


def test_outside_dev_the_grants_decide():
    user = sign_in("prod", "ann@financier.example", GRANTS)
    assert dict(user.grants) == {"alder": Role.ANALYST}


def test_a_revoked_grant_opens_nothing(tmp_path: Path):
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    revoked = {"grant_id": "g1", "by": "bo@financier.example"}
    story = [
        ("grant", "alder", {"grant_id": "g1", **GRANTS[0]}),
        ("grant", "birch", {"grant_id": "g2", **GRANTS[0], "tenant_id": "birch"}),
        ("grant_revoked", "alder", revoked),
    ]
    with Ledger.open(f"sqlite:///{tmp_path / 'l.sqlite'}", keys=Keyring.generate()) as ledger:
        for kind, tenant, body in story:
            ledger.append(Entry(kind, tenant, moment, Actor("person", "bo"), (), body))
        grants = ledger.projection("grants")
    user = sign_in("prod", "ann@financier.example", grants)
    assert dict(user.grants) == {"birch": Role.ANALYST}


@pytest.mark.parametrize("identity", [None, "eve@elsewhere.example"])
def test_outside_dev_nobody_gets_in_without_a_grant(identity: str | None):
    with pytest.raises(AccessRefusedError):
        sign_in("prod", identity, GRANTS)
