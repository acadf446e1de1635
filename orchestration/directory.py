"""Names and accounts, looked up at the moment something is sent and kept nowhere else.

Queue rows and entries carry ids; who that is, which account is paid and where a notice goes is
read from the party table and the organisations when a call goes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orchestration.resources.warehouse import has_table
from orchestration.uploads import uploads

if TYPE_CHECKING:
    from orchestration.platform import Platform
    from orchestration.resources.counterparts import Organisation


@dataclass(frozen=True, slots=True)
class Payee:
    """A seller as the bank and the notifier need it.

    Attributes:
        seller_id: Our id.
        name: Legal name; the account must belong to it.
        iban: The account that advances go to.
        mail: Where notices go.
    """

    seller_id: str
    name: str = field(repr=False)
    iban: str = field(repr=False)
    mail: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Debtor:
    """A debtor as the bank needs it.

    Attributes:
        debtor_id: Our id.
        name: Name as its seller spells it, or the code in its ledger where no name is told.
        tax_id: Tax id, may be empty.
    """

    debtor_id: str
    name: str = field(repr=False)
    tax_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Directory:
    """Payees and debtors by id; sellers without an account are not payable and not in it."""

    payees: Mapping[str, Payee] = field(repr=False)
    debtors: Mapping[str, Debtor] = field(repr=False)
    numbers: Mapping[str, str] = field(repr=False)


def read(platform: Platform) -> Directory:
    """Read the directory from the warehouse and the organisations."""
    paid = accounts(platform)
    with platform.warehouse.open() as connection:
        if not has_table(connection, "marts_risk", "dim_sellers"):
            return Directory({}, {}, {})
        sellers = connection.execute(
            "select tenant_id, seller_id, connection_id from marts_risk.dim_sellers"
        ).fetchall()
        parties = connection.execute(
            "select party_id, coalesce(party_name, customer_code, ''), coalesce(tax_id, '')"
            " from intermediate.int_parties__identified where party_role = 'debtor'"
        ).fetchall()
        numbers = connection.execute(
            "select receivable_id, number from marts_risk.fct_receivables where open_minor > 0"
        ).fetchall()
    payees = {
        seller_id: Payee(seller_id, found.name, found.payout_iban, found.mail)
        for tenant_id, seller_id, connection_id in sellers
        if (found := paid.get((tenant_id, connection_id))) is not None
    }
    return Directory(
        payees,
        {debtor_id: Debtor(debtor_id, name, tax_id) for debtor_id, name, tax_id in parties},
        dict(numbers),
    )


def accounts(platform: Platform) -> dict[tuple[str, str], Organisation]:
    """Find the organisation behind each connection; a file is its seller's word about itself."""
    organisations = platform.counterparts.organisations
    by_connection = {item.connection_id: item for item in organisations}
    found = {(item.tenant_id, item.connection_id): item for item in organisations}
    for noted in uploads(platform.places):
        paid = by_connection.get(noted.paid_as or "")
        if paid is not None:
            found[noted.tenant_id, noted.connection_id] = paid
    return found
