with events as (
    select * from {{ ref('int_receivable_events__told') }}
),

receivables as (
    select * from {{ ref('int_receivables__unified') }}
)

select
    events.tenant_id,
    {{ ifp.surrogate_key(['events.tenant_id', 'events.receivable_id', 'events.event_type', 'events.source_event_id']) }} as event_id,
    events.receivable_id,
    receivables.seller_id,
    receivables.debtor_id,
    events.event_type,
    cast(events.amount_minor as bigint) as amount_minor,
    receivables.currency,
    events.occurred_at,
    events.recorded_at,
    events.is_backfilled
from events
inner join receivables
    on
        events.tenant_id = receivables.tenant_id
        and events.receivable_id = receivables.receivable_id
