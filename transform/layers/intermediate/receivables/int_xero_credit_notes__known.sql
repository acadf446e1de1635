with versions as (
    select * from {{ ref('stg_xero__credit_note_versions') }}
    where coalesce(credit_note_type, 'ACCRECCREDIT') = 'ACCRECCREDIT'
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
            and first_syncs.entity = 'credit_notes'
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
    tenant_id,
    connection_id,
    record_id,
    contact_id,
    number,
    reference,
    source_status,
    currency,
    issued_on,
    gross_minor,
    gross_lost,
    tax_minor,
    remaining_minor,
    is_deleted,
    modified_at,
    version_number,
    first_recorded_at,
    first_backfilled = 1 as is_backfilled,
    change_recorded_at,
    payload_sha256,
    fetched_at,
    load_id,
    page_position
from known
where recency = 1
