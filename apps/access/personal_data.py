"""What is shown of natural persons and of records that could not be read, by role.

Marts and snapshots carry no names of natural persons, so a party without a public name is called by
the first characters of its id, whoever looks. Quarantined bytes may hold anything, so only roles
that correct them see them.
"""

from apps.access.roles import Permission, User

NAME_NOT_PUBLISHED = "A natural person: the name is not part of published snapshots"
_ID_CHARACTERS = 8
_QUARANTINE_NOTE = "hidden: needs the operator or compliance role"


def party_label(display_name: str | None, party_id: str | None) -> str:
    """Return how a party is called where its name must not or cannot be shown."""
    if display_name:
        return display_name
    if party_id:
        return f"Private person {party_id[:_ID_CHARACTERS]}"
    return "–"


def party_note(display_name: str | None, party_id: str | None) -> str | None:
    """Return what is told of a party on hover: its id, and why no name is shown."""
    if party_id is None:
        return None
    return party_id if display_name else f"{NAME_NOT_PUBLISHED}; id {party_id}"


def quarantined_text(user: User, tenant_id: str, text: str | None) -> str:
    """Return a quarantined record's bytes, or why this person does not see them."""
    if text is None:
        return "–"
    if user.may(Permission.SEE_QUARANTINED_TEXT, tenant_id):
        return text
    return _QUARANTINE_NOTE
