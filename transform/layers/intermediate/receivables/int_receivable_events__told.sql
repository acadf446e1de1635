{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ ifp.without_touched('receivable_number') }}") }}
-- depends_on: {{ ref('int_receivables__touched') }}

with receivables as (
    select unified.*
    from {{ ref('int_receivables__unified') }} as unified
    {%- if ifp.goes_on() %}
    inner join {{ ref('int_receivables__touched') }} as touched on unified.receivable_number = touched.receivable_number
    {%- endif %}
),

payments as (
    select * from {{ ref('int_xero_payments__known') }}
    where is_counted
),

allocations as (
    select * from {{ ref('int_xero_allocations__known') }}
    where is_backfilled or recorded_at <= {{ ifp.as_of() }}
),

issued as (
    select
        receivable_number,
        'issued' as event_type,
        'issued' as source_event_id,
        gross_minor as amount_minor,
        {{ ifp.utc_midnight('issued_on') }} as occurred_at,
        recorded_at,
        is_backfilled
    from receivables
    where vendor_state not in ('draft', 'discarded')
),

paid as (
    select
        receivables.receivable_number,
        'paid' as event_type,
        payments.payment_id as source_event_id,
        payments.amount_minor * receivables.source_sign as amount_minor,
        {{ ifp.utc_midnight('payments.paid_on') }} as occurred_at,
        payments.recorded_at,
        payments.is_backfilled
    from receivables
    inner join payments
        on
            receivables.tenant_id = payments.tenant_id
            and receivables.connection_id = payments.connection_id
            and receivables.record_id = payments.document_id
    where receivables.source_system = 'xero'
),

credited_invoices as (
    select
        receivables.receivable_number,
        'credited' as event_type,
        allocations.credit_note_id || ':' || cast(allocations.allocated_on as text) as source_event_id,
        allocations.amount_minor,
        {{ ifp.utc_midnight('allocations.allocated_on') }} as occurred_at,
        allocations.recorded_at,
        allocations.is_backfilled
    from receivables
    inner join allocations
        on
            receivables.tenant_id = allocations.tenant_id
            and receivables.connection_id = allocations.connection_id
            and receivables.record_id = allocations.invoice_id
    where receivables.source_system = 'xero'
),

allocated_credit_notes as (
    select
        receivables.receivable_number,
        'credited' as event_type,
        allocations.invoice_id || ':' || cast(allocations.allocated_on as text) as source_event_id,
        -allocations.amount_minor as amount_minor,
        {{ ifp.utc_midnight('allocations.allocated_on') }} as occurred_at,
        allocations.recorded_at,
        allocations.is_backfilled
    from receivables
    inner join allocations
        on
            receivables.tenant_id = allocations.tenant_id
            and receivables.connection_id = allocations.connection_id
            and receivables.record_id = allocations.credit_note_id
    where receivables.source_system = 'xero'
),

itemised as (
    select * from paid
    union all
    select * from credited_invoices
    union all
    select * from allocated_credit_notes
),

itemised_totals as (
    select
        receivable_number,
        cast(sum(case when event_type = 'paid' then amount_minor else 0 end) as bigint) as paid_minor,
        cast(sum(case when event_type = 'credited' then amount_minor else 0 end) as bigint) as credited_minor
    from itemised
    group by receivable_number
),

differences as (
    select
        receivables.receivable_number,
        receivables.document_type,
        receivables.source_system,
        receivables.is_backfilled,
        receivables.change_recorded_at,
        {{ ifp.utc_midnight('coalesce(receivables.stated_on, receivables.issued_on)') }} as occurred_at,
        case
            when receivables.document_type = 'credit_note' and receivables.source_system = 'xero' then 0
            else receivables.stated_paid_minor - coalesce(itemised_totals.paid_minor, 0)
        end as paid_minor,
        case
            when receivables.document_type = 'credit_note' and receivables.source_system = 'xero'
                then receivables.stated_credited_minor
                    - coalesce(itemised_totals.credited_minor, 0)
                    - coalesce(itemised_totals.paid_minor, 0)
            else receivables.stated_credited_minor - coalesce(itemised_totals.credited_minor, 0)
        end as credited_minor
    from receivables
    left join itemised_totals
        on receivables.receivable_number = itemised_totals.receivable_number
    where receivables.vendor_state = 'issued'
),

stated as (
    select
        receivable_number,
        'paid' as event_type,
        'stated' as source_event_id,
        paid_minor as amount_minor,
        occurred_at,
        case when is_backfilled then occurred_at else change_recorded_at end as recorded_at,
        is_backfilled
    from differences
    where paid_minor <> 0

    union all

    select
        receivable_number,
        'credited' as event_type,
        'stated' as source_event_id,
        credited_minor as amount_minor,
        occurred_at,
        case when is_backfilled then occurred_at else change_recorded_at end as recorded_at,
        is_backfilled
    from differences
    where credited_minor <> 0
),

flagged as (
    select
        receivable_number,
        'disputed' as event_type,
        'disputed' as source_event_id,
        dispute_minor as amount_minor,
        dispute_recorded_at as occurred_at,
        dispute_recorded_at as recorded_at,
        is_backfilled
    from receivables
    where dispute_state is not null

    union all

    select
        receivable_number,
        'dispute_closed' as event_type,
        'dispute_closed' as source_event_id,
        dispute_minor as amount_minor,
        dispute_recorded_at as occurred_at,
        dispute_recorded_at as recorded_at,
        is_backfilled
    from receivables
    where dispute_state = 'closed'

    union all

    select
        receivable_number,
        'voided' as event_type,
        'voided' as source_event_id,
        gross_minor as amount_minor,
        change_recorded_at as occurred_at,
        change_recorded_at as recorded_at,
        is_backfilled
    from receivables
    where vendor_state in ('void', 'reversed', 'discarded')
),

told as (
    select * from issued
    union all
    select * from itemised
    union all
    select * from stated
    union all
    select * from flagged
)

select
    receivable_number,
    event_type,
    source_event_id,
    cast(amount_minor as bigint) as amount_minor,
    occurred_at,
    recorded_at,
    is_backfilled
from told
where recorded_at <= {{ ifp.as_of() }}
