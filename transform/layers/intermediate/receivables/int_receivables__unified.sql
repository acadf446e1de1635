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
where
    coalesce(repeated.is_winner, true)
    and sourced.seller_id is not null
    and sourced.gross_minor is not null
    and sourced.currency is not null
    and sourced.issued_on is not null
