with relations as (
    select distinct
        tenant_id,
        seller_id,
        debtor_id,
        currency
    from {{ ref('int_receivables__unified') }}
)

select
    {{ ifp.row_numbers() }} as relation_number,
    tenant_id,
    seller_id,
    debtor_id,
    currency
from relations
