"""The canonical form equals RFC 8785 and refuses what has no single form."""

from datetime import date
from decimal import Decimal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from models.domain.canonical import canonical_json, sha256_hex
from models.domain.errors import NotCanonical

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_the_fast_way_writes_the_bytes_of_the_standard(value: object) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


def test_order_of_keys_does_not_matter() -> None:
    assert canonical_json({"b": 1, "a": (2, None)}) == b'{"a":[2,null],"b":1}'


@pytest.mark.parametrize(
    "value", [1.5, {"a": Decimal(1)}, [date(2026, 1, 1)], {1: 2}, 2**53, "\ud800"]
)
def test_what_has_no_single_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


def test_the_refusal_names_the_place() -> None:
    with pytest.raises(NotCanonical, match=r"^a\.b\[1\]: float"):
        canonical_json({"a": {"b": [1, 2.0]}})


def test_the_hash_is_lower_hex_sha256() -> None:
    assert sha256_hex(b"").startswith("e3b0c44298fc1c14")
