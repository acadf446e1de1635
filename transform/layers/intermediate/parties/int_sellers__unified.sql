with organisations as (
    select * from {{ ref('stg_xero__organisations') }}
),

first_syncs as (
    select * from {{ ref('int_syncs__first_completed') }}
),

ranks as (
    select * from {{ ref('source_ranks') }}
),

xero_connections as (
    select distinct tenant_id, connection_id from {{ ref('stg_xero__invoice_versions') }}
    union
    select tenant_id, connection_id from organisations
),

file_connections as (
    select distinct tenant_id, connection_id from {{ ref('stg_files__receivables') }}
),

connections as (
    select
        xero_connections.tenant_id,
        xero_connections.connection_id,
        'xero' as source_system,
        organisations.display_name,
        organisations.country,
        {{ ifp.tax_id_norm('coalesce(organisations.tax_number, organisations.registration_number)') }} as tax_id,
        organisations.registration_number,
        organisations.base_currency,
        {{ ifp.recorded_at('organisations.first_fetched_at', 'first_syncs.first_complete_at', 'organisations.created_at') }} as recorded_at,
        organisations.payload_sha256
    from xero_connections
    left join organisations
        on
            xero_connections.tenant_id = organisations.tenant_id
            and xero_connections.connection_id = organisations.connection_id
    left join first_syncs
        on
            xero_connections.tenant_id = first_syncs.tenant_id
            and xero_connections.connection_id = first_syncs.connection_id
            and first_syncs.source_system = 'xero'
            and first_syncs.entity = 'organisations'

    union all

    select
        tenant_id,
        connection_id,
        'files' as source_system,
        cast(null as text) as display_name,
        cast(null as text) as country,
        cast(null as text) as tax_id,
        cast(null as text) as registration_number,
        cast(null as text) as base_currency,
        cast(null as timestamptz) as recorded_at,
        cast(null as text) as payload_sha256
    from file_connections
),

keyed as (
    select
        connections.*,
        ranks.source_rank,
        coalesce(
            max(connections.tax_id) over (partition by connections.tenant_id, connections.connection_id),
            connections.connection_id
        ) as unified_by
    from connections
    inner join ranks on connections.source_system = ranks.source_system
),

ordered as (
    select
        keyed.*,
        first_value(keyed.connection_id) over (
            partition by keyed.tenant_id, keyed.unified_by
            order by keyed.source_rank, keyed.connection_id, keyed.source_system
        ) as leading_connection_id,
        row_number() over (
            partition by keyed.tenant_id, keyed.unified_by
            order by keyed.source_rank, keyed.connection_id, keyed.source_system
        ) as place
    from keyed
)

select
    tenant_id,
    connection_id,
    source_system,
    {{ ifp.surrogate_key(['tenant_id', "'seller'", 'leading_connection_id']) }} as seller_id,
    place = 1 as is_leading,
    coalesce(display_name, connection_id) as display_name,
    country,
    tax_id,
    registration_number,
    base_currency,
    recorded_at,
    payload_sha256
from ordered
