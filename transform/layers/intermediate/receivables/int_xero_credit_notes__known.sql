with versions as (
    select * from {{ ref('stg_xero__credit_note_versions') }}
    where coalesce(credit_note_type, 'ACCRECCREDIT') = 'ACCRECCREDIT'
),

recorded as (
    {{ ifp.recorded('versions', 'xero', 'credit_notes', {'recorded_at': ifp.utc_midnight('versions.issued_on'), 'change_recorded_at': 'versions.modified_at'}) }}
),

known as (
    {{ ifp.numbered_versions('recorded', 'recorded.recorded_at <= ' ~ ifp.as_of()) }}
)

select
    tenant_id,
    connection_id,
    record_id,
    contact_id,
    number,
    reference,
    source_status,
    currency,
    issued_on,
    gross_minor,
    gross_lost,
    tax_minor,
    remaining_minor,
    is_deleted,
    modified_at,
    version_number,
    first_recorded_at,
    first_backfilled = 1 as is_backfilled,
    change_recorded_at,
    payload_sha256,
    fetched_at,
    load_id,
    page_position
from known
where recency = 1
