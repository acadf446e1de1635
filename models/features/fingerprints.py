"""Fingerprints of receivables: an exact and two near forms under the tenant's key.

The tax id identifies a party; where there is none, our key of it (made of source and code) stands
in. The forms are those of DOMAIN section 8 stage 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from models.domain.errors import InvalidFacts
from models.domain.identity import fingerprints

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


def receivable_fingerprints(receivables: pl.DataFrame, keys: Mapping[str, bytes]) -> pl.DataFrame:
    """Fingerprint each receivable under its tenant's key.

    Args:
        receivables: Columns ``COLUMNS``.
        keys: HMAC key by tenant.

    Returns:
        One row per receivable in the given order: ``SCHEMA``.

    Raises:
        InvalidFacts: A tenant has no key.
    """
    unknown = set(receivables["tenant_id"].unique().to_list()) - set(keys)
    if unknown:
        raise InvalidFacts(f"no fingerprint key for tenant {', '.join(sorted(unknown))}")
    rows = [
        (
            row["receivable_id"],
            fingerprints(
                keys[row["tenant_id"]],
                seller_tax=row["seller_tax_id"] or row["seller_id"],
                debtor_tax=row["debtor_tax_id"] or row["debtor_id"],
                number_norm=row["number_norm"] or "",
                issued_on=row["issued_on"],
                gross_minor=row["gross_minor"],
                currency=row["currency"],
            ),
        )
        for row in receivables.select(COLUMNS).iter_rows(named=True)
    ]
    return pl.DataFrame(
        [(rid, f.exact, f.near_without_date, f.near_without_number) for rid, f in rows],
        schema=SCHEMA,
        orient="row",
    )
