{{ config(materialized='incremental', unique_key=['tenant_id', 'connection_id', 'record_id'], incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('stg_loads__counted') }}

with {{ ifp.told_versions(source('raw_xero', 'payments'), 'payments') }},

parsed as (
    {{ ifp.parsed_json(
        'told_versions',
        ifp.envelope_columns(),
        {
            'payment_type': 'PaymentType',
            'source_status': 'Status',
            'invoice_id': 'Invoice.InvoiceID',
            'credit_note_id': 'CreditNote.CreditNoteID',
            'invoice_currency': 'Invoice.CurrencyCode',
            'credit_note_currency': 'CreditNote.CurrencyCode',
            'date_encoded': 'Date',
            'reference': 'Reference',
            'updated_encoded': 'UpdatedDateUTC',
            'amount_text': 'Amount',
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
        parsed.payment_type,
        parsed.source_status,
        parsed.invoice_id,
        parsed.credit_note_id,
        upper(coalesce(parsed.invoice_currency, parsed.credit_note_currency)) as currency,
        {{ ifp.utc_date(ifp.xero_moment('parsed.date_encoded')) }} as paid_on,
        nullif(trim(parsed.reference), '') as reference,
        {{ ifp.minor_units('parsed.amount_text', 'coalesce(currencies.minor_per_major, 100)') }} as amount_minor,
        coalesce(parsed.raw_modified_at, {{ ifp.xero_moment('parsed.updated_encoded') }}) as modified_at,
        parsed.is_deleted,
        parsed.payload_sha256,
        parsed.fetched_at,
        parsed.load_id,
        parsed.page_position
    from parsed
    left join currencies on upper(coalesce(parsed.invoice_currency, parsed.credit_note_currency)) = currencies.currency
)

select
    typed.*,
    {{ ifp.version_columns() }}
from typed
