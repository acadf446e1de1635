select
    cast(quarantine_id as text) as quarantine_id,
    cast(tenant_id as text) as tenant_id,
    cast(connection_id as text) as connection_id,
    cast(system as text) as source_system,
    cast(entity as text) as entity,
    cast(record_id as text) as record_id,
    cast(reason_code as text) as reason_code,
    cast(currency as text) as currency,
    fetched_at,
    replayed_at
from {{ source('raw_quarantine', 'records') }}
