{{ config(materialized='incremental', unique_key=['tenant_id', 'connection_id', 'record_id'], incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('stg_loads__counted') }}

with
{% if ifp.goes_on() -%}
moved as (
    {{ ifp.moved_records(ref('stg_xero__invoice_versions'), 'xero', 'invoices', ifp.utc_midnight('versions.issued_on')) }}
),
{%- endif %}

disputes as (
    select
        tenant_id,
        connection_id,
        record_id,
        version_number,
        max(case when dispute_state = 'open' then amount_minor end) as open_minor,
        max(case when dispute_state = 'closed' then amount_minor end) as closed_minor
    from {{ ref('stg_xero__invoice_disputes') }}
    group by tenant_id, connection_id, record_id, version_number
),

versions as (
    select versions.*
    from {{ ref('stg_xero__invoice_versions') }} as versions
    {{- ifp.only_moved('versions') }}
    where coalesce(versions.invoice_type, 'ACCREC') = 'ACCREC'
),

recorded as (
    {{ ifp.recorded('versions', 'xero', 'invoices', {'recorded_at': ifp.utc_midnight('versions.issued_on'), 'change_recorded_at': 'versions.modified_at'}) }}
),

known as (
    {{ ifp.numbered_versions('recorded', 'recorded.recorded_at <= ' ~ ifp.as_of()) }}
)

select
    known.tenant_id,
    known.connection_id,
    known.record_id,
    known.contact_id,
    known.number,
    known.reference,
    known.source_status,
    known.currency,
    known.issued_on,
    known.due_on,
    known.paid_off_on,
    known.gross_minor,
    known.gross_lost,
    known.tax_minor,
    known.paid_minor,
    known.credited_minor,
    known.is_deleted,
    known.modified_at,
    case
        when disputes.open_minor is not null then 'open'
        when disputes.closed_minor is not null then 'closed'
    end as dispute_state,
    coalesce(disputes.open_minor, disputes.closed_minor, 0) as dispute_minor,
    known.version_number,
    known.first_recorded_at,
    known.first_backfilled = 1 as is_backfilled,
    known.change_recorded_at,
    known.payload_sha256,
    known.fetched_at
from known
left join disputes
    on
        known.tenant_id = disputes.tenant_id
        and known.connection_id = disputes.connection_id
        and known.record_id = disputes.record_id
        and known.version_number = disputes.version_number
where known.recency = 1
