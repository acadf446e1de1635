{{ config(materialized='incremental', unique_key=['tenant_id', 'connection_id', 'record_id'], incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('stg_loads__counted') }}

with {{ ifp.told_versions(source('raw_xero', 'purchase_orders'), 'purchase_orders') }},

current_records as (
    {{ ifp.current_records('told_versions') }}
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns({'first_fetched_at': 'first_fetched_at'}),
        {
            'number': 'PurchaseOrderNumber',
            'contact_id': 'Contact.ContactID',
            'source_status': 'Status',
            'currency_code': 'CurrencyCode',
            'date_text': 'DateString',
            'date_encoded': 'Date',
            'gross_text': 'Total',
        }
    ) }}
),

currencies as (
    select * from {{ ref('currencies') }}
)

select
    parsed.tenant_id,
    parsed.connection_id,
    parsed.record_id,
    nullif(trim(parsed.number), '') as number,
    parsed.contact_id,
    parsed.source_status,
    upper(parsed.currency_code) as currency,
    {{ ifp.xero_date('parsed.date_text', 'parsed.date_encoded') }} as ordered_on,
    {{ ifp.minor_units('parsed.gross_text', 'coalesce(currencies.minor_per_major, 100)') }} as gross_minor,
    parsed.is_deleted,
    parsed.payload_sha256,
    parsed.fetched_at,
    parsed.load_id,
    parsed.first_fetched_at
from parsed
left join currencies on upper(parsed.currency_code) = currencies.currency
