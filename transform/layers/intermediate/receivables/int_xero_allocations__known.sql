with credit_notes as (
    select * from {{ ref('int_xero_credit_notes__known') }}
),

allocations as (
    select * from {{ ref('stg_xero__credit_note_allocations') }}
),

first_syncs as (
    select * from {{ ref('int_syncs__first_completed') }}
),

current_allocations as (
    select
        allocations.tenant_id,
        allocations.connection_id,
        allocations.record_id,
        allocations.invoice_id,
        allocations.allocated_on,
        cast(sum(allocations.amount_minor) as bigint) as amount_minor
    from allocations
    inner join credit_notes
        on
            allocations.tenant_id = credit_notes.tenant_id
            and allocations.connection_id = credit_notes.connection_id
            and allocations.record_id = credit_notes.record_id
            and allocations.fetched_at = credit_notes.fetched_at
            and allocations.load_id = credit_notes.load_id
            and allocations.page_position = credit_notes.page_position
    where not credit_notes.is_deleted
    group by
        allocations.tenant_id,
        allocations.connection_id,
        allocations.record_id,
        allocations.invoice_id,
        allocations.allocated_on
),

first_fetched as (
    select
        tenant_id,
        connection_id,
        record_id,
        invoice_id,
        allocated_on,
        min(fetched_at) as fetched_at
    from allocations
    group by tenant_id, connection_id, record_id, invoice_id, allocated_on
)

select
    current_allocations.tenant_id,
    current_allocations.connection_id,
    current_allocations.record_id as credit_note_id,
    current_allocations.invoice_id,
    coalesce(current_allocations.allocated_on, {{ ifp.utc_date('first_fetched.fetched_at') }}) as allocated_on,
    current_allocations.amount_minor,
    {{ ifp.is_backfilled('first_fetched.fetched_at', 'first_syncs.first_complete_at') }} as is_backfilled,
    {{ ifp.recorded_at('first_fetched.fetched_at', 'first_syncs.first_complete_at', ifp.utc_midnight('current_allocations.allocated_on')) }} as recorded_at
from current_allocations
inner join first_fetched
    on
        current_allocations.tenant_id = first_fetched.tenant_id
        and current_allocations.connection_id = first_fetched.connection_id
        and current_allocations.record_id = first_fetched.record_id
        and current_allocations.invoice_id = first_fetched.invoice_id
        and current_allocations.allocated_on is not distinct from first_fetched.allocated_on
left join first_syncs
    on
        current_allocations.tenant_id = first_syncs.tenant_id
        and current_allocations.connection_id = first_syncs.connection_id
        and first_syncs.source_system = 'xero'
        and first_syncs.entity = 'credit_notes'
