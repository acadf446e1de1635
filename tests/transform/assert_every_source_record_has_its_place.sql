-- What sources tell is in the mart or among the losers, once.
with placed as (
    select tenant_id, receivable_id from {{ ref('fct_receivables') }}
    union all
    select tenant_id, receivable_id from {{ ref('int_receivables__superseded') }}
    where reason <> 'repeated_in_sync'
)

select sourced.tenant_id, sourced.receivable_id
from {{ ref('int_receivables__sourced') }} as sourced
left join placed
    on
        sourced.tenant_id = placed.tenant_id
        and sourced.receivable_id = placed.receivable_id
group by sourced.tenant_id, sourced.receivable_id
having count(placed.receivable_id) <> 1
