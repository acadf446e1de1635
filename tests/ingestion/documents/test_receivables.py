"""Files of receivables, tidy and awkward: mapped without a word, or refused with what to say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import yaml

from ingestion.connection import Connection
from ingestion.documents.mapping import FileMapping
from ingestion.documents.receivables import DocumentRefused, propose_mapping, read

CANONICAL = {
    "customer_code",
    "customer_name",
    "customer_country",
    "customer_tax_id",
    "invoice_number",
    "document_id",
    "issued_on",
    "due_on",
    "cleared_on",
    "amount",
    "open_amount",
    "currency",
    "is_disputed",
    "document_type",
    "source",
}


def taken(path, currency="EUR"):
    return read(path, propose_mapping(path, currency=currency))


def test_columns_in_any_order_mean_the_same(csv_file):
    one = taken(csv_file("Invoice No,Customer,Date,Due Date,Amount", "A1,Acme,2020-01-31,,10.50"))
    other = taken(csv_file("Amount,Due Date,Customer,Invoice No,Date", "10.50,,Acme,A1,2020-01-31"))

    (first,), (second,) = one.records, other.records
    assert {**first, "source": None} == {**second, "source": None}
    assert set(first) == CANONICAL | {"record_id"}
    assert first["source"]["Due Date"] == ""
    assert (first["amount"], first["due_on"], first["issued_on"]) == ("10.50", None, "2020-01-31")


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (
            "Rechnungsnummer;Kundennummer;Kundenname;Rechnungsdatum;Fälligkeit;Bruttobetrag",
            "R-1;4711;Müller & Söhne GmbH;31.01.2020;01.03.2020;1.234,56",
        ),
        (
            "N° facture;Code client;Nom client;Date facture;Date d'échéance;Montant TTC",
            "R-1;4711;Müller & Söhne GmbH;31/01/2020;31/03/2020;1 234,56",
        ),
        (
            "Número factura;Código cliente;Nombre cliente;Fecha factura;Fecha vencimiento;Importe",
            "R-1;4711;Müller & Söhne GmbH;31/01/2020;31/03/2020;1.234,56",
        ),
        (
            "Factuurnummer;Klantnummer;Klantnaam;Factuurdatum;Vervaldatum;Bedrag",
            "R-1;4711;Müller & Söhne GmbH;31-01-2020;31-03-2020;1234,56",
        ),
        (
            "Numero fattura;Codice cliente;Ragione sociale;Data fattura;Scadenza;Importo totale",
            "R-1;4711;Müller & Söhne GmbH;31/01/2020;31/03/2020;1.234,56",
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_common_languages_encodings_and_decimal_commas_are_read(csv_file, header, row, encoding):
    (record,) = taken(csv_file(header, row, encoding=encoding, newline="\r\n")).records

    assert record["invoice_number"] == "R-1"
    assert record["customer_code"] == "4711"
    assert record["customer_name"] == "Müller & Söhne GmbH"
    assert (record["issued_on"], record["amount"]) == ("2020-01-31", "1234.56")
    assert record["due_on"].startswith("2020-03")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(csv_file, delimiter):
    header = delimiter.join(["invoice", "customer", "date", "amount"])
    row = delimiter.join(["1", '"Acme, Inc; Ltd"', "2020-01-31", "5.00"])

    mapping = propose_mapping(csv_file(header, row, row.replace("1", "2")), currency="EUR")

    assert mapping.layout.delimiter == delimiter


def test_lines_above_the_header_are_passed_over(csv_file):
    path = csv_file(
        "Open items of Acme", "as of 2020-05-01,,,", "", "Invoice,Customer,Date,Amount",
        "7,Acme,2020-01-31,5.00",
    )  # fmt: skip

    document = taken(path)

    assert document.mapping.layout.header_row == 3
    assert document.records[0]["invoice_number"] == "7"


def test_a_total_row_that_agrees_is_dropped_and_one_that_differs_is_refused(csv_file):
    header = "Invoice,Customer,Date,Amount"
    rows = ("1,A,2020-01-31,10.25", "2,B,2020-02-28,-0.25")
    agreeing = taken(csv_file(header, *rows, "Total,,,10.00"))
    differing = taken(csv_file(header, *rows, "Total,,,11.00"))

    assert (len(agreeing.records), agreeing.rejects) == (2, [])
    (reject,) = differing.rejects
    assert reject.problem.reason_code == "total_differs"
    assert "add up to 10.00" in reject.problem.detail


def test_negative_amounts_and_words_make_credit_notes_and_keep_their_sign(csv_file):
    path = csv_file(
        "Invoice,Customer,Date,Amount,Type",
        "1,A,2020-01-31,(10.25),",
        "2,A,2020-01-31,5.00,Credit memo",
        "3,A,2020-01-31,5.00,Invoice",
    )

    found = [(one["document_type"], one["amount"]) for one in taken(path).records]

    assert found == [("credit_note", "-10.25"), ("credit_note", "5.00"), ("invoice", "5.00")]


def test_bad_rows_are_refused_one_by_one_with_their_cells(csv_file):
    path = csv_file(
        "Invoice,Customer,Date,Amount",
        "1,A,2020-01-31,10.00",
        "2,A,2020-01-31,ten",
        "3,A,2020-02-31,10.00",
        ",A,2020-01-31,10.00",
        "5,A,2020-01-31,",
        "6,A,2020-01-31,10000000000000.00",
        "7,A,2020-01-31",
        "8,A,2020-01-31,1.00,more",
        "1.93E+09,A,2020-01-31,1.00",
    )

    document = taken(path)

    assert [one["invoice_number"] for one in document.records] == ["1"]
    assert [row.problem.reason_code for row in document.rejects] == [
        "amount_unreadable",
        "date_unreadable",
        "missing_value",
        "missing_value",
        "amount_too_large",
        "row_too_short",
        "row_too_long",
        "number_rounded",
    ]
    assert b'"Amount":"ten"' in document.rejects[0].payload


def test_an_ambiguous_file_is_refused_with_what_to_write_and_then_read(csv_file):
    path = csv_file("Invoice,Customer,Date,Amount", "1,A,03/04/2020,10.00")
    with pytest.raises(DocumentRefused, match=r"'Date' .* set date_orders"):
        propose_mapping(path, currency="EUR")

    clear = csv_file("Invoice,Customer,Date,Amount", "1,A,31/04/2020,10.00", name="clear.csv")
    text = propose_mapping(clear, currency="EUR").to_yaml()
    mapping = FileMapping.from_yaml(text.replace("Date: dmy", "Date: mdy"))

    assert read(path, mapping).records[0]["issued_on"] == "2020-03-04"


def test_missing_columns_are_named(csv_file):
    with pytest.raises(DocumentRefused, match="no column found for amount"):
        propose_mapping(csv_file("Invoice,Customer,Date", "1,A,2020-01-31"))


def test_a_file_without_currency_asks_for_one(csv_file):
    path = csv_file("Invoice,Customer,Date,Amount", "1,A,2020-01-31,10.00")

    with pytest.raises(DocumentRefused, match="--currency"):
        taken(path, currency=None)


def test_a_currency_in_the_columns_name_or_of_its_own_is_used(csv_file):
    named = taken(csv_file("Invoice,Customer,Date,Amount USD", "1,A,2020-01-31,1.00"), None)
    own = taken(csv_file("Invoice,Customer,Date,Amount,Currency", "1,A,2020-01-31,1,jpy"), None)

    assert named.records[0]["currency"] == "USD"
    assert own.records[0]["currency"] == "JPY"


def test_instalments_that_share_a_number_stay_apart_and_repeated_rows_do_not(csv_file):
    path = csv_file(
        "Invoice,Customer,Date,Due Date,Amount",
        "1,A,2020-01-31,2020-02-28,10.00",
        "1,A,2020-01-31,2020-03-31,10.00",
        "2,A,2020-01-31,2020-03-31,10.00",
        "2,A,2020-01-31,2020-03-31,10.00",
    )

    ids = [one["record_id"] for one in taken(path).records]

    assert len(set(ids)) == 3
    assert ids[2] == ids[3]


def test_a_workbook_is_read_from_its_visible_sheet_with_typed_cells(workbook):
    path = workbook(
        _old=[["Invoice", "Customer", "Date", "Due Date", "Amount"], ["9", "X", "", "", 1]],
        Notes=[["for your information"]],
        Items=[
            ["Invoice", "Customer", "Date", "Due Date", "Amount"],
            [1930438491, "Acme", date(2020, 3, 4), date(2020, 4, 4), 1234.56],
            [1930438492.0, "Acme", date(2020, 3, 4), date(2020, 4, 4), 0.1],
            ["Total", None, None, None, 1234.66],
        ],
    )

    document = taken(path)

    assert document.mapping.layout.sheet == "Items"
    assert [one["invoice_number"] for one in document.records] == ["1930438491", "1930438492"]
    assert [one["amount"] for one in document.records] == ["1234.56", "0.1"]
    assert document.records[0]["issued_on"] == "2020-03-04"


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "file.xlsx"
    path.write_bytes(b"PK no")

    with pytest.raises(DocumentRefused, match="workbook"):
        propose_mapping(path)


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(b"")

    with pytest.raises(DocumentRefused):
        propose_mapping(path)


def test_a_mapping_survives_its_yaml(csv_file):
    mapping = propose_mapping(
        csv_file("Invoice,Customer,Date,Amount", "1,A,31/01/2020,10.00"), currency="EUR"
    )

    assert FileMapping.from_yaml(mapping.to_yaml()) == mapping
    with pytest.raises(DocumentRefused, match="mapping"):
        FileMapping.from_yaml("columns: [")


@pytest.fixture
def files(tmp_path):
    def make(*paths, **options):
        names = [str(path) for path in paths]
        return Connection("alder", "acme", "files", options={"paths": names, **options})

    return make


def test_files_land_are_remembered_and_are_not_read_twice(csv_file, files, sync, rows, tmp_path):
    path = csv_file("Invoice,Customer,Date,Amount", "1,A,31/01/2020,10.10", "2,A,31/01/2020,0.20")
    (first,) = sync(files(path, currency="EUR")).entities
    (again,) = sync(files(path, currency="EUR"), hours=1).entities
    later = csv_file(
        "Invoice,Customer,Date,Amount", "2,A,31/01/2020,0.30", "3,A,01/02/2020,1", name="b.csv"
    )
    (third,) = sync(files(path, later, currency="EUR"), hours=2, full=True).entities

    assert (first.read, first.landed, first.status) == (2, 2, "ok")
    assert (again.read, again.landed) == (0, 0)
    assert (third.read, third.landed, third.quarantined) == (2, 2, 0)
    (kept,) = (tmp_path / "var" / "mappings" / "alder").glob("*.yml")
    assert yaml.safe_load(kept.read_text())["date_orders"] == {"Date": "dmy"}
    sums = rows("select amount_text from raw_sync.control_totals order by computed_at")
    assert [Decimal(amount) for (amount,) in sums] == [
        Decimal("10.30"),
        Decimal("10.30"),
        Decimal("11.40"),
    ]


def test_a_column_that_fills_later_is_decided_then(csv_file, files, sync, rows):
    header = "Invoice,Customer,Date,Clear date,Amount"
    opened = csv_file(header, "1,A,31/01/2020,,10.10")
    sync(files(opened, currency="EUR"))
    cleared = csv_file(header, "1,A,31/01/2020,28.02.2020,10.10", name="cleared.csv")

    (report,) = sync(files(opened, cleared, currency="EUR"), hours=1).entities

    assert (report.landed, report.quarantined) == (1, 0)
    ((payload,),) = rows(
        "select payload from raw_files.receivables order by fetched_at desc limit 1"
    )
    assert '"cleared_on":"2020-02-28"' in payload
    (again,) = sync(files(opened, cleared, currency="EUR"), hours=2).entities
    assert again.read == 0


def test_an_edited_mapping_is_obeyed(csv_file, files, sync, rows, tmp_path):
    path = csv_file("Invoice,Customer,Date,Amount", "1,A,31/01/2020,10.10")
    sync(files(path, currency="EUR"))
    (kept,) = (tmp_path / "var" / "mappings" / "alder").glob("*.yml")
    kept.write_text(kept.read_text().replace("issued_on: Date", "due_on: Date"))

    sync(files(path, currency="EUR"), hours=1)

    ((payload,),) = rows(
        "select payload from raw_files.receivables order by fetched_at desc limit 1"
    )
    assert '"issued_on":null,"due_on":"2020-01-31"' in payload


def test_a_refused_file_stops_no_other_and_heals_with_its_mapping(
    csv_file, files, sync, rows, tmp_path
):
    unclear = csv_file("Invoice,Customer,Date,Amount", "1,A,03/04/2020,1.00", name="unclear.csv")
    good = csv_file("Invoice,Customer,Due Date,Amount", "2,A,2020-04-30,2.00", name="good.csv")
    connection = files(unclear, good, currency="EUR")

    (report,) = sync(connection).entities

    assert (report.status, report.landed, report.quarantined) == ("partial", 1, 1)
    assert "set date_orders" in report.cause
    assert rows("select reason_code, raw_text from raw_quarantine.records") == [
        ("date_ambiguous", unclear.read_text())
    ]
    clear = csv_file("Invoice,Customer,Date,Amount", "1,A,30/04/2020,1.00", name="clear.csv")
    mapping = propose_mapping(clear, currency="EUR")
    chosen = tmp_path / "chosen.yml"
    chosen.write_text(mapping.to_yaml())
    mended = replace(
        connection, options={**connection.options, "paths": [str(unclear)], "mapping": str(chosen)}
    )
    (healed,) = sync(mended, hours=1).entities
    assert (healed.status, healed.landed) == ("ok", 1)
    assert rows("select resolution from raw_quarantine.records") == [("superseded",)]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "count", "total", "column"),
    [
        ("ibm_accounts_receivable.csv", 2466, "147703.18", "InvoiceAmount"),
        ("open_items_sap_export.csv", 9681, "310427858.974", "converted_usd"),
    ],
)
def test_real_exports_go_in_without_an_edited_mapping(
    shared_data, files, sync, rows, name, count, total, column
):
    import csv

    path = shared_data / "receivables" / name
    with path.open(encoding="utf-8", newline="") as lines:
        own = sum(Decimal(row[column]) for row in csv.DictReader(lines))

    (report,) = sync(files(path, currency="USD")).entities

    assert own == Decimal(total)
    assert (report.read, report.landed, report.quarantined) == (count, count, 0)
    assert rows("select currency, record_count, amount_text from raw_sync.control_totals") == [
        ("USD", count, total)
    ]


@pytest.mark.shared_data
def test_the_two_real_exports_are_understood(shared_data):
    folder = shared_data / "receivables"
    ibm = propose_mapping(folder / "ibm_accounts_receivable.csv", currency="USD")
    sap = propose_mapping(folder / "open_items_sap_export.csv", currency="USD")

    assert set(ibm.date_orders.values()) == {"mdy"}
    assert (ibm.key, ibm.columns["cleared_on"]) == (("invoice_number",), "SettledDate")
    assert set(sap.date_orders.values()) == {"dmy"}
    assert sap.key == ("company_code", "fiscal_year", "document_id")
    assert sap.columns["issued_on"] == "posting_date"
    assert sap.columns["fiscal_year"] == "buisness_year"
