{{ config(materialized='incremental', unique_key=['tenant_id', 'connection_id', 'record_id'], incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('stg_loads__counted') }}

with {{ ifp.told_versions(source('raw_xero', 'credit_notes'), 'credit_notes') }},

credit_notes as (
    select
        credit_notes.tenant_id,
        credit_notes.connection_id,
        credit_notes.record_id,
        credit_notes.payload_sha256,
        credit_notes.fetched_at,
        credit_notes._dlt_load_id as load_id,
        credit_notes.position as page_position,
        {{ ifp.json_text('credit_notes.payload', 'CurrencyCode') }} as currency_code,
        credit_notes.payload
    from told_versions as credit_notes
),

currencies as (
    select * from {{ ref('currencies') }}
),

exploded as (
    select
        credit_notes.*,
        {{ ifp.json_text('allocation.element', 'Invoice.InvoiceID') }} as invoice_id,
        {{ ifp.json_text('allocation.element', 'Amount') }} as amount_text,
        {{ ifp.json_text('allocation.element', 'Date') }} as date_encoded,
        {{ ifp.json_text('allocation.element', 'DateString') }} as date_text
    from credit_notes
    {{ ifp.each_json('credit_notes.payload', 'Allocations', 'allocation') }}
)

select
    cast(exploded.tenant_id as text) as tenant_id,
    cast(exploded.connection_id as text) as connection_id,
    cast(exploded.record_id as text) as record_id,
    exploded.invoice_id,
    {{ ifp.xero_date('exploded.date_text', 'exploded.date_encoded') }} as allocated_on,
    {{ ifp.minor_units('exploded.amount_text', 'coalesce(currencies.minor_per_major, 100)') }} as amount_minor,
    cast(exploded.payload_sha256 as text) as payload_sha256,
    exploded.fetched_at,
    cast(exploded.load_id as text) as load_id,
    exploded.page_position
from exploded
left join currencies on upper(exploded.currency_code) = currencies.currency
