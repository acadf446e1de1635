with digits as (
    {% for digit in range(10) -%}
    select {{ digit }} as digit{{ ' union all' if not loop.last }}
    {% endfor %}
),

numbers as (
    select ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit as number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
),

history as (
    select coalesce(min(issued_on), {{ ifp.as_of_on() }}) as first_on
    from {{ ref('int_receivables__sourced') }}
),

dates as (
    select {{ ifp.as_of_on() }} - numbers.number as as_of_on, numbers.number as days_ago
    from numbers
)

select
    dates.as_of_on,
    dates.days_ago,
    dates.as_of_on = {{ ifp.month_end('dates.as_of_on') }} as is_month_end
from dates
inner join history on dates.as_of_on >= history.first_on
where
    dates.days_ago <= {{ var('seller_history_days') }}
    or dates.as_of_on = {{ ifp.month_end('dates.as_of_on') }}
