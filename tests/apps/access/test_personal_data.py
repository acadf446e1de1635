"""What is shown of natural persons and of quarantined bytes."""

from apps.access import Role, User
from apps.access.personal_data import party_label, quarantined_text


def test_a_party_without_a_public_name_is_called_by_its_id():
    assert party_label(None, "0123456789abcdef") == "Private person 01234567"
    assert party_label("Arden Foods GmbH", "0123") == "Arden Foods GmbH"
    assert party_label(None, None) == "–"


def test_quarantined_bytes_are_shown_to_those_who_correct_them():
    text = '{"Total": "x"}'
    operator = User("op", "Op", {"alder": Role.OPERATOR})
    analyst = User("an", "An", {"alder": Role.ANALYST})
    assert quarantined_text(operator, "alder", text) == text
    assert text not in quarantined_text(analyst, "alder", text)
    assert quarantined_text(operator, "alder", None) == "–"
