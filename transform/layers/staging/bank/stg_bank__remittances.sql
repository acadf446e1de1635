{{ config(materialized='view') }}

with transactions as (
    select * from {{ ref('stg_bank__transactions') }}
    where amount_minor > 0
),

current_records as (
    select
        raw_transactions.*,
        transactions.amount_minor
    from transactions
    inner join {{ source('raw_bank', 'transactions') }} as raw_transactions
        on
            transactions.record_id = raw_transactions.record_id
            and transactions.fetched_at = raw_transactions.fetched_at
            and transactions.page_position = raw_transactions.position
            and transactions.load_id = raw_transactions._dlt_load_id
            and transactions.connection_id = raw_transactions.connection_id
            and transactions.tenant_id = raw_transactions.tenant_id
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns({'amount_minor': 'amount_minor'}),
        {
            'counterparty_name': 'counterparty_name',
            'counterparty_iban': 'counterparty_iban',
        }
    ) }}
)

select
    tenant_id,
    connection_id,
    record_id,
    amount_minor,
    nullif(trim(counterparty_name), '') as counterparty_name,
    {{ ifp.alphanumeric('counterparty_iban') }} as counterparty_iban
from parsed
