{{ config(materialized='view') }}

with versions as (
    select * from {{ ref('stg_xero__payment_versions') }}
    where coalesce(payment_type, 'ACCRECPAYMENT') in ('ACCRECPAYMENT', 'ARCREDITPAYMENT')
),

first_syncs as (
    select * from {{ ref('int_syncs__first_completed') }}
),

recorded as (
    select
        versions.*,
        {{ ifp.is_backfilled('versions.fetched_at', 'first_syncs.first_complete_at') }} as is_backfilled,
        {{ ifp.recorded_at('versions.fetched_at', 'first_syncs.first_complete_at', ifp.utc_midnight('versions.paid_on')) }} as recorded_at
    from versions
    left join first_syncs
        on
            versions.tenant_id = first_syncs.tenant_id
            and versions.connection_id = first_syncs.connection_id
            and first_syncs.source_system = 'xero'
            and first_syncs.entity = 'payments'
),

told as (
    select
        recorded.*,
        min(recorded.recorded_at) over (
            partition by recorded.tenant_id, recorded.connection_id, recorded.record_id
        ) as first_recorded_at,
        row_number() over (
            partition by recorded.tenant_id, recorded.connection_id, recorded.record_id
            order by recorded.version_number desc
        ) as recency
    from recorded
    where recorded.is_backfilled or recorded.recorded_at <= {{ ifp.as_of() }}
)

select
    tenant_id,
    connection_id,
    record_id as payment_id,
    coalesce(invoice_id, credit_note_id) as document_id,
    paid_on,
    amount_minor,
    is_backfilled,
    first_recorded_at as recorded_at
from told
where
    recency = 1
    and not is_deleted
    and coalesce(source_status, 'AUTHORISED') <> 'DELETED'
