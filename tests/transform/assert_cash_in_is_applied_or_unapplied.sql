-- Every receipt is, to the minor unit, applied or unapplied.
with applied as (
    select tenant_id, transaction_id, sum(matched_minor + unapplied_minor) as accounted_minor
    from {{ ref('fct_cash_applications') }}
    group by tenant_id, transaction_id
)

select receipts.tenant_id, receipts.transaction_id
from {{ ref('int_receipts__known') }} as receipts
left join applied
    on
        receipts.tenant_id = applied.tenant_id
        and receipts.transaction_id = applied.transaction_id
where receipts.amount_minor is distinct from applied.accounted_minor
