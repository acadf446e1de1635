{{ config(materialized='view') }}

with versions as (
    select * from {{ ref('stg_xero__invoice_versions') }}
    where coalesce(invoice_type, 'ACCREC') = 'ACCREC'
),

disputes as (
    select
        tenant_id,
        connection_id,
        record_id,
        version_number,
        max(case when dispute_state = 'open' then amount_minor end) as open_minor,
        max(case when dispute_state = 'closed' then amount_minor end) as closed_minor
    from {{ ref('stg_xero__invoice_disputes') }}
    group by tenant_id, connection_id, record_id, version_number
),

first_syncs as (
    select * from {{ ref('int_syncs__first_completed') }}
),

recorded as (
    select
        versions.*,
        {{ ifp.is_backfilled('versions.fetched_at', 'first_syncs.first_complete_at') }} as is_backfilled,
        {{ ifp.recorded_at('versions.fetched_at', 'first_syncs.first_complete_at', ifp.utc_midnight('versions.issued_on')) }} as recorded_at,
        {{ ifp.recorded_at('versions.fetched_at', 'first_syncs.first_complete_at', 'versions.modified_at') }} as change_recorded_at
    from versions
    left join first_syncs
        on
            versions.tenant_id = first_syncs.tenant_id
            and versions.connection_id = first_syncs.connection_id
            and first_syncs.source_system = 'xero'
            and first_syncs.entity = 'invoices'
),

known as (
    select
        recorded.*,
        min(recorded.recorded_at) over (
            partition by recorded.tenant_id, recorded.connection_id, recorded.record_id
        ) as first_recorded_at,
        max(case when recorded.version_number = 1 and recorded.is_backfilled then 1 else 0 end) over (
            partition by recorded.tenant_id, recorded.connection_id, recorded.record_id
        ) as first_backfilled,
        row_number() over (
            partition by recorded.tenant_id, recorded.connection_id, recorded.record_id
            order by recorded.version_number desc
        ) as recency
    from recorded
    where recorded.recorded_at <= {{ ifp.as_of() }}
)

select
    known.tenant_id,
    known.connection_id,
    known.record_id,
    known.contact_id,
    known.number,
    known.reference,
    known.source_status,
    known.currency,
    known.issued_on,
    known.due_on,
    known.paid_off_on,
    known.gross_minor,
    known.gross_lost,
    known.tax_minor,
    known.paid_minor,
    known.credited_minor,
    known.is_deleted,
    known.modified_at,
    case
        when disputes.open_minor is not null then 'open'
        when disputes.closed_minor is not null then 'closed'
    end as dispute_state,
    coalesce(disputes.open_minor, disputes.closed_minor, 0) as dispute_minor,
    known.version_number,
    known.first_recorded_at,
    known.first_backfilled = 1 as is_backfilled,
    known.change_recorded_at,
    known.payload_sha256,
    known.fetched_at
from known
left join disputes
    on
        known.tenant_id = disputes.tenant_id
        and known.connection_id = disputes.connection_id
        and known.record_id = disputes.record_id
        and known.version_number = disputes.version_number
where known.recency = 1
