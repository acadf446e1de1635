with first_syncs as (
    select * from {{ ref('int_syncs__first_completed') }}
),

known as (
    select
        tenant_id,
        connection_id,
        source_system,
        record_id,
        document_type,
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
        {{ ifp.utc_midnight('issued_on') }} as own_moment,
        'invoice' as document_type
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
        {{ ifp.utc_midnight('issued_on') }} as own_moment,
        'credit_note' as document_type
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
        {{ ifp.utc_midnight('issued_on') }} as own_moment,
        cast(null as text) as document_type
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
)

select
    timed.tenant_id,
    timed.connection_id,
    timed.source_system,
    timed.entity,
    timed.currency,
    cast(count(*) as bigint) as record_count,
    cast(sum(case when not timed.is_in_scope then timed.amount_minor else 0 end) as bigint) as out_of_scope_minor,
    cast(sum(
        case
            when timed.is_in_scope and timed.recorded_at > {{ ifp.as_of() }}
                then timed.amount_minor - coalesce(known.gross_minor, 0)
            else 0
        end
    ) as bigint) as not_yet_known_minor,
    cast(sum(timed.amount_lost) as decimal(28, 9)) as amount_lost
from timed
left join known
    on
        timed.recorded_at > {{ ifp.as_of() }}
        and timed.tenant_id = known.tenant_id
        and timed.connection_id = known.connection_id
        and timed.source_system = known.source_system
        and timed.record_id = known.record_id
        and coalesce(timed.document_type, known.document_type) = known.document_type
group by timed.tenant_id, timed.connection_id, timed.source_system, timed.entity, timed.currency
