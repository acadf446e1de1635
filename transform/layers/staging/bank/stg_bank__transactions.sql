{% set compact = "upper(replace(reference, ' ', ''))" %}
{{ config(materialized='incremental', unique_key=['tenant_id', 'connection_id', 'record_id'], incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('stg_loads__counted') }}

with {{ ifp.told_versions(source('raw_bank', 'transactions'), 'transactions') }},

current_records as (
    {{ ifp.current_records('told_versions') }}
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns({'first_fetched_at': 'first_fetched_at'}),
        {
            'account_id': 'account_id',
            'booked_text': 'booked_on',
            'value_text': 'value_on',
            'amount_text': 'amount_minor',
            'currency_code': 'currency',
            'reference': 'reference',
            'end_to_end_id': 'end_to_end_id',
            'bank_code': 'code',
        }
    ) }}
)

select
    tenant_id,
    connection_id,
    record_id,
    account_id,
    cast(substr(booked_text, 1, 10) as date) as booked_on,
    cast(substr(value_text, 1, 10) as date) as value_on,
    cast(cast(amount_text as decimal(18, 0)) as bigint) as amount_minor,
    upper(currency_code) as currency,
    nullif(trim({{ ifp.regex_replaced('reference', '[^0-9]+', ' ') }}), '') as reference_digits,
    case
        when {{ ifp.regex_found(compact, '^RF[0-9][0-9][0-9A-Z]+$') }} and length({{ compact }}) <= 25
            then {{ compact }}
    end as creditor_reference,
    nullif(trim(end_to_end_id), '') as end_to_end_id,
    bank_code,
    is_deleted,
    payload_sha256,
    fetched_at,
    load_id,
    page_position,
    first_fetched_at
from parsed
