select
    tenant_id,
    connection_id,
    source_system,
    entity,
    min(fetched_at) + interval '1 second' as first_complete_at
from {{ ref('stg_sync__entities') }}
where status = 'ok'
group by tenant_id, connection_id, source_system, entity
