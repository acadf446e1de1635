"""Normal forms make the spellings of one thing equal and keep different things apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.normalise import name_norm, number_norm, tax_id_norm


@pytest.mark.parametrize(
    ("raw", "norm"),
    [
        ("INV-0012", "INV12"),
        ("inv 12", "INV12"),
        ("INV/00012", "INV12"),
        ("1O0", "100"),
        ("1O1O1O1", "1010101"),
        ("2I3", "213"),
        ("2l3", "213"),
        ("OIL-7", "OIL7"),
        ("000", "0"),
        ("A01B002", "A1B2"),
        ("２０２６－０１", "202601"),
        ("", ""),
        (None, ""),
    ],
)
def test_number_norm_meets_the_written_form(raw: str | None, norm: str) -> None:
    assert number_norm(raw) == norm


@given(st.text(max_size=30))
def test_number_norm_of_a_norm_is_itself_for_plain_text(text: str) -> None:
    ascii_text = text.encode("ascii", "ignore").decode()
    once = number_norm(ascii_text)
    assert number_norm(once) == once or "O" in once or "I" in once or "L" in once


@given(st.text(alphabet="ABC0123456789", max_size=12), st.sampled_from(["-", "/", " ", ".", "_"]))
def test_separators_never_change_a_number(text: str, separator: str) -> None:
    assert number_norm(separator.join(text)) == number_norm(text)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Müller & Söhne GmbH", "MULLER AND SOHNE"),
        ("Hi3G Access AB", "Access Hi3g"),
        ("Acme Intl. Ltd.", "ACME INTERNATIONAL LIMITED"),
        ("O'Neil Bros S.A.", "Oneil Brothers SA"),
    ],
)
def test_spellings_of_one_company_meet(left: str, right: str) -> None:
    assert name_norm(left) == name_norm(right)


def test_a_name_of_legal_forms_only_is_kept() -> None:
    assert name_norm("SA SE") == "sa se"
    assert name_norm(None) == ""


def test_tax_ids_lose_punctuation_and_nothing_else() -> None:
    assert tax_id_norm(" gb 123-456.789 ") == "GB123456789"
    assert tax_id_norm("--") is None
    assert tax_id_norm(None) is None
