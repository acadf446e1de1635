with receivables as (
    select
        tenant_id,
        receivable_number,
        connection_id,
        customer_code,
        currency,
        reference
    from {{ ref('int_receivables__unified') }}
    where
        source_system = 'xero'
        and document_type = 'invoice'
        and reference is not null
),

orders as (
    select
        orders.*,
        {{ ifp.number_norm('orders.number') }} as number_norm
    from {{ ref('stg_xero__purchase_orders') }} as orders
    where
        not orders.is_deleted
        and orders.number is not null
        and coalesce(orders.source_status, 'AUTHORISED') <> 'DELETED'
),

first_syncs as (
    select * from {{ ref('int_syncs__first_completed') }}
),

known_orders as (
    select
        orders.*,
        {{ ifp.recorded_at('orders.first_fetched_at', 'first_syncs.first_complete_at', ifp.utc_midnight('orders.ordered_on')) }} as recorded_at
    from orders
    left join first_syncs
        on
            orders.tenant_id = first_syncs.tenant_id
            and orders.connection_id = first_syncs.connection_id
            and first_syncs.source_system = 'xero'
            and first_syncs.entity = 'purchase_orders'
),

referenced as (
    select
        receivables.*,
        {{ ifp.number_norm('receivables.reference') }} as reference_norm
    from receivables
),

matched as (
    select
        referenced.receivable_number,
        known_orders.number as purchase_order_number,
        known_orders.gross_minor as purchase_order_minor,
        row_number() over (
            partition by referenced.receivable_number
            order by known_orders.ordered_on desc nulls last, known_orders.record_id
        ) as place
    from referenced
    inner join known_orders
        on
            referenced.tenant_id = known_orders.tenant_id
            and referenced.connection_id = known_orders.connection_id
            and referenced.customer_code = known_orders.contact_id
            and referenced.reference_norm = known_orders.number_norm
            and referenced.currency = known_orders.currency
    where known_orders.recorded_at <= {{ ifp.as_of() }}
)

select
    receivable_number,
    purchase_order_number,
    purchase_order_minor
from matched
where place = 1
