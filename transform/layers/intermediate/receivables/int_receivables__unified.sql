with sourced as (
    select * from {{ ref('int_receivables__sourced') }}
),

repeated as (
    select * from {{ ref('int_receivables__repeated') }}
)

select
    sourced.*,
    coalesce(repeated.source_count, 1) as source_count
from sourced
left join repeated
    on
        sourced.tenant_id = repeated.tenant_id
        and sourced.receivable_id = repeated.receivable_id
where coalesce(repeated.is_winner, true)
