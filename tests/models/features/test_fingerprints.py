"""Fingerprints follow the parties' tax ids and fall back on our own keys."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from models.domain.errors import InvalidFacts
from models.domain.identity import fingerprints
from models.features.fingerprints import SCHEMA, receivable_fingerprints


def test_a_row_has_the_fingerprint_of_its_parts(
    make_receivable: Callable[..., dict[str, Any]], make_frame: Callable[..., pl.DataFrame]
) -> None:
    row = make_receivable()
    found = receivable_fingerprints(make_frame([row]), {"alder": b"k"})
    expected = fingerprints(
        b"k",
        seller_tax="ST1",
        debtor_tax="d1",
        number_norm=row["number_norm"],
        issued_on=row["issued_on"],
        gross_minor=row["gross_minor"],
        currency="EUR",
    )
    assert dict(found.schema) == SCHEMA
    assert found.row(0)[1:] == (expected.exact, *expected.near)


def test_a_tenant_without_a_key_is_refused(
    make_receivable: Callable[..., dict[str, Any]], make_frame: Callable[..., pl.DataFrame]
) -> None:
    with pytest.raises(InvalidFacts, match="alder"):
        receivable_fingerprints(make_frame([make_receivable()]), {"birch": b"k"})
