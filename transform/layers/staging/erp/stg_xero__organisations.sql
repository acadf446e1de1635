with current_records as (
    {{ ifp.current_records(source('raw_xero', 'organisations')) }}
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns({'first_fetched_at': 'first_fetched_at'}),
        {
            'display_name': 'Name',
            'legal_name': 'LegalName',
            'tax_number': 'TaxNumber',
            'registration_number': 'RegistrationNumber',
            'country_code': 'CountryCode',
            'base_currency': 'BaseCurrency',
            'created_encoded': 'CreatedDateUTC',
        }
    ) }}
)

select
    tenant_id,
    connection_id,
    record_id,
    nullif(trim(coalesce(legal_name, display_name)), '') as display_name,
    nullif(trim(tax_number), '') as tax_number,
    nullif(trim(registration_number), '') as registration_number,
    upper(nullif(trim(country_code), '')) as country,
    upper(base_currency) as base_currency,
    {{ ifp.xero_moment('created_encoded') }} as created_at,
    is_deleted,
    payload_sha256,
    fetched_at,
    first_fetched_at
from parsed
