{{ config(materialized='incremental', unique_key=['tenant_id', 'connection_id', 'record_id'], incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('stg_loads__counted') }}

with {{ ifp.told_versions(source('raw_xero', 'invoices'), 'invoices') }},

invoices as (
    select
        versions.tenant_id,
        versions.connection_id,
        versions.record_id,
        versions.version_number,
        versions.currency,
        raw_invoices.payload
    from {{ ref('stg_xero__invoice_versions') }} as versions
    inner join told_versions as raw_invoices
        on
            versions.tenant_id = raw_invoices.tenant_id
            and versions.connection_id = raw_invoices.connection_id
            and versions.record_id = raw_invoices.record_id
            and versions.fetched_at = raw_invoices.fetched_at
            and versions.load_id = raw_invoices._dlt_load_id
            and versions.page_position = raw_invoices.position
    where versions.has_dispute_category
),

currencies as (
    select * from {{ ref('currencies') }}
),

lines as (
    select
        invoices.tenant_id,
        invoices.connection_id,
        invoices.record_id,
        invoices.version_number,
        invoices.currency,
        {{ ifp.json_text('invoices.payload', 'LineAmountTypes') }} as line_amount_types,
        line.element as line
    from invoices
    {{ ifp.each_json('invoices.payload', 'LineItems', 'line') }}
),

flagged as (
    select
        lines.*,
        {{ ifp.json_text('category.element', 'Option') }} as dispute_option
    from lines
    {{ ifp.each_json('lines.line', 'Tracking', 'category') }}
    where {{ ifp.json_text('category.element', 'Name') }} = 'Dispute'
),

amounts as (
    select
        flagged.*,
        {{ ifp.json_text('flagged.line', 'LineAmount') }} as amount_text,
        {{ ifp.json_text('flagged.line', 'TaxAmount') }} as tax_text
    from flagged
)

select
    amounts.tenant_id,
    amounts.connection_id,
    amounts.record_id,
    amounts.version_number,
    lower(amounts.dispute_option) as dispute_state,
    cast(sum(
        coalesce({{ ifp.minor_units('amounts.amount_text', 'coalesce(currencies.minor_per_major, 100)') }}, 0)
        + case
            when amounts.line_amount_types = 'Exclusive'
                then coalesce({{ ifp.minor_units('amounts.tax_text', 'coalesce(currencies.minor_per_major, 100)') }}, 0)
            else 0
        end
    ) as bigint) as amount_minor
from amounts
left join currencies on amounts.currency = currencies.currency
group by
    amounts.tenant_id, amounts.connection_id, amounts.record_id, amounts.version_number, lower(amounts.dispute_option)
