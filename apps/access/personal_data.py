"""Names of natural persons, shown by role.

Marts and snapshots carry no names of natural persons; a party without a public name is shown by
the first characters of its id. Roles with `see_personal_data` may look the name up in the party
table, which only `apps/access` reads.
"""

from apps.access.roles import Permission, User

_ID_CHARACTERS = 8
_QUARANTINE_NOTE = "hidden: needs the operator or compliance role"


def party_label(display_name: str | None, party_id: str | None) -> str:
    """Return how a party is called where its name must not or cannot be shown."""
    if display_name:
        return display_name
    if party_id:
        return f"Private person {party_id[:_ID_CHARACTERS]}"
    return "–"


def quarantined_text(user: User, tenant_id: str, text: str | None) -> str:
    """Return a quarantined record's bytes, or why this person does not see them."""
    if text is None:
        return "–"
    if user.may(Permission.SEE_QUARANTINED_TEXT, tenant_id):
        return text
    return _QUARANTINE_NOTE
