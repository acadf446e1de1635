"""Facts as the models take them: who a seller is, also when only a file told of it."""

import polars as pl

from orchestration import facts
from orchestration.resources.counterparts import Organisation


def _organisation(connection_id: str, tax_id: str) -> Organisation:
    return Organisation(
        tenant_id="alder",
        connection_id=connection_id,
        name="Copper Works Ltd",
        xero_tenant_id="x1",
        base_currency="GBP",
        country="GB",
        tax_id=tax_id,
        payout_iban="GB00BANK00000000000001",
        collection_account_id="col-1",
        mail="office@copper.example",
    )


def test_a_seller_of_a_file_bears_the_tax_id_of_the_account_it_is_paid_on() -> None:
    sellers = pl.DataFrame(
        {
            "tenant_id": ["alder", "alder", "alder"],
            "connection_id": ["books", "export", "stranger"],
            "tax_id": ["GB1", None, None],
        },
        schema={"tenant_id": pl.String, "connection_id": pl.String, "tax_id": pl.String},
    )
    paid = {
        ("alder", "books"): _organisation("books", "GB9"),
        ("alder", "export"): _organisation("books", "GB9"),
    }
    known = facts._identified(sellers, paid)
    assert known["tax_id"].to_list() == ["GB1", "GB9", None]
