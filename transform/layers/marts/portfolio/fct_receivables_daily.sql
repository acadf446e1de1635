with relations as (
    select * from {{ ref('int_relations__numbered') }}
),

spans as (
    select * from {{ ref('int_receivable_balances__spanned') }}
),

dates as (
    select * from {{ ref('int_dates__listed') }}
),

changes as (
    select
        relation_number,
        state,
        from_on as changed_on,
        1 as receivable_count,
        open_minor
    from spans

    union all

    select
        relation_number,
        state,
        until_on as changed_on,
        -1 as receivable_count,
        -open_minor as open_minor
    from spans
    where until_on is not null
),

by_relation as (
    select
        relation_number,
        state,
        changed_on,
        sum(receivable_count) as receivable_count,
        sum(open_minor) as open_minor
    from changes
    group by relation_number, state, changed_on
),

daily as (
    select
        relations.tenant_id,
        relations.seller_id,
        relations.currency,
        by_relation.state,
        by_relation.changed_on,
        sum(by_relation.receivable_count) as receivable_count,
        sum(by_relation.open_minor) as open_minor
    from by_relation
    inner join relations on by_relation.relation_number = relations.relation_number
    group by
        relations.tenant_id,
        relations.seller_id,
        relations.currency,
        by_relation.state,
        by_relation.changed_on
),

running as (
    select
        tenant_id,
        seller_id,
        currency,
        state,
        changed_on as from_on,
        coalesce(lead(changed_on) over by_state, {{ ifp.as_of_on() }} + 1) as until_on,
        sum(receivable_count) over by_state as receivable_count,
        sum(open_minor) over by_state as open_minor
    from daily
    window by_state as (partition by tenant_id, seller_id, currency, state order by changed_on)
)

select
    running.tenant_id,
    running.seller_id,
    running.currency,
    dates.as_of_on,
    running.state,
    cast(running.receivable_count as bigint) as receivable_count,
    cast(running.open_minor as bigint) as open_minor
from running
inner join dates
    on
        running.from_on <= dates.as_of_on
        and running.until_on > dates.as_of_on
where running.receivable_count > 0
