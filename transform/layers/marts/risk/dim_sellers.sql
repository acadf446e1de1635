select
    tenant_id,
    seller_id,
    connection_id,
    source_system,
    display_name,
    country,
    tax_id,
    base_currency,
    recorded_at
from {{ ref('int_sellers__unified') }}
where is_leading
