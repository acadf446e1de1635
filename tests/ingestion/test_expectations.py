"""Contracts are plain data that fit the raw tables, and hold on what really lands."""

import pytest

from ingestion.bank import contract as bank
from ingestion.bureau import contract as bureau
from ingestion.documents import contract as documents
from ingestion.erp import contract as erp
from ingestion.expectations import count, minor, suite, text, whole
from ingestion.pipeline import ensure_tables
from ingestion.tables import RAW_TABLES

SUITES = [*erp.SUITES, *bank.SUITES, *bureau.SUITES, *documents.SUITES]


def select(one):
    columns = ", ".join(f'{sql} as "{name}"' for name, sql in one["columns"].items())
    return f"select {columns} from {one['schema']}.{one['table']}"


def test_every_raw_table_has_a_contract():
    expected = {
        f"raw/{system}/{entity}" for system, entities in RAW_TABLES.items() for entity in entities
    }

    assert {one["asset_key"] for one in SUITES} == expected


@pytest.mark.parametrize("one", SUITES, ids=lambda one: one["asset_key"])
def test_a_contract_reads_columns_that_exist_and_promises_only_those(one, warehouse, rows):
    ensure_tables(warehouse)

    assert rows(select(one)) == []
    promised = {expectation["kwargs"]["column"] for expectation in one["expectations"]}
    assert promised <= set(one["columns"])


def test_amounts_become_integers_of_minor_units_and_nothing_is_null(rows, warehouse):
    ensure_tables(warehouse)
    probe = suite(
        "xero",
        "invoices",
        {
            "total": minor("Total", "CurrencyCode"),
            "absent": minor("Nothing", "CurrencyCode"),
            "contact": text("Contact.ContactID"),
            "lines": count("LineItems"),
            "first": whole("LineItems[0].Quantity"),
        },
    )
    for number, (currency, total) in enumerate((("EUR", "12.34"), ("JPY", "12"), ("KWD", "1.234"))):
        payload = (
            f'{{"CurrencyCode":"{currency}","Total":{total},"Contact":{{"ContactID":"c"}},'
            '"LineItems":[{"Quantity":7},{}]}'
        )
        rows(
            "insert into raw_xero.invoices values"
            " ('t', 'c', ?, null, false, ?, 'x', 'e', 'p', 0, now(), 'l')",
            str(number),
            payload,
        )

    found = rows(f"{select(probe)} order by record_id")

    assert [row[-5:] for row in found] == [
        (1234, 0, "c", 2, 7),
        (12, 0, "c", 2, 7),
        (1234, 0, "c", 2, 7),
    ]


@pytest.mark.slow
def test_the_sandbox_keeps_the_contracts(sandbox, world_connections, sync, warehouse, monkeypatch):
    import warnings

    import duckdb

    monkeypatch.setenv("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx

        sync(*world_connections(sandbox, "xero", "bank"))
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        source = context.data_sources.add_pandas("frames")
        asset = source.add_dataframe_asset("frame")
        batch = asset.add_batch_definition_whole_dataframe("whole")
        broken = []
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            for one in (*erp.SUITES, *bank.SUITES):
                frame = connection.execute(select(one)).fetchdf()
                assert not any(str(kind).startswith("float") for kind in frame.dtypes)
                for row in one["expectations"]:
                    promise = getattr(gx.expectations, row["type"])(**row["kwargs"])
                    result = batch.get_batch({"dataframe": frame}).validate(promise)
                    if not result.success:
                        broken.append((one["asset_key"], row))

    assert broken == []
