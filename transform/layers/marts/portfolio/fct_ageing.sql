with spans as (
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
        spans.tenant_id,
        spans.seller_id,
        spans.debtor_id,
        spans.currency,
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
        standing.*,
        'due' as basis,
        standing.days_past_due as days
    from standing

    union all

    select
        standing.*,
        'invoice' as basis,
        standing.age_days as days
    from standing
)

select
    aged.tenant_id,
    aged.seller_id,
    aged.debtor_id,
    aged.currency,
    aged.basis,
    buckets.bucket,
    aged.as_of_on,
    cast(sum(aged.open_minor) as bigint) as open_minor,
    cast(count(*) as bigint) as receivable_count
from aged
inner join buckets
    on
        aged.basis = buckets.basis
        and aged.days >= buckets.first_day
        and aged.days <= buckets.last_day
group by
    aged.tenant_id, aged.seller_id, aged.debtor_id, aged.currency, aged.basis, buckets.bucket, aged.as_of_on
