"""Small electronic invoices of our own, in both syntaxes, with what a test wants to differ."""

_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
_UNECE = "urn:un:unece:uncefact:data:standard:"


def ubl(
    *,
    root: str = "Invoice",
    number: str = "A-1",
    issued: str = "2026-01-15",
    due: str = "<cbc:DueDate>2026-02-14</cbc:DueDate>",
    total: str = "1234.56",
    payable: str = "1000.00",
) -> str:
    """A UBL invoice, or with ``root="CreditNote"`` a credit note, over 1,234.56 EUR."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- <Invoice> in a comment is none -->
<{root} xmlns="{_OASIS}{root}-2" xmlns:cac="{_OASIS}CommonAggregateComponents-2"
    xmlns:cbc="{_OASIS}CommonBasicComponents-2">
  <cbc:ID>{number}</cbc:ID>
  <cbc:IssueDate>{issued}</cbc:IssueDate>{due}
  <cbc:{root}TypeCode>{"380" if root == "Invoice" else "381"}</cbc:{root}TypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:OrderReference><cbc:ID>PO-7</cbc:ID></cac:OrderReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyName><cbc:Name>Seller AG</cbc:Name></cac:PartyName>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PartyName><cbc:Name>Acme</cbc:Name></cac:PartyName>
    <cac:PostalAddress>
      <cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country>
    </cac:PostalAddress>
    <cac:PartyTaxScheme>
      <cbc:CompanyID>12/345</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>LOC</cbc:ID></cac:TaxScheme>
    </cac:PartyTaxScheme>
    <cac:PartyTaxScheme>
      <cbc:CompanyID>DE136695976</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
    </cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>Acme
      Ltd</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:PayeeParty><cac:PartyName><cbc:Name>Factor Bank</cbc:Name></cac:PartyName></cac:PayeeParty>
  <cac:LegalMonetaryTotal>
    <cbc:TaxInclusiveAmount currencyID="EUR">{total}</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="EUR">{payable}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
</{root}>
"""


def cii(*, code: str = "380", issued: str = "20260115", form: str = "102") -> str:
    """A CII invoice over 99.10 EUR, half of it prepaid."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{_UNECE}CrossIndustryInvoice:100"
    xmlns:ram="{_UNECE}ReusableAggregateBusinessInformationEntity:100"
    xmlns:udt="{_UNECE}UnqualifiedDataType:100">
  <rsm:ExchangedDocument>
    <ram:ID>B-1</ram:ID>
    <ram:TypeCode>{code}</ram:TypeCode>
    <ram:IssueDateTime>
      <udt:DateTimeString format="{form}">{issued}</udt:DateTimeString>
    </ram:IssueDateTime>
  </rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>
    <ram:ApplicableHeaderTradeAgreement>
      <ram:SellerTradeParty><ram:Name>Seller AG</ram:Name></ram:SellerTradeParty>
      <ram:BuyerTradeParty>
        <ram:ID>C-9</ram:ID>
        <ram:Name>Brücke &amp; Söhne</ram:Name>
        <ram:PostalTradeAddress><ram:CountryID>AT</ram:CountryID></ram:PostalTradeAddress>
        <ram:SpecifiedTaxRegistration>
          <ram:ID schemeID="FC">99/815</ram:ID>
        </ram:SpecifiedTaxRegistration>
        <ram:SpecifiedTaxRegistration>
          <ram:ID schemeID="VA">ATU12345675</ram:ID>
        </ram:SpecifiedTaxRegistration>
      </ram:BuyerTradeParty>
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeSettlement>
      <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
      <ram:SpecifiedTradePaymentTerms>
        <ram:DueDateDateTime>
          <udt:DateTimeString format="102">20260214</udt:DateTimeString>
        </ram:DueDateDateTime>
      </ram:SpecifiedTradePaymentTerms>
      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        <ram:GrandTotalAmount>99.10</ram:GrandTotalAmount>
        <ram:DuePayableAmount>49.55</ram:DuePayableAmount>
      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""


def enveloped(invoice: str) -> str:
    """An invoice in the envelope that Peppol sends it in."""
    body = invoice.partition("?>")[2]
    space = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    return (
        f'<StandardBusinessDocument xmlns="{space}"><StandardBusinessDocumentHeader>'
        "<HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>"
        f"{body}</StandardBusinessDocument>"
    )


def declaring(entities: str, invoice: str) -> str:
    """An invoice with a document type before its root, whose number is the entity ``x``."""
    head, _, body = invoice.partition("?>")
    return f"{head}?><!DOCTYPE Invoice [{entities}]>{body.replace('A-1', '&x;')}"
