with currencies as (
    select * from {{ ref('currencies') }}
),

totals as (
    select * from {{ source('raw_sync', 'control_totals') }}
)

select
    cast(totals.tenant_id as text) as tenant_id,
    cast(totals.connection_id as text) as connection_id,
    cast(totals.system as text) as source_system,
    cast(totals.entity as text) as entity,
    cast(totals.sync_id as text) as sync_id,
    cast(totals.currency as text) as currency,
    totals.record_count as source_count,
    totals.quarantined_count,
    totals.duplicate_count,
    {{ ifp.minor_units('totals.amount_text', 'coalesce(currencies.minor_per_major, 100)') }} as source_minor,
    {{ ifp.minor_units('totals.quarantined_amount_text', 'coalesce(currencies.minor_per_major, 100)') }} as quarantined_minor,
    {{ ifp.minor_units('totals.duplicate_amount_text', 'coalesce(currencies.minor_per_major, 100)') }} as duplicate_minor,
    totals.computed_at
from totals
left join currencies on upper(totals.currency) = currencies.currency
