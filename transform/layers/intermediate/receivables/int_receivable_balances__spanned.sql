{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ ifp.without_touched('receivable_number') }}") }}
-- depends_on: {{ ref('int_receivables__touched') }}

with events as (
    select told.*
    from {{ ref('int_receivable_events__told') }} as told
    {%- if ifp.goes_on() %}
    inner join {{ ref('int_receivables__touched') }} as touched on told.receivable_number = touched.receivable_number
    {%- endif %}
),

receivables as (
    select
        unified.receivable_number,
        unified.document_type,
        unified.vendor_state,
        unified.issued_on,
        unified.due_on,
        relations.relation_number
    from {{ ref('int_receivables__unified') }} as unified
    inner join {{ ref('int_relations__numbered') }} as relations
        on
            unified.seller_id = relations.seller_id
            and coalesce(unified.debtor_id, '') = coalesce(relations.debtor_id, '')
            and unified.currency = relations.currency
    {%- if ifp.goes_on() %}
    inner join {{ ref('int_receivables__touched') }} as touched on unified.receivable_number = touched.receivable_number
    {%- endif %}
),

daily as (
    select
        receivable_number,
        {{ ifp.utc_date('occurred_at') }} as changed_on,
        sum(case when event_type = 'issued' then amount_minor else 0 end) as issued_minor,
        sum(case when event_type = 'paid' then amount_minor else 0 end) as paid_minor,
        sum(case when event_type = 'credited' then amount_minor else 0 end) as credited_minor,
        sum(case when event_type = 'voided' then 1 else 0 end) as voidings,
        sum(case event_type when 'disputed' then 1 when 'dispute_closed' then -1 else 0 end) as disputes
    from events
    group by receivable_number, {{ ifp.utc_date('occurred_at') }}
),

running as (
    select
        receivable_number,
        changed_on,
        lead(changed_on) over by_receivable as next_changed_on,
        sum(issued_minor) over by_receivable as issued_minor,
        sum(paid_minor) over by_receivable as paid_minor,
        sum(credited_minor) over by_receivable as credited_minor,
        sum(voidings) over by_receivable as voidings,
        sum(disputes) over by_receivable as disputes
    from daily
    window by_receivable as (partition by receivable_number order by changed_on)
),

balanced as (
    select
        receivables.receivable_number,
        receivables.relation_number,
        receivables.issued_on,
        receivables.due_on,
        receivables.vendor_state,
        running.changed_on as from_on,
        running.next_changed_on as until_on,
        running.paid_minor,
        running.credited_minor,
        running.voidings > 0 as is_void,
        running.disputes > 0 as is_disputed,
        case
            when running.voidings > 0 or receivables.vendor_state in ('draft', 'discarded') then 0
            when receivables.document_type = 'credit_note'
                then least(0, running.issued_minor - running.paid_minor - running.credited_minor)
            else greatest(0, running.issued_minor - running.paid_minor - running.credited_minor)
        end as open_minor
    from running
    inner join receivables on running.receivable_number = receivables.receivable_number
)

select
    receivable_number,
    relation_number,
    issued_on,
    coalesce(due_on, issued_on) as due_on,
    from_on,
    until_on,
    cast(open_minor as bigint) as open_minor,
    {{ ifp.receivable_status('vendor_state', 'is_void', 'paid_minor', 'credited_minor', 'open_minor', 'is_disputed') }} as state
from balanced
