select
    cast(sync_id as text) as sync_id,
    cast(tenant_id as text) as tenant_id,
    cast(connection_id as text) as connection_id,
    cast(system as text) as source_system,
    cast(entity as text) as entity,
    is_full,
    read as read_count,
    landed as landed_count,
    unchanged as unchanged_count,
    duplicate as duplicate_count,
    quarantined as quarantined_count,
    cast(status as text) as status,
    started_at,
    finished_at,
    fetched_at
from {{ source('raw_sync', 'entities') }}
