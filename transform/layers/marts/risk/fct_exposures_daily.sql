with spans as (
    select * from {{ ref('int_receivable_balances__spanned') }}
    where open_minor <> 0
),

dates as (
    select * from {{ ref('int_dates__listed') }}
    where is_month_end or days_ago <= {{ var('exposure_history_days') }}
),

changes as (
    select
        tenant_id,
        seller_id,
        debtor_id,
        currency,
        from_on as changed_on,
        open_minor,
        0 as past_due_minor,
        1 as receivable_count
    from spans

    union all

    select
        tenant_id,
        seller_id,
        debtor_id,
        currency,
        until_on as changed_on,
        -open_minor as open_minor,
        0 as past_due_minor,
        -1 as receivable_count
    from spans
    where until_on is not null

    union all

    select
        tenant_id,
        seller_id,
        debtor_id,
        currency,
        greatest(from_on, due_on + 1) as changed_on,
        0 as open_minor,
        open_minor as past_due_minor,
        0 as receivable_count
    from spans
    where until_on is null or until_on > due_on + 1

    union all

    select
        tenant_id,
        seller_id,
        debtor_id,
        currency,
        until_on as changed_on,
        0 as open_minor,
        -open_minor as past_due_minor,
        0 as receivable_count
    from spans
    where until_on > due_on + 1
),

daily as (
    select
        tenant_id,
        seller_id,
        debtor_id,
        currency,
        changed_on,
        sum(open_minor) as open_minor,
        sum(past_due_minor) as past_due_minor,
        sum(receivable_count) as receivable_count
    from changes
    group by tenant_id, seller_id, debtor_id, currency, changed_on
),

running as (
    select
        tenant_id,
        seller_id,
        debtor_id,
        currency,
        changed_on as from_on,
        coalesce(lead(changed_on) over by_pair, {{ ifp.as_of_on() }} + 1) as until_on,
        sum(open_minor) over by_pair as open_minor,
        sum(past_due_minor) over by_pair as past_due_minor,
        sum(receivable_count) over by_pair as receivable_count
    from daily
    window by_pair as (partition by tenant_id, seller_id, debtor_id, currency order by changed_on)
)

select
    running.tenant_id,
    running.seller_id,
    running.debtor_id,
    running.currency,
    dates.as_of_on,
    cast(running.open_minor as bigint) as open_minor,
    cast(running.past_due_minor as bigint) as past_due_minor,
    cast(running.receivable_count as bigint) as receivable_count
from running
inner join dates
    on
        running.from_on <= dates.as_of_on
        and running.until_on > dates.as_of_on
where running.receivable_count > 0
