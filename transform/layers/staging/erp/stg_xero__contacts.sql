{{ config(materialized='view') }}

with current_records as (
    {{ ifp.current_records(source('raw_xero', 'contacts')) }}
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns({'first_fetched_at': 'first_fetched_at'}),
        {
            'contact_name': 'Name',
            'first_name': 'FirstName',
            'last_name': 'LastName',
            'email': 'EmailAddress',
            'company_number': 'CompanyNumber',
            'tax_number': 'TaxNumber',
            'bank_account': 'BankAccountDetails',
            'contact_status': 'ContactStatus',
            'merged_into_contact_id': 'MergedToContactID',
            'first_country': 'Addresses[0].Country',
            'second_country': 'Addresses[1].Country',
        }
    ) }}
),

countries as (
    select * from {{ ref('country_names') }}
),

spelt as (
    select
        parsed.*,
        {{ ifp.upper_case("coalesce(nullif(trim(parsed.first_country), ''), nullif(trim(parsed.second_country), ''))") }} as country_text
    from parsed
)

select
    spelt.tenant_id,
    spelt.connection_id,
    spelt.record_id,
    nullif(trim(spelt.contact_name), '') as contact_name,
    nullif(trim(spelt.email), '') as email,
    nullif(trim(spelt.company_number), '') as company_number,
    nullif(trim(spelt.tax_number), '') as tax_number,
    {{ ifp.alphanumeric('spelt.bank_account') }} as bank_account,
    spelt.contact_status,
    nullif(spelt.merged_into_contact_id, '') as merged_into_contact_id,
    coalesce(countries.country, case when length(spelt.country_text) = 2 then spelt.country_text end) as country,
    coalesce(
        nullif(trim(spelt.company_number), '') is null
        and trim(spelt.first_name) || ' ' || trim(spelt.last_name) = trim(spelt.contact_name),
        false
    ) as is_natural_person,
    spelt.is_deleted,
    spelt.payload_sha256,
    spelt.fetched_at,
    spelt.first_fetched_at
from spelt
left join countries on spelt.country_text = countries.name_key
