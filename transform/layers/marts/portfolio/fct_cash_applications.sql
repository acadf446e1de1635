with applications as (
    select * from {{ ref('int_cash_applications__matched') }}
),

passes as (
    select * from {{ ref('matching_passes') }}
)

select
    applications.tenant_id,
    applications.transaction_id,
    applications.receivable_id,
    applications.seller_id,
    passes.method,
    passes.confidence_ppm,
    cast(applications.matched_minor as bigint) as matched_minor,
    cast(applications.unapplied_minor as bigint) as unapplied_minor,
    cast(applications.short_minor as bigint) as short_minor,
    applications.currency,
    applications.payer_is_debtor,
    passes.is_auto_posted,
    applications.booked_on,
    applications.recorded_at
from applications
inner join passes on applications.pass_number = passes.pass_number
