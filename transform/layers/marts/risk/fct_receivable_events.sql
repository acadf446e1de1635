{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ ifp.without_touched('receivable_id') }}", on_schema_change='fail') }}
-- depends_on: {{ ref('int_receivables__touched') }}

with events as (
    select told.*
    from {{ ref('int_receivable_events__told') }} as told
    {%- if ifp.goes_on() %}
    inner join {{ ref('int_receivables__touched') }} as touched on told.receivable_number = touched.receivable_number
    {%- endif %}
),

receivables as (
    select * from {{ ref('int_receivables__unified') }}
)

select
    receivables.tenant_id,
    {{ ifp.surrogate_key(['receivables.tenant_id', 'receivables.receivable_id', 'events.event_type', 'events.source_event_id']) }} as event_id,
    receivables.receivable_id,
    receivables.seller_id,
    receivables.debtor_id,
    events.event_type,
    events.amount_minor,
    receivables.currency,
    events.occurred_at,
    events.recorded_at,
    events.is_backfilled,
    events.source_event_id <> 'stated' as is_itemised
from events
inner join receivables on events.receivable_number = receivables.receivable_number
