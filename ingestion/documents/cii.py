"""UN/CEFACT Cross Industry Invoices, as ZUGFeRD, Factur-X and XRechnung use them."""

from xml.etree.ElementTree import Element

from ingestion.documents.en16931 import Stated, refused, texts

_UNECE = "urn:un:unece:uncefact:data:standard:"
INVOICE = f"{{{_UNECE}CrossIndustryInvoice:100}}CrossIndustryInvoice"
_SPACES = {
    "rsm": f"{_UNECE}CrossIndustryInvoice:100",
    "ram": f"{_UNECE}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_UNECE}UnqualifiedDataType:100",
}
_HEAD = "rsm:ExchangedDocument"
_AGREED = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_SETTLED = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLED}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_SELLER, _BUYER = f"{_AGREED}/ram:SellerTradeParty", f"{_AGREED}/ram:BuyerTradeParty"
_VAT = "ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']"
_MEANS = f"{_SETTLED}/ram:SpecifiedTradeSettlementPaymentMeans"
_ACCOUNT = f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount"
_PLAIN_DAY = "102"
"""UNTDID 2379: CCYYMMDD, the one form that EN 16931 allows."""


def stated(root: Element) -> Stated:
    """Read the terms of an invoice; credit notes differ by their type code only."""
    text = texts(root, _SPACES)
    return Stated(
        number=text(f"{_HEAD}/ram:ID"),
        issued_on=_day(root, f"{_HEAD}/ram:IssueDateTime", "BT-2"),
        type_code=text(f"{_HEAD}/ram:TypeCode"),
        currency=text(f"{_SETTLED}/ram:InvoiceCurrencyCode"),
        due_on=_day(root, f"{_SETTLED}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime", "BT-9"),
        order=text(f"{_AGREED}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
        preceding=text(f"{_SETTLED}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID"),
        seller_name=text(f"{_SELLER}/ram:Name"),
        seller_tax_id=text(f"{_SELLER}/{_VAT}"),
        buyer_name=text(f"{_BUYER}/ram:Name"),
        buyer_id=text(f"{_BUYER}/ram:ID", f"{_BUYER}/ram:GlobalID"),
        buyer_tax_id=text(f"{_BUYER}/{_VAT}"),
        buyer_country=text(f"{_BUYER}/ram:PostalTradeAddress/ram:CountryID"),
        payee_name=text(f"{_SETTLED}/ram:PayeeTradeParty/ram:Name"),
        payee_account=text(f"{_ACCOUNT}/ram:IBANID", f"{_ACCOUNT}/ram:ProprietaryID"),
        total=text(f"{_SUMS}/ram:GrandTotalAmount"),
        payable=text(f"{_SUMS}/ram:DuePayableAmount"),
    )


def _day(root: Element, path: str, term: str) -> str:
    """Read a date, which says in what form it is written."""
    found = root.find(f"{path}/udt:DateTimeString", _SPACES)
    if found is None or not (text := (found.text or "").strip()):
        return ""
    form = found.get("format", _PLAIN_DAY)
    if form != _PLAIN_DAY or len(text) != len("20260131") or not text.isdecimal():
        raise refused(f"{term} is {text[:40]!r} in format {form}: write 20260131 in format 102")
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"
