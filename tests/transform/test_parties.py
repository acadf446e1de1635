"""Sellers and debtors are unified by tax id; names of natural persons stay in one table."""

from __future__ import annotations

from typing import Any

from models.domain.identity import surrogate_key

ACME = surrogate_key("alder", "debtor", "tax", "DE811222333")
OTHER = surrogate_key("alder", "debtor", "north", "c-other")


def test_one_tax_id_is_one_debtor_across_contacts_and_files(after_second_sync: Any) -> None:
    debtors = after_second_sync.rows(
        """
        select distinct debtor_id from marts_risk.fct_receivables
        where tenant_id = 'alder' and record_id in ('01001', '01002', 'row-2')
        """
    )
    assert debtors == [{"debtor_id": ACME}]


def test_the_same_company_is_another_debtor_to_another_tenant(after_second_sync: Any) -> None:
    row = after_second_sync.one(
        "select debtor_id from marts_risk.fct_receivables where tenant_id = 'birch'"
    )
    assert row["debtor_id"] == surrogate_key("birch", "debtor", "tax", "DE811222333")


def test_a_merged_contact_is_its_survivor(after_second_sync: Any) -> None:
    row = after_second_sync.one(
        "select debtor_id from marts_risk.fct_receivables"
        " where tenant_id = 'alder' and record_id = '01006'"
    )
    assert row["debtor_id"] == OTHER


def test_a_contact_nobody_described_is_still_a_debtor(after_second_sync: Any) -> None:
    unknown = surrogate_key("alder", "debtor", "north", "c-unknown")
    row = after_second_sync.one(
        f"select * from marts_risk.dim_debtors where debtor_id = '{unknown}'"
    )
    assert row["display_name"] is None
    assert row["duns"] is None


def test_every_receivable_has_its_seller_and_debtor(after_second_sync: Any) -> None:
    orphans = after_second_sync.rows(
        """
        select receivables.record_id from marts_risk.fct_receivables as receivables
        left join marts_risk.dim_sellers as sellers using (tenant_id, seller_id)
        left join marts_risk.dim_debtors as debtors
            on receivables.tenant_id = debtors.tenant_id
            and receivables.debtor_id = debtors.debtor_id
        where sellers.seller_id is null or debtors.debtor_id is null
        """
    )
    assert orphans == []


def test_a_seller_is_one_row_whatever_the_number_of_its_sources(after_second_sync: Any) -> None:
    rows = after_second_sync.rows("select * from marts_risk.dim_sellers order by tenant_id")
    found = [(row["tenant_id"], row["seller_id"], row["display_name"]) for row in rows]
    assert found == [
        ("alder", surrogate_key("alder", "seller", "north"), "Northwind Tools Ltd"),
        ("birch", surrogate_key("birch", "seller", "south"), "Südwind Möbel GmbH"),
        ("cedar", surrogate_key("cedar", "seller", "east"), "Eastgate Glass Ltd"),
    ]


def test_names_of_natural_persons_are_stored_in_the_party_table_only(
    after_second_sync: Any,
) -> None:
    person = after_second_sync.one(
        "select * from intermediate.int_parties__identified where is_natural_person"
    )
    assert person["party_name"] == "Anna Novak"
    for table in after_second_sync.rows(
        """
        select table_schema, table_name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema not like 'raw%'
            and table_name <> 'int_parties__identified'
        """
    ):
        name = f"{table['table_schema']}.{table['table_name']}"
        columns = after_second_sync.rows(f"select * from {name}")
        assert "Novak" not in str(columns), name
        assert "IE7654321B" not in str(columns) or name.endswith("int_debtors__linked"), name


def test_a_report_is_linked_by_a_sure_match_only(after_second_sync: Any) -> None:
    acme = after_second_sync.one(f"select * from marts_risk.dim_debtors where debtor_id = '{ACME}'")
    assert (acme["duns"], acme["paydex"], acme["bureau_limit_minor"]) == ("111111111", 78, 12000000)
    assert (acme["operating_status"], acme["is_insolvent"]) == ("active", False)
    assert str(acme["registered_on"]) == "1998-01-01"


def test_bankruptcy_and_closure_make_a_debtor_insolvent(after_second_sync: Any) -> None:
    other = after_second_sync.one(
        f"select * from marts_risk.dim_debtors where debtor_id = '{OTHER}'"
    )
    assert other["is_insolvent"]
    assert other["has_severe_negative_events"]
    assert other["insolvent_recorded_at"] is not None
    assert other["operating_status"] == "out_of_business"


def test_a_country_is_read_from_the_spelling_of_an_address(after_second_sync: Any) -> None:
    row = after_second_sync.one(
        "select country from intermediate.int_debtors__linked where customer_code = 'c-austria'"
    )
    assert row["country"] == "AT"
