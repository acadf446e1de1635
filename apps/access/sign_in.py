"""From an identity to a user: the demo user in `dev`, the ledger's grants everywhere else.

Grants are ledger entries (`type = grant`), so who could see what, and since when, is proven with
everything else. Proving the identity itself is the identity provider's job; its answer arrives here
as the `e-mail` the web server vouches for.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from apps.access.roles import AccessRefusedError, Role, User

DEMO_TENANTS = ("alder", "birch")


def demo_user(tenants: Iterable[str] = DEMO_TENANTS) -> User:
    """Return the person a fresh clone is used by: compliance role in every dev tenant."""
    return User(
        user_id="demo",
        display_name="Demo user",
        grants=dict.fromkeys(tenants, Role.COMPLIANCE),
    )


def sign_in(
    profile: Literal["dev", "staging", "prod"],
    identity: str | None,
    grants: Iterable[Mapping[str, Any]],
    dev_tenants: Iterable[str] = DEMO_TENANTS,
) -> User:
    """Turn a vouched-for identity into a user.

    Args:
        profile: the deployment's profile.
        identity: the e-mail address the web server vouches for, none when nobody signed in.
        grants: current rows of the ledger's `grants` projection: `user_id`, `tenant_id`, `role`,
            `entry_count`; a second entry is the revocation.
        dev_tenants: the tenants the demo user sees.

    Raises:
        AccessRefusedError: outside `dev`, when nobody signed in or no grant names them.
    """
    if profile == "dev":
        return demo_user(dev_tenants)
    if identity is None:
        raise AccessRefusedError("an unknown visitor", "this deployment; sign in first")
    held = {
        str(row["tenant_id"]): Role(str(row["role"]))
        for row in grants
        if row.get("user_id") == identity and row.get("entry_count", 1) == 1
    }
    if not held:
        raise AccessRefusedError(identity, "any tenant")
    return User(user_id=identity, display_name=identity, grants=held)
