{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ ifp.without_touched('receivable_id') }}", on_schema_change='fail', post_hook="{{ ifp.aged_receivables() }}") }}
-- depends_on: {{ ref('int_receivables__touched') }}

with receivables as (
    select unified.*
    from {{ ref('int_receivables__unified') }} as unified
    {%- if ifp.goes_on() %}
    inner join {{ ref('int_receivables__touched') }} as touched on unified.receivable_number = touched.receivable_number
    {%- endif %}
),

event_totals as (
    select
        told.receivable_number,
        sum(case when event_type = 'paid' then amount_minor else 0 end) as paid_minor,
        sum(case when event_type = 'credited' then amount_minor else 0 end) as credited_minor,
        max(case when event_type = 'paid' then occurred_at end) as last_paid_at,
        max(case when event_type in ('paid', 'credited') then occurred_at end) as last_settled_at,
        max(case when event_type in ('paid', 'credited') then recorded_at end) as last_settled_recorded_at,
        max(case when event_type = 'voided' then 1 else 0 end) as voidings,
        sum(case event_type when 'disputed' then 1 when 'dispute_closed' then -1 else 0 end) as disputes
    from {{ ref('int_receivable_events__told') }} as told
    {%- if ifp.goes_on() %}
    inner join {{ ref('int_receivables__touched') }} as touched on told.receivable_number = touched.receivable_number
    {%- endif %}
    group by told.receivable_number
),

orders as (
    select * from {{ ref('int_purchase_orders__matched') }}
),

joined as (
    select
        receivables.*,
        coalesce(event_totals.paid_minor, 0) as known_paid_minor,
        coalesce(event_totals.credited_minor, 0) as known_credited_minor,
        event_totals.last_paid_at,
        event_totals.last_settled_at,
        event_totals.last_settled_recorded_at,
        coalesce(event_totals.voidings, 0) > 0 as is_void,
        coalesce(event_totals.disputes, 0) > 0 as is_flagged,
        orders.purchase_order_number as matched_order_number,
        orders.purchase_order_minor,
        receivables.gross_minor
        - coalesce(event_totals.paid_minor, 0)
        - coalesce(event_totals.credited_minor, 0) as balance_minor
    from receivables
    left join event_totals on receivables.receivable_number = event_totals.receivable_number
    left join orders on receivables.receivable_number = orders.receivable_number
),

balanced as (
    select
        joined.*,
        case
            when joined.is_void or joined.vendor_state in ('draft', 'discarded') then 0
            when joined.document_type = 'credit_note' then least(0, joined.balance_minor)
            else greatest(0, joined.balance_minor)
        end as open_minor
    from joined
),

judged as (
    select
        balanced.*,
        case
            when balanced.is_flagged then least(greatest(balanced.open_minor, 0), balanced.dispute_minor)
            else 0
        end as disputed_minor,
        {{ ifp.receivable_status(
            'balanced.vendor_state', 'balanced.is_void', 'balanced.known_paid_minor',
            'balanced.known_credited_minor', 'balanced.open_minor', 'balanced.is_flagged'
        ) }} as status
    from balanced
)

select
    tenant_id,
    receivable_id,
    seller_id,
    debtor_id,
    connection_id,
    source_system,
    record_id,
    document_type,
    number,
    number_norm,
    coalesce(matched_order_number, reference) as purchase_order_number,
    matched_order_number is not null as has_purchase_order,
    purchase_order_minor,
    issued_on,
    due_on,
    {{ ifp.days_between('issued_on', 'due_on') }} as terms_days,
    currency,
    gross_minor,
    tax_minor,
    cast(known_paid_minor as bigint) as paid_minor,
    cast(known_credited_minor as bigint) as credited_minor,
    cast(open_minor as bigint) as open_minor,
    cast(balance_minor - open_minor as bigint) as closed_difference_minor,
    cast(disputed_minor as bigint) as disputed_minor,
    is_flagged and open_minor <> 0 as is_disputed,
    status,
    source_status,
    {{ ifp.utc_date('last_paid_at') }} as last_paid_on,
    case when status in ('paid', 'credited') then {{ ifp.utc_date('last_settled_at') }} end as settled_on,
    case when status in ('paid', 'credited') then last_settled_recorded_at end as settled_recorded_at,
    recorded_at,
    is_backfilled,
    source_count,
    seller_tax_id,
    debtor_tax_id,
    payload_sha256,
    fetched_at,
    {{ ifp.days_past_due('open_minor', 'due_on') }} as days_past_due,
    {{ ifp.days_between('issued_on', ifp.as_of_on()) }} as age_days
from judged
