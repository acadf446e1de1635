"""What each role may do."""

import pytest

from apps.access import AccessRefusedError, Permission, Role, User
from apps.access.roles import PERMISSIONS


def test_every_role_has_permissions():
    assert set(PERMISSIONS) == set(Role)


def test_personal_data_is_for_compliance_alone():
    holders = [role for role, held in PERMISSIONS.items() if Permission.SEE_PERSONAL_DATA in held]
    assert holders == [Role.COMPLIANCE]


def test_a_tenant_without_a_grant_is_invisible():
    user = User("ann", "Ann", {"alder": Role.ANALYST})
    assert user.tenants == ("alder",)
    assert not user.may(Permission.SEE_PORTFOLIO, "birch")
    with pytest.raises(AccessRefusedError, match="tenant birch"):
        user.require(Permission.SEE_PORTFOLIO, "birch")


def test_a_missing_permission_is_named():
    user = User("ann", "Ann", {"alder": Role.ANALYST})
    with pytest.raises(AccessRefusedError, match="verify_ledger"):
        user.require(Permission.VERIFY_LEDGER, "alder")
