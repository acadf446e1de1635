"""Keys of things and fingerprints of receivables.

A surrogate key is the lower-hex SHA-256 of its parts joined with U+001F, so re-reading a source
gives the same keys and SQL can compute them too. A fingerprint is an HMAC under the tenant's key:
it can be compared, also with other financiers' registers, without telling what the invoice is.
Where a party has no tax id, its surrogate key (made of source and code) stands in.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The exact and the near forms of one receivable, lower hex.

    Attributes:
        exact: Seller, debtor, normalised number, issue date, gross, currency.
        near_without_date: The same without the issue date.
        near_without_number: The same without the number.
    """

    exact: str
    near_without_date: str
    near_without_number: str

    @property
    def near(self) -> tuple[str, str]:
        """Both near forms, in their fixed order."""
        return (self.near_without_date, self.near_without_number)


def surrogate_key(*parts: str) -> str:
    """Give the lower-hex SHA-256 of the parts joined with U+001F in UTF-8."""
    return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()


def fingerprints(
    key: bytes,
    *,
    seller_tax: str,
    debtor_tax: str,
    number_norm: str,
    issued_on: date,
    gross_minor: int,
    currency: str,
) -> Fingerprints:
    """Compute the three forms under a tenant's key (HMAC-SHA-256)."""
    seller, debtor, gross, day = seller_tax, debtor_tax, str(gross_minor), issued_on.isoformat()
    return Fingerprints(
        exact=_mac(key, "exact", seller, debtor, number_norm, day, gross, currency),
        near_without_date=_mac(key, "near1", seller, debtor, number_norm, gross, currency),
        near_without_number=_mac(key, "near2", seller, debtor, day, gross, currency),
    )


def _mac(key: bytes, *parts: str) -> str:
    return hmac.digest(key, SEPARATOR.join(parts).encode(), "sha256").hex()
