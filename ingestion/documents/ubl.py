"""UBL 2.1 invoices and credit notes, as Peppol BIS Billing 3 and XRechnung use them."""

from xml.etree.ElementTree import Element

from ingestion.documents.en16931 import Stated, texts

_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
INVOICE = f"{{{_OASIS}Invoice-2}}Invoice"
CREDIT_NOTE = f"{{{_OASIS}CreditNote-2}}CreditNote"
_SPACES = {"cac": f"{_OASIS}CommonAggregateComponents-2", "cbc": f"{_OASIS}CommonBasicComponents-2"}
_SELLER, _BUYER = "cac:AccountingSupplierParty/cac:Party", "cac:AccountingCustomerParty/cac:Party"
_SUMS = "cac:LegalMonetaryTotal"


def stated(root: Element) -> Stated:
    """Read the terms of an invoice or a credit note."""
    text = texts(root, _SPACES)
    return Stated(
        number=text("cbc:ID"),
        issued_on=text("cbc:IssueDate"),
        type_code=text("cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode"),
        currency=text("cbc:DocumentCurrencyCode"),
        due_on=text("cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate"),
        order=text("cac:OrderReference/cbc:ID"),
        preceding=text("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"),
        seller_name=text(*_names(_SELLER)),
        seller_tax_id=_tax_id(root, _SELLER),
        buyer_name=text(*_names(_BUYER)),
        buyer_id=text(f"{_BUYER}/cac:PartyIdentification/cbc:ID"),
        buyer_tax_id=_tax_id(root, _BUYER),
        buyer_country=text(f"{_BUYER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
        payee_name=text("cac:PayeeParty/cac:PartyName/cbc:Name"),
        payee_account=text("cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID"),
        total=text(f"{_SUMS}/cbc:TaxInclusiveAmount"),
        payable=text(f"{_SUMS}/cbc:PayableAmount"),
        is_credit=root.tag == CREDIT_NOTE,
    )


def _names(party: str) -> tuple[str, str]:
    return (
        f"{party}/cac:PartyLegalEntity/cbc:RegistrationName",
        f"{party}/cac:PartyName/cbc:Name",
    )


def _tax_id(root: Element, party: str) -> str:
    """Give the VAT number; a party may have numbers of other taxes beside it."""
    for scheme in root.iterfind(f"{party}/cac:PartyTaxScheme", _SPACES):
        if scheme.findtext("cac:TaxScheme/cbc:ID", "", _SPACES).strip() == "VAT":
            return scheme.findtext("cbc:CompanyID", "", _SPACES).strip()
    return ""
