-- Buckets of both bases at as_of add up to the open receivables.
with book as (
    select tenant_id, currency, sum(open_minor) as open_minor
    from {{ ref('fct_receivables') }}
    group by tenant_id, currency
),

ageing as (
    select tenant_id, currency, basis, sum(open_minor) as open_minor
    from {{ ref('fct_ageing') }}
    where as_of_on = {{ ifp.as_of_on() }}
    group by tenant_id, currency, basis
)

select book.tenant_id, book.currency, bases.basis, book.open_minor, ageing.open_minor as aged_minor
from book
cross join (select distinct basis from {{ ref('ageing_buckets') }}) as bases
left join ageing
    on
        book.tenant_id = ageing.tenant_id
        and book.currency = ageing.currency
        and bases.basis = ageing.basis
where book.open_minor <> coalesce(ageing.open_minor, 0)
