with current_records as (
    {{ ifp.current_records(source('raw_bank', 'accounts')) }}
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns(),
        {
            'iban': 'iban',
            'account_name': 'name',
            'owner_name': 'owner_name',
            'currency_code': 'currency',
            'account_status': 'status',
        }
    ) }}
)

select
    tenant_id,
    connection_id,
    record_id,
    iban,
    coalesce(owner_name, account_name) as owner_name,
    upper(currency_code) as currency,
    account_status,
    is_deleted,
    payload_sha256,
    fetched_at
from parsed
