"""Electronic invoices state what they state, and nothing outside them is opened."""

import hashlib
import tracemalloc
from decimal import Decimal

import pytest

from ingestion.documents.receivables import DocumentRefused, propose_mapping, read
from tests.ingestion.documents.e_invoices import cii, declaring, enveloped, ubl

REAL = {
    "en16931_cii/CII-BR-CO-10-RoundingIssue.xml": ("0", "0.00", "0.00", "EUR"),
    "en16931_cii/CII_business_example_Z.xml": ("2016166", "11693.87", "11693.87", "EUR"),
    "en16931_cii/CII_example1.xml": ("12115118", "250.33", "250.33", "EUR"),
    "en16931_cii/CII_example3.xml": ("TOSL108", "1125", "1125", "DKK"),
    "en16931_cii/CII_example4.xml": ("TOSL110", "4675", "4675", "DKK"),
    "en16931_cii/CII_example7.xml": ("INVOICE_test_7", "3200", "3200", "SEK"),
    "en16931_ubl/BIS3_Invoice_negativ.XML": ("12345", "-782179.43", "-782179.43", "DKK"),
    "en16931_ubl/BIS3_Invoice_positive.XML": ("12345", "782179.43", "782179.43", "DKK"),
    "en16931_ubl/guide-example1.xml": ("12115118", "250.33", "250.33", "EUR"),
    "en16931_ubl/guide-example2.xml": ("TOSL108", "1801.78", "801.78", "NOK"),
    "en16931_ubl/issue116.xml": ("2018210", "830", "830", "SEK"),
    "en16931_ubl/sample-discount-price.xml": ("test decimal 1", "15.15", "15.15", "EUR"),
    "en16931_ubl/ubl-tc434-creditnote1.xml": ("018304 / 28865", "-100.11", "-100.11", "EUR"),
    "en16931_ubl/ubl-tc434-example2.xml": ("TOSL108", "1801.78", "801.78", "NOK"),
    "en16931_ubl/ubl-tc434-example3.xml": ("TOSL108", "2005.00", "2005.00", "DKK"),
    "en16931_ubl/ubl-tc434-example6.xml": ("TOSL110", "4675.00", "4675.00", "DKK"),
    "en16931_ubl/ubl-tc434-example7.xml": ("INVOICE_test_7", "3200.00", "3200.00", "SEK"),
    "en16931_ubl/ubl-tc434-example8.xml": ("1100512149", "1099.78", "1099.78", "EUR"),
    "en16931_ubl/ubl-tc434-example9.xml": ("20150483", "177.87", "177.87", "EUR"),
    "zugferd/EN16931_1_Teilrechnung.cii.xml": ("471102", "197.65", "147.65", "EUR"),
    "zugferd/EN16931_2_Teilrechnung.cii.xml": ("471113", "23.54", "23.54", "EUR"),
    "zugferd/EN16931_Betriebskostenabrechnung.cii.xml": ("471102", "18310.63", "502.63", "EUR"),
    "zugferd/EN16931_Einfach.cii.xml": ("471102", "529.87", "529.87", "EUR"),
    "zugferd/EN16931_Einfach_DueDate.cii.xml": ("471102", "529.87", "529.87", "EUR"),
    "zugferd/EN16931_Elektron.cii.xml": ("181301674", "300", "300", "EUR"),
    "zugferd/EN16931_ElektronischeAdresse.cii.xml": (
        *("9314110911/00/M/00/N", "340.96", "340.96", "EUR"),
    ),
    "zugferd/EN16931_Gutschrift.cii.xml": ("471102", "529.87", "529.87", "EUR"),
    "zugferd/EN16931_Haftpflichtversicherung_Versicherungssteuer.cii.xml": (
        *("01.234.567.8-2018-1", "50.00", "50.00", "EUR"),
    ),
    "zugferd/EN16931_Innergemeinschaftliche_Lieferungen.cii.xml": (
        *("47110818", "2000.00", "2000.00", "EUR"),
    ),
    "zugferd/EN16931_Miete.cii.xml": ("9314110911/00/M/00/N", "340.96", "340.96", "EUR"),
    "zugferd/EN16931_OEPNV.cii.xml": ("E2018092011804", "9.00", "9.00", "EUR"),
}
"""Number, total with tax, payable amount and currency, read off each document by eye."""


def only(path):
    document = read(path, propose_mapping(path))
    assert document.rejects == []
    (record,) = document.records
    return record


@pytest.fixture
def written(tmp_path):
    """A function that writes a document and returns its path."""

    def write(text):
        path = tmp_path / f"{hashlib.sha256(text.encode()).hexdigest()[:8]}.xml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.shared_data
def test_every_real_document_is_read_with_its_totals(shared_data):
    folder = shared_data / "peppol"
    found = {}
    for path in sorted(folder.glob("*/*")):
        record = only(path)
        found[str(path.relative_to(folder))] = tuple(
            record[name] for name in ("invoice_number", "amount", "open_amount", "currency")
        )
    assert found == REAL


def test_ubl_gives_the_terms_of_a_receivable(written):
    record = only(written(ubl()))
    source = record.pop("source")
    assert record == {
        "record_id": "A-1",
        "customer_code": None,
        "customer_name": "Acme Ltd",
        "customer_country": "DE",
        "customer_tax_id": "DE136695976",
        "invoice_number": "A-1",
        "document_id": "A-1",
        "issued_on": "2026-01-15",
        "due_on": "2026-02-14",
        "cleared_on": None,
        "amount": "1234.56",
        "open_amount": "1000.00",
        "currency": "EUR",
        "is_disputed": None,
        "document_type": "invoice",
    }
    assert (source["Order"], source["Payee"]) == ("PO-7", "Factor Bank")
    assert (source["Seller"], source["Type code"]) == ("Seller AG", "380")


def test_cii_gives_the_same_terms(written):
    record = only(written(cii()))
    assert (record["customer_code"], record["customer_name"]) == ("C-9", "Brücke & Söhne")
    assert (record["customer_tax_id"], record["customer_country"]) == ("ATU12345675", "AT")
    assert (record["issued_on"], record["due_on"]) == ("2026-01-15", "2026-02-14")
    assert (record["amount"], record["open_amount"]) == ("99.10", "49.55")


@pytest.mark.parametrize("text", [ubl(root="CreditNote", due=""), cii(code="381")])
def test_positive_amounts_of_a_credit_note_lower_the_debt(written, text):
    record = only(written(text))
    assert record["document_type"] == "credit_note"
    assert Decimal(record["amount"]) < 0
    assert Decimal(record["open_amount"]) < 0


def test_an_envelope_is_opened(written):
    assert only(written(enveloped(ubl())))["invoice_number"] == "A-1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ubl(number=""), "BT-1"),
        (ubl(total="", payable=""), "BT-112"),
        (ubl(total="1.234,56"), "BT-112 is '1.234,56'"),
        (ubl(issued="15.01.2026"), "BT-2 is '15.01.2026'"),
        (ubl(issued="2026-01-155"), "BT-2 is '2026-01-155'"),
        (ubl(issued="20260115"), "BT-2 is '20260115'"),
        (cii(issued="2026-01-15"), "BT-2"),
        (cii(issued="20261315"), "BT-2"),
        (cii(issued="202601", form="610"), "format 610"),
        (ubl().partition("PO-7")[0], "line 9, column 31"),
        (ubl().replace("UTF-8", "UTF-99"), "encoding"),
        (ubl().replace("schema:xsd:Invoice-2", "schema:xsd:Invoice-1"), "UBL 2.1"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(written, text, says):
    path = written(text)
    with pytest.raises(DocumentRefused, match="e_invoice") as refused:
        propose_mapping(path)
    assert says in refused.value.detail


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY x SYSTEM "file:///etc/hostname">',
        '<!ENTITY % y SYSTEM "http://127.0.0.1:9/y.dtd"> %y;',
        "".join(
            f'<!ENTITY x{n} "{f"&x{n + 1};" * 10}">' for n in range(12)
        ) + '<!ENTITY x12 "expanded"><!ENTITY x "&x0;">',
    ],
    ids=["file", "address", "bomb"],
)  # fmt: skip
def test_no_entity_is_ever_resolved(written, entities):
    path = written(declaring(entities, ubl()))
    tracemalloc.start()
    try:
        with pytest.raises(DocumentRefused, match="declares a document type"):
            propose_mapping(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 5 * 2**20


def test_a_file_too_large_to_be_an_invoice_is_not_parsed(written):
    path = written(ubl())
    with path.open("ab") as file:
        for _ in range(101):
            file.write(b" " * 2**20)
    with pytest.raises(DocumentRefused, match="more than 100 MB"):
        propose_mapping(path)
