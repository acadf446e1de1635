"""Document numbers and flags: read one way, or refused."""

import pytest

from ingestion.documents.values import flag, key_text


def test_numbers_a_spreadsheet_made_floats_are_mended_and_rounded_ones_are_not():
    assert key_text("1930438491.0") == "1930438491"
    assert key_text(" 0000611365 ") == "0000611365"
    assert key_text("INV-7.5") == "INV-7.5"
    with pytest.raises(ValueError, match="rounded"):
        key_text("1.93044E+09")


def test_yes_and_no_are_read_in_common_languages():
    assert [flag(text) for text in ("Yes", "ja", "OUI", "sí", "1", "x")] == [True] * 6
    assert [flag(text) for text in ("no", "Nein", "NON", "0")] == [False] * 4
    assert flag("  ") is None
    with pytest.raises(ValueError, match="neither"):
        flag("perhaps")
