"""Who may see what: four roles, each a fixed set of permissions.

The table below is the whole rule. Nothing else in `apps` compares role names; code asks
`user.may(Permission.…)`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One thing a person may do in the front doors."""

    SEE_PORTFOLIO = "see_portfolio"
    SEE_DECISIONS = "see_decisions"
    SEE_AUDIT = "see_audit"
    SEE_PERSONAL_DATA = "see_personal_data"
    SEE_QUARANTINED_TEXT = "see_quarantined_text"
    VERIFY_LEDGER = "verify_ledger"
    EXPORT = "export"
    SEE_OPERATIONS = "see_operations"
    CORRECT_RECORDS = "correct_records"
    SETTLE_TASKS = "settle_tasks"
    ASSESS = "assess"


class Role(StrEnum):
    """A job at the financier."""

    ANALYST = "analyst"
    COMPLIANCE = "compliance"
    OPERATOR = "operator"
    ADMIN = "admin"


_BOOK = frozenset(
    {
        Permission.SEE_PORTFOLIO,
        Permission.SEE_DECISIONS,
        Permission.SEE_AUDIT,
        Permission.SEE_OPERATIONS,
        Permission.ASSESS,
    }
)
_MENDING = frozenset(
    {
        Permission.SEE_QUARANTINED_TEXT,
        Permission.CORRECT_RECORDS,
        Permission.SETTLE_TASKS,
        Permission.VERIFY_LEDGER,
    }
)

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ANALYST: _BOOK | {Permission.EXPORT},
        Role.COMPLIANCE: _BOOK | _MENDING | {Permission.EXPORT, Permission.SEE_PERSONAL_DATA},
        Role.OPERATOR: _BOOK | _MENDING,
        Role.ADMIN: frozenset(
            {Permission.SEE_AUDIT, Permission.SEE_OPERATIONS, Permission.VERIFY_LEDGER}
        ),
    }
)


class AccessRefusedError(Exception):
    """A person asked for something their grants do not cover.

    Attributes:
        user_id: who asked.
        wanted: the tenant or permission that is missing.
    """

    def __init__(self, user_id: str, wanted: str) -> None:
        """Keep the facts and say what to do next."""
        super().__init__(
            f"{user_id} has no access to {wanted}; an administrator can grant it, "
            "and the grant becomes a ledger entry"
        )
        self.user_id = user_id
        self.wanted = wanted


@dataclass(frozen=True)
class User:
    """A signed-in person and what they were granted.

    Attributes:
        user_id: stable id, the one that appears in ledger entries.
        display_name: how the page greets them.
        grants: the role held in each tenant; a tenant that is absent is invisible.
    """

    user_id: str
    display_name: str
    grants: Mapping[str, Role]

    @property
    def tenants(self) -> tuple[str, ...]:
        """The tenants this person may look at, in order."""
        return tuple(sorted(self.grants))

    def may(self, permission: Permission, tenant_id: str) -> bool:
        """Tell whether the role held in a tenant carries a permission."""
        role = self.grants.get(tenant_id)
        return role is not None and permission in PERMISSIONS[role]

    def require(self, permission: Permission, tenant_id: str) -> None:
        """Refuse unless the role held in a tenant carries a permission.

        Raises:
            AccessRefusedError: the tenant is not granted, or its role lacks the permission.
        """
        if tenant_id not in self.grants:
            raise AccessRefusedError(self.user_id, f"tenant {tenant_id}")
        if not self.may(permission, tenant_id):
            raise AccessRefusedError(self.user_id, f"{permission.value} in tenant {tenant_id}")
