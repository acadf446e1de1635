with ageing as (
    select * from {{ ref('fct_ageing') }}
    where basis = 'due'
),

debtors as (
    select
        tenant_id,
        currency,
        debtor_id,
        as_of_on,
        sum(open_minor) as open_minor
    from ageing
    group by tenant_id, currency, debtor_id, as_of_on
    having sum(open_minor) > 0
),

shared as (
    select
        debtors.*,
        sum(open_minor) over (partition by tenant_id, currency, as_of_on) as book_minor,
        row_number() over (
            partition by tenant_id, currency, as_of_on
            order by open_minor desc, debtor_id
        ) as place
    from debtors
)

select
    tenant_id,
    currency,
    debtor_id,
    as_of_on,
    cast(open_minor as bigint) as open_minor,
    {{ ifp.parts_per_million('open_minor', 'book_minor') }} as share_ppm,
    cast(place as bigint) as rank
from shared
