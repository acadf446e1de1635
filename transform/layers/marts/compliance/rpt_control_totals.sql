with stated as (
    select
        totals.*,
        first_value(totals.sync_id) over (
            partition by totals.tenant_id, totals.connection_id, totals.source_system, totals.entity
            order by totals.computed_at desc, totals.sync_id desc
        ) as latest_sync_id
    from {{ ref('stg_sync__control_totals') }} as totals
),

latest as (
    select * from stated
    where sync_id = latest_sync_id
),

current_records as (
    select * from {{ ref('int_control_records__current') }}
),

other_records as (
    select
        tenant_id,
        connection_id,
        'xero' as source_system,
        'payments' as entity,
        currency,
        sum(amount_minor) as amount_minor
    from {{ ref('stg_xero__payment_versions') }}
    where superseded_at is null and not is_deleted
    group by tenant_id, connection_id, currency

    union all

    select
        tenant_id,
        connection_id,
        'xero' as source_system,
        'purchase_orders' as entity,
        currency,
        sum(gross_minor) as amount_minor
    from {{ ref('stg_xero__purchase_orders') }}
    where not is_deleted
    group by tenant_id, connection_id, currency

    union all

    select
        tenant_id,
        connection_id,
        'bank' as source_system,
        'transactions' as entity,
        currency,
        sum(amount_minor) as amount_minor
    from {{ ref('stg_bank__transactions') }}
    where not is_deleted
    group by tenant_id, connection_id, currency
),

mart_records as (
    select
        receivables.tenant_id,
        receivables.connection_id,
        receivables.source_system,
        case
            when receivables.source_system = 'files' then 'receivables'
            when receivables.document_type = 'credit_note' then 'credit_notes'
            else 'invoices'
        end as entity,
        receivables.currency,
        sum(receivables.gross_minor * unified.source_sign) as amount_minor
    from {{ ref('fct_receivables') }} as receivables
    inner join {{ ref('int_receivables__unified') }} as unified on receivables.receivable_id = unified.receivable_id
    where not unified.is_deleted
    group by 1, 2, 3, 4, 5

    union all

    select tenant_id, connection_id, source_system, entity, currency, amount_minor
    from other_records
),

superseded as (
    select
        tenant_id,
        connection_id,
        source_system,
        case
            when source_system = 'files' then 'receivables'
            when source_sign = -1 then 'credit_notes'
            else 'invoices'
        end as entity,
        currency,
        sum(gross_minor * source_sign) as amount_minor
    from {{ ref('int_receivables__superseded') }}
    where reason = 'lower_source_rank'
    group by 1, 2, 3, 4, 5
),

scopes as (
    select tenant_id, connection_id, source_system, entity, currency from latest
    union
    select tenant_id, connection_id, source_system, entity, currency from current_records
    union
    select tenant_id, connection_id, source_system, entity, currency from other_records
),

lined_up as (
    select
        scopes.tenant_id,
        scopes.connection_id,
        scopes.source_system,
        scopes.entity,
        scopes.currency,
        latest.sync_id is not null as is_stated,
        coalesce(latest.source_minor, 0) as source_minor,
        coalesce(latest.source_count, 0) as source_count,
        coalesce(mart_records.amount_minor, 0) as mart_minor,
        coalesce(current_records.not_yet_known_minor, 0) as not_yet_known_minor,
        coalesce(superseded.amount_minor, 0) as superseded_minor,
        coalesce(current_records.out_of_scope_minor, 0) as out_of_scope_minor,
        coalesce(latest.quarantined_minor, 0) as quarantined_minor,
        coalesce(cast(round(current_records.amount_lost) as bigint), 0) as rounding_minor
    from scopes
    left join latest
        on
            scopes.tenant_id = latest.tenant_id
            and scopes.connection_id = latest.connection_id
            and scopes.source_system = latest.source_system
            and scopes.entity = latest.entity
            and scopes.currency = latest.currency
    left join current_records
        on
            scopes.tenant_id = current_records.tenant_id
            and scopes.connection_id = current_records.connection_id
            and scopes.source_system = current_records.source_system
            and scopes.entity = current_records.entity
            and scopes.currency = current_records.currency
    left join mart_records
        on
            scopes.tenant_id = mart_records.tenant_id
            and scopes.connection_id = mart_records.connection_id
            and scopes.source_system = mart_records.source_system
            and scopes.entity = mart_records.entity
            and scopes.currency = mart_records.currency
    left join superseded
        on
            scopes.tenant_id = superseded.tenant_id
            and scopes.connection_id = superseded.connection_id
            and scopes.source_system = superseded.source_system
            and scopes.entity = superseded.entity
            and scopes.currency = superseded.currency
)

select
    tenant_id,
    connection_id,
    source_system,
    entity,
    currency,
    is_stated,
    cast(source_minor as bigint) as source_minor,
    cast(source_count as bigint) as source_count,
    cast(mart_minor as bigint) as mart_minor,
    cast(not_yet_known_minor as bigint) as not_yet_known_minor,
    cast(superseded_minor as bigint) as superseded_minor,
    cast(out_of_scope_minor as bigint) as out_of_scope_minor,
    cast(quarantined_minor as bigint) as quarantined_minor,
    cast(rounding_minor as bigint) as rounding_minor,
    cast(
        case
            when is_stated
                then source_minor - mart_minor - not_yet_known_minor - superseded_minor
                    - out_of_scope_minor - quarantined_minor - rounding_minor
            else 0
        end as bigint
    ) as difference_minor
from lined_up
