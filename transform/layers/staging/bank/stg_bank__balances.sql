with current_records as (
    {{ ifp.current_records(source('raw_bank', 'balances')) }}
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns(),
        {
            'account_id': 'account_id',
            'balance_text': 'amount_minor',
            'currency_code': 'currency',
            'as_of_text': 'as_of',
        }
    ) }}
)

select
    tenant_id,
    connection_id,
    record_id,
    account_id,
    cast(cast(balance_text as decimal(18, 0)) as bigint) as balance_minor,
    upper(currency_code) as currency,
    cast(as_of_text as timestamptz) as as_of_at,
    payload_sha256,
    fetched_at
from parsed
