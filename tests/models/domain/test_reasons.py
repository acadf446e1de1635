"""Every reason has a code, a group and a text that can be filled in."""

import re

import pytest

from models.domain.reasons import CATALOGUE, reason

GROUPS = {"identity", "validity", "eligibility", "limits", "score", "outcome"}


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_reason_reads_as_a_sentence(code: str) -> None:
    found = reason(code, 1, 7, 30)
    assert re.fullmatch(r"R\d{3}", found.code)
    assert found.group in GROUPS
    assert found.text[0].isupper()
    assert not re.search(r"[{}]|\.$", found.text)


def test_no_text_tells_of_screening_or_suspicion() -> None:
    texts = " ".join(text for _, text in CATALOGUE.values()).lower()
    assert not re.search(r"fraud|sanction|suspic|launder|screen", texts)
