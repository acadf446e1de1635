with sourced as (
    select * from {{ ref('int_receivables__sourced') }}
),

repeated as (
    select * from {{ ref('int_receivables__repeated') }}
),

replaced_versions as (
    select
        tenant_id,
        connection_id,
        record_id,
        currency,
        gross_minor,
        payload_sha256,
        fetched_at
    from {{ ref('stg_xero__invoice_versions') }}
    where superseded_by_load_id = load_id
)

select
    sourced.tenant_id,
    sourced.receivable_id,
    sourced.connection_id,
    sourced.source_system,
    sourced.record_id,
    sourced.currency,
    sourced.gross_minor,
    sourced.source_sign,
    sourced.payload_sha256,
    sourced.fetched_at,
    repeated.winning_receivable_id,
    'lower_source_rank' as reason
from sourced
inner join repeated
    on sourced.receivable_number = repeated.receivable_number
where not repeated.is_winner

union all

select
    tenant_id,
    receivable_id,
    connection_id,
    source_system,
    record_id,
    currency,
    gross_minor,
    source_sign,
    payload_sha256,
    fetched_at,
    cast(null as text) as winning_receivable_id,
    'incomplete' as reason
from sourced
where
    seller_id is null
    or gross_minor is null
    or currency is null
    or issued_on is null

union all

select
    tenant_id,
    {{ ifp.surrogate_key(['tenant_id', 'connection_id', 'record_id']) }} as receivable_id,
    connection_id,
    'xero' as source_system,
    record_id,
    currency,
    gross_minor,
    1 as source_sign,
    payload_sha256,
    fetched_at,
    {{ ifp.surrogate_key(['tenant_id', 'connection_id', 'record_id']) }} as winning_receivable_id,
    'repeated_in_sync' as reason
from replaced_versions
