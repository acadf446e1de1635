-- Exposures of the last day add up to the open receivables.
with book as (
    select
        tenant_id, seller_id, debtor_id, currency,
        sum(open_minor) as open_minor,
        sum(case when days_past_due > 0 then open_minor else 0 end) as past_due_minor
    from {{ ref('fct_receivables') }}
    where open_minor <> 0 and document_type = 'invoice'
    group by tenant_id, seller_id, debtor_id, currency
),

credits as (
    select tenant_id, seller_id, debtor_id, currency, sum(open_minor) as open_minor
    from {{ ref('fct_receivables') }}
    where open_minor <> 0 and document_type = 'credit_note'
    group by tenant_id, seller_id, debtor_id, currency
),

exposures as (
    select * from {{ ref('fct_exposures_daily') }}
    where as_of_on = {{ ifp.as_of_on() }}
)

select book.*
from book
left join credits
    on
        book.tenant_id = credits.tenant_id
        and book.seller_id = credits.seller_id
        and book.debtor_id is not distinct from credits.debtor_id
        and book.currency = credits.currency
left join exposures
    on
        book.tenant_id = exposures.tenant_id
        and book.seller_id = exposures.seller_id
        and book.debtor_id is not distinct from exposures.debtor_id
        and book.currency = exposures.currency
where book.open_minor + coalesce(credits.open_minor, 0) is distinct from exposures.open_minor
