{{ config(materialized='view') }}

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
    on sourced.receivable_number = repeated.receivable_number
where
    coalesce(repeated.is_winner, true)
    and sourced.seller_id is not null
    and sourced.gross_minor is not null
    and sourced.currency is not null
    and sourced.issued_on is not null
