"""Fingerprints of receivables: an exact and two near forms under the tenant's key.

The tax id identifies a party; where there is none, our key of it (made of source and code) stands
in. The forms are those of DOMAIN section 8 stage 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from models.domain.errors import InvalidFacts
from models.domain.identity import Fingerprints, fingerprints

COLUMNS = (
    "tenant_id", "receivable_id", "seller_id", "debtor_id", "seller_tax_id", "debtor_tax_id",
    "number_norm", "issued_on", "gross_minor", "currency",
)  # fmt: skip

SCHEMA: dict[str, pl.DataType] = {
    "receivable_id": pl.String(),
    "fingerprint_exact": pl.String(),
    "near_without_date": pl.String(),
    "near_without_number": pl.String(),
}


def fingerprints_of(row: Mapping[str, Any], keys: Mapping[str, bytes]) -> Fingerprints:
    """Fingerprint one receivable, given as a mapping of ``COLUMNS``, under its tenant's key.

    Raises:
        InvalidFacts: The tenant has no key.
    """
    key = keys.get(row["tenant_id"])
    if key is None:
        raise InvalidFacts(f"no fingerprint key for tenant {row['tenant_id']}")
    return fingerprints(
        key,
        seller_tax=row["seller_tax_id"] or row["seller_id"],
        debtor_tax=row["debtor_tax_id"] or row["debtor_id"],
        number_norm=row["number_norm"] or "",
        issued_on=row["issued_on"],
        gross_minor=row["gross_minor"],
        currency=row["currency"],
    )


def receivable_fingerprints(receivables: pl.DataFrame, keys: Mapping[str, bytes]) -> pl.DataFrame:
    """Fingerprint each receivable under its tenant's key.

    Args:
        receivables: Columns ``COLUMNS``.
        keys: HMAC key by tenant.

    Returns:
        One row per receivable in the given order: ``SCHEMA``.
    """
    rows = receivables.select(COLUMNS).iter_rows(named=True)
    found = [(row["receivable_id"], fingerprints_of(row, keys)) for row in rows]
    return pl.DataFrame(
        [(rid, f.exact, f.near_without_date, f.near_without_number) for rid, f in found],
        schema=SCHEMA,
        orient="row",
    )
