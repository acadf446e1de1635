"""From an identity to a user."""

import pytest

from apps.access import AccessRefusedError, Role
from apps.access.sign_in import sign_in

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


@pytest.mark.parametrize("identity", [None, "eve@elsewhere.example"])
def test_outside_dev_nobody_gets_in_without_a_grant(identity: str | None):
    with pytest.raises(AccessRefusedError):
        sign_in("prod", identity, GRANTS)
