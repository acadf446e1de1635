{{ config(materialized='incremental', unique_key=['tenant_id', 'connection_id', 'record_id'], incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('stg_loads__counted') }}

with {{ ifp.told_versions(source('raw_xero', 'invoices'), 'invoices') }},

parsed as (
    {{ ifp.parsed_json(
        'told_versions',
        ifp.envelope_columns({'has_dispute_category': "coalesce(payload like '%\"Dispute\"%', false)"}),
        {
            'invoice_type': 'Type',
            'number': 'InvoiceNumber',
            'reference': 'Reference',
            'contact_id': 'Contact.ContactID',
            'source_status': 'Status',
            'currency_code': 'CurrencyCode',
            'date_text': 'DateString',
            'date_encoded': 'Date',
            'due_text': 'DueDateString',
            'due_encoded': 'DueDate',
            'paid_off_encoded': 'FullyPaidOnDate',
            'updated_encoded': 'UpdatedDateUTC',
            'gross_text': 'Total',
            'tax_text': 'TotalTax',
            'paid_text': 'AmountPaid',
            'credited_text': 'AmountCredited',
        }
    ) }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

typed as (
    select
        parsed.tenant_id,
        parsed.connection_id,
        parsed.record_id,
        parsed.invoice_type,
        nullif(trim(parsed.number), '') as number,
        nullif(trim(parsed.reference), '') as reference,
        parsed.contact_id,
        parsed.source_status,
        upper(parsed.currency_code) as currency,
        {{ ifp.xero_date('parsed.date_text', 'parsed.date_encoded') }} as issued_on,
        {{ ifp.xero_date('parsed.due_text', 'parsed.due_encoded') }} as due_on,
        {{ ifp.utc_date(ifp.xero_moment('parsed.paid_off_encoded')) }} as paid_off_on,
        {{ ifp.minor_units('parsed.gross_text', 'coalesce(currencies.minor_per_major, 100)') }} as gross_minor,
        {{ ifp.minor_units_lost('parsed.gross_text', 'coalesce(currencies.minor_per_major, 100)') }} as gross_lost,
        {{ ifp.minor_units('parsed.tax_text', 'coalesce(currencies.minor_per_major, 100)') }} as tax_minor,
        {{ ifp.minor_units('parsed.paid_text', 'coalesce(currencies.minor_per_major, 100)') }} as paid_minor,
        {{ ifp.minor_units('parsed.credited_text', 'coalesce(currencies.minor_per_major, 100)') }} as credited_minor,
        coalesce(parsed.raw_modified_at, {{ ifp.xero_moment('parsed.updated_encoded') }}) as modified_at,
        parsed.is_deleted,
        parsed.has_dispute_category,
        parsed.payload_sha256,
        parsed.fetched_at,
        parsed.load_id,
        parsed.page_position
    from parsed
    left join currencies on upper(parsed.currency_code) = currencies.currency
)

select
    typed.*,
    {{ ifp.version_columns() }}
from typed
