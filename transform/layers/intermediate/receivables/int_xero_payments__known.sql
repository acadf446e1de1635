{{ config(materialized='incremental', unique_key=['tenant_id', 'connection_id', 'payment_id'], incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('stg_loads__counted') }}

with
{% if ifp.goes_on() -%}
moved as (
    {{ ifp.moved_records(ref('stg_xero__payment_versions'), 'xero', 'payments', ifp.utc_midnight('versions.paid_on')) }}
),
{%- endif %}

versions as (
    select versions.*
    from {{ ref('stg_xero__payment_versions') }} as versions
    {{- ifp.only_moved('versions') }}
    where coalesce(versions.payment_type, 'ACCRECPAYMENT') in ('ACCRECPAYMENT', 'ARCREDITPAYMENT')
),

recorded as (
    {{ ifp.recorded('versions', 'xero', 'payments', {'recorded_at': ifp.utc_midnight('versions.paid_on')}) }}
),

known as (
    {{ ifp.numbered_versions('recorded', 'recorded.is_backfilled or recorded.recorded_at <= ' ~ ifp.as_of()) }}
)

select
    tenant_id,
    connection_id,
    record_id as payment_id,
    coalesce(invoice_id, credit_note_id) as document_id,
    paid_on,
    amount_minor,
    not is_deleted and coalesce(source_status, 'AUTHORISED') <> 'DELETED' as is_counted,
    is_backfilled,
    first_recorded_at as recorded_at
from known
where recency = 1
