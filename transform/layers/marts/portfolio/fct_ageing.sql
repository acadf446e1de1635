with relations as (
    select * from {{ ref('int_relations__numbered') }}
),

spans as (
    select * from {{ ref('int_receivable_balances__spanned') }}
    where open_minor <> 0
),

dates as (
    select * from {{ ref('int_dates__listed') }}
    where days_ago = 0 or (is_month_end and days_ago <= 31 * {{ var('ageing_months') }})
),

buckets as (
    select * from {{ ref('ageing_buckets') }}
),

standing as (
    select
        spans.relation_number,
        dates.as_of_on,
        {{ ifp.days_between('spans.due_on', 'dates.as_of_on') }} as days_past_due,
        {{ ifp.days_between('spans.issued_on', 'dates.as_of_on') }} as age_days,
        spans.open_minor
    from spans
    inner join dates
        on
            spans.from_on <= dates.as_of_on
            and coalesce(spans.until_on, {{ ifp.as_of_on() }} + 1) > dates.as_of_on
),

aged as (
    select
        relation_number,
        as_of_on,
        'due' as basis,
        days_past_due as days,
        sum(open_minor) as open_minor,
        count(*) as receivable_count
    from standing
    group by relation_number, as_of_on, days_past_due

    union all

    select
        relation_number,
        as_of_on,
        'invoice' as basis,
        age_days as days,
        sum(open_minor) as open_minor,
        count(*) as receivable_count
    from standing
    group by relation_number, as_of_on, age_days
),

bucketed as (
    select
        aged.relation_number,
        aged.as_of_on,
        aged.basis,
        buckets.bucket,
        sum(aged.open_minor) as open_minor,
        sum(aged.receivable_count) as receivable_count
    from aged
    inner join buckets
        on
            aged.basis = buckets.basis
            and aged.days >= buckets.first_day
            and aged.days <= buckets.last_day
    group by aged.relation_number, aged.as_of_on, aged.basis, buckets.bucket
)

select
    relations.tenant_id,
    relations.seller_id,
    relations.debtor_id,
    relations.currency,
    bucketed.basis,
    bucketed.bucket,
    bucketed.as_of_on,
    cast(bucketed.open_minor as bigint) as open_minor,
    cast(bucketed.receivable_count as bigint) as receivable_count
from bucketed
inner join relations on bucketed.relation_number = relations.relation_number
