-- The states of the last day hold every receivable once, with what is open on it.
with book as (
    select tenant_id, seller_id, currency, sum(open_minor) as open_minor
    from {{ ref('fct_receivables') }}
    group by tenant_id, seller_id, currency
),

daily as (
    select tenant_id, seller_id, currency, sum(open_minor) as open_minor
    from {{ ref('fct_receivables_daily') }}
    where as_of_on = {{ ifp.as_of_on() }}
    group by tenant_id, seller_id, currency
)

select book.*
from book
left join daily
    on
        book.tenant_id = daily.tenant_id
        and book.seller_id = daily.seller_id
        and book.currency = daily.currency
where book.open_minor <> coalesce(daily.open_minor, 0)
