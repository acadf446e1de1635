"""Contacts and organisations as the ledger software's API answers them."""

from __future__ import annotations

from apps.sandbox.world.ledgers import SUPPLIER, Relation
from apps.sandbox.world.parties import Address, Seller
from apps.sandbox.world.xero_documents import moment_stamp, quoted


def render_contact(
    relation: Relation,
    contact_id: str,
    *,
    moment_ms: int,
    status: str = "ACTIVE",
    merged_into: str = "",
    name: str = "",
) -> str:
    """Return a debtor as the seller's contact; people carry first and last names."""
    debtor = relation.debtor
    is_supplier = relation.habit == SUPPLIER
    merged = f'"MergedToContactID":"{merged_into}",' if merged_into else ""
    person = (
        f'"FirstName":{quoted(debtor.person[0])},"LastName":{quoted(debtor.person[1])},'
        if debtor.is_person or debtor.index % 3 == 0
        else ""
    )
    company = "" if debtor.is_person else f'"CompanyNumber":"{debtor.registration_number}",'
    return (
        f'{{"ContactID":"{contact_id}",{merged}"ContactNumber":"{relation.contact_number}",'
        f'"AccountNumber":"{relation.contact_number}","ContactStatus":"{status}",'
        f'"Name":{quoted(name or relation.contact_name)},{person}{company}'
        f'"EmailAddress":{quoted(debtor.email)},"BankAccountDetails":"{debtor.iban}",'
        f'"TaxNumber":{quoted(relation.contact_tax_id)},'
        f'"Addresses":[{{"AddressType":"STREET","City":"","Region":"","PostalCode":"",'
        f'"Country":""}},{_address(debtor.address, "POBOX")}],'
        f'"Phones":[{{"PhoneType":"DEFAULT","PhoneNumber":{quoted(debtor.phone)},'
        '"PhoneAreaCode":"","PhoneCountryCode":""}],'
        f'"UpdatedDateUTC":"{moment_stamp(moment_ms)}","ContactGroups":[],"IsSupplier":{str(is_supplier).lower()},'
        f'"IsCustomer":{str(not is_supplier).lower()},"DefaultCurrency":"{relation.currency}",'
        f'"PaymentTerms":{{"Sales":{{"Day":{relation.terms_days},"Type":"DAYSAFTERBILLDATE"}}}},'
        '"ContactPersons":[],"HasAttachments":false,"HasValidationErrors":false}'
    )


def render_organisation(seller: Seller, created_ms: int) -> str:
    """Return the seller as an organisation of the ledger software."""
    country = seller.country
    return (
        f'{{"Name":{quoted(seller.name)},"LegalName":{quoted(seller.name)},'
        f'"PaysTax":{"true" if country.vat_percent else "false"},'
        f'"Version":"{country.xero_version}","OrganisationType":"COMPANY",'
        f'"BaseCurrency":"{country.currency}","CountryCode":"{country.code}",'
        '"IsDemoCompany":false,"OrganisationStatus":"ACTIVE",'
        f'"RegistrationNumber":"{seller.registration_number}","TaxNumber":"{seller.tax_id}",'
        '"FinancialYearEndDay":31,"FinancialYearEndMonth":12,"SalesTaxBasis":"ACCRUALS",'
        f'"DefaultSalesTax":"Tax Exclusive","CreatedDateUTC":"{moment_stamp(created_ms)}",'
        f'"OrganisationEntityType":"COMPANY","Timezone":"{country.timezone}",'
        f'"ShortCode":"!{seller.organisation_id[:5]}",'
        f'"OrganisationID":"{seller.organisation_id}","Edition":"BUSINESS","Class":"PREMIUM",'
        f'"Addresses":[{_address(seller.address, "STREET")}],'
        f'"Phones":[{{"PhoneType":"OFFICE","PhoneNumber":{quoted(seller.phone)}}}],'
        '"ExternalLinks":[],"PaymentTerms":{}}'
    )


def _address(address: Address, kind: str) -> str:
    return (
        f'{{"AddressType":"{kind}","AddressLine1":{quoted(address.street)},'
        f'"City":{quoted(address.city)},"Region":"",'
        f'"PostalCode":{quoted(address.postal_code)},"Country":{quoted(address.country_name)}}}'
    )
