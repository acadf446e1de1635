with current_records as (
    {{ ifp.current_records(source('raw_files', 'receivables')) }}
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns(),
        {
            'customer_code': 'customer_code',
            'customer_name': 'customer_name',
            'invoice_number': 'invoice_number',
            'document_id': 'document_id',
            'document_type': 'document_type',
            'issued_text': 'issued_on',
            'due_text': 'due_on',
            'cleared_text': 'cleared_on',
            'amount_text': 'amount',
            'open_text': 'open_amount',
            'currency_code': 'currency',
            'disputed_text': 'is_disputed',
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
    coalesce(nullif(trim(parsed.customer_code), ''), nullif(trim(parsed.customer_name), '')) as customer_code,
    nullif(trim(parsed.invoice_number), '') as invoice_number,
    nullif(trim(parsed.document_id), '') as document_id,
    coalesce(parsed.document_type, 'invoice') as document_type,
    cast(nullif(substr(parsed.issued_text, 1, 10), '') as date) as issued_on,
    cast(nullif(substr(parsed.due_text, 1, 10), '') as date) as due_on,
    cast(nullif(substr(parsed.cleared_text, 1, 10), '') as date) as cleared_on,
    upper(parsed.currency_code) as currency,
    {{ ifp.minor_units('parsed.amount_text', 'coalesce(currencies.minor_per_major, 100)') }} as gross_minor,
    {{ ifp.minor_units_lost('parsed.amount_text', 'coalesce(currencies.minor_per_major, 100)') }} as gross_lost,
    {{ ifp.minor_units('parsed.open_text', 'coalesce(currencies.minor_per_major, 100)') }} as open_minor,
    coalesce(parsed.disputed_text = 'true', false) as is_disputed,
    parsed.raw_modified_at as modified_at,
    parsed.is_deleted,
    parsed.payload_sha256,
    parsed.fetched_at
from parsed
left join currencies on upper(parsed.currency_code) = currencies.currency
