with first_syncs as (
    select * from {{ ref('int_syncs__first_completed') }}
),

known as (
    select
        tenant_id,
        connection_id,
        source_system,
        case
            when source_system = 'files' then 'receivables'
            when document_type = 'credit_note' then 'credit_notes'
            else 'invoices'
        end as entity,
        record_id,
        gross_minor * source_sign as gross_minor
    from {{ ref('int_receivables__sourced') }}
    where not is_deleted
),

records as (
    select
        tenant_id,
        connection_id,
        'xero' as source_system,
        'invoices' as entity,
        record_id,
        currency,
        gross_minor as amount_minor,
        gross_lost as amount_lost,
        coalesce(invoice_type, 'ACCREC') = 'ACCREC' as is_in_scope,
        fetched_at,
        {{ ifp.utc_midnight('issued_on') }} as own_moment
    from {{ ref('stg_xero__invoice_versions') }}
    where superseded_at is null and not is_deleted

    union all

    select
        tenant_id,
        connection_id,
        'xero' as source_system,
        'credit_notes' as entity,
        record_id,
        currency,
        gross_minor as amount_minor,
        gross_lost as amount_lost,
        coalesce(credit_note_type, 'ACCRECCREDIT') = 'ACCRECCREDIT' as is_in_scope,
        fetched_at,
        {{ ifp.utc_midnight('issued_on') }} as own_moment
    from {{ ref('stg_xero__credit_note_versions') }}
    where superseded_at is null and not is_deleted

    union all

    select
        tenant_id,
        connection_id,
        'files' as source_system,
        'receivables' as entity,
        record_id,
        currency,
        gross_minor as amount_minor,
        gross_lost as amount_lost,
        true as is_in_scope,
        cast(null as timestamptz) as fetched_at,
        {{ ifp.utc_midnight('issued_on') }} as own_moment
    from {{ ref('stg_files__receivables') }}
    where not is_deleted
),

timed as (
    select
        records.*,
        {{ ifp.recorded_at('records.fetched_at', 'first_syncs.first_complete_at', 'records.own_moment') }} as recorded_at
    from records
    left join first_syncs
        on
            records.tenant_id = first_syncs.tenant_id
            and records.connection_id = first_syncs.connection_id
            and records.source_system = first_syncs.source_system
            and records.entity = first_syncs.entity
),

later as (
    select * from timed
    where
        is_in_scope
        and recorded_at > {{ ifp.as_of() }}
),

later_totals as (
    select
        later.tenant_id,
        later.connection_id,
        later.source_system,
        later.entity,
        later.currency,
        sum(later.amount_minor - coalesce(known.gross_minor, 0)) as amount_minor
    from later
    left join known
        on
            later.tenant_id = known.tenant_id
            and later.connection_id = known.connection_id
            and later.source_system = known.source_system
            and later.entity = known.entity
            and later.record_id = known.record_id
    group by later.tenant_id, later.connection_id, later.source_system, later.entity, later.currency
),

totals as (
    select
        tenant_id,
        connection_id,
        source_system,
        entity,
        currency,
        count(*) as record_count,
        sum(case when not is_in_scope then amount_minor else 0 end) as out_of_scope_minor,
        sum(amount_lost) as amount_lost
    from timed
    group by tenant_id, connection_id, source_system, entity, currency
)

select
    totals.tenant_id,
    totals.connection_id,
    totals.source_system,
    totals.entity,
    totals.currency,
    cast(totals.record_count as bigint) as record_count,
    cast(totals.out_of_scope_minor as bigint) as out_of_scope_minor,
    cast(coalesce(later_totals.amount_minor, 0) as bigint) as not_yet_known_minor,
    cast(totals.amount_lost as decimal(28, 9)) as amount_lost
from totals
left join later_totals
    on
        totals.tenant_id = later_totals.tenant_id
        and totals.connection_id = later_totals.connection_id
        and totals.source_system = later_totals.source_system
        and totals.entity = later_totals.entity
        and coalesce(totals.currency, '') = coalesce(later_totals.currency, '')
