with relations as (
    select * from {{ ref('int_relations__numbered') }}
),

spans as (
    select * from {{ ref('int_receivable_balances__spanned') }}
    where open_minor <> 0
),

dates as (
    select * from {{ ref('int_dates__listed') }}
    where is_month_end or days_ago <= {{ var('exposure_history_days') }}
),

changes as (
    select
        relation_number,
        from_on as changed_on,
        open_minor,
        0 as past_due_minor,
        1 as receivable_count
    from spans

    union all

    select
        relation_number,
        until_on as changed_on,
        -open_minor as open_minor,
        0 as past_due_minor,
        -1 as receivable_count
    from spans
    where until_on is not null

    union all

    select
        relation_number,
        greatest(from_on, due_on + 1) as changed_on,
        0 as open_minor,
        open_minor as past_due_minor,
        0 as receivable_count
    from spans
    where until_on is null or until_on > due_on + 1

    union all

    select
        relation_number,
        until_on as changed_on,
        0 as open_minor,
        -open_minor as past_due_minor,
        0 as receivable_count
    from spans
    where until_on > due_on + 1
),

daily as (
    select
        relation_number,
        changed_on,
        sum(open_minor) as open_minor,
        sum(past_due_minor) as past_due_minor,
        sum(receivable_count) as receivable_count
    from changes
    group by relation_number, changed_on
),

running as (
    select
        relation_number,
        changed_on as from_on,
        coalesce(lead(changed_on) over by_relation, {{ ifp.as_of_on() }} + 1) as until_on,
        sum(open_minor) over by_relation as open_minor,
        sum(past_due_minor) over by_relation as past_due_minor,
        sum(receivable_count) over by_relation as receivable_count
    from daily
    window by_relation as (partition by relation_number order by changed_on)
)

select
    relations.tenant_id,
    relations.seller_id,
    relations.debtor_id,
    relations.currency,
    dates.as_of_on,
    cast(running.open_minor as bigint) as open_minor,
    cast(running.past_due_minor as bigint) as past_due_minor,
    cast(running.receivable_count as bigint) as receivable_count
from running
inner join relations on running.relation_number = relations.relation_number
inner join dates
    on
        running.from_on <= dates.as_of_on
        and running.until_on > dates.as_of_on
where running.receivable_count > 0
