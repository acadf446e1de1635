{{ config(materialized='view') }}

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
            'customer_country': 'customer_country',
            'customer_tax_id': 'customer_tax_id',
            'issued_text': 'issued_on',
        }
    ) }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by tenant_id, connection_id, coalesce(nullif(trim(customer_code), ''), nullif(trim(customer_name), ''))
            order by nullif(customer_tax_id, '') nulls last, nullif(customer_name, '') nulls last, issued_text desc nulls last, record_id
        ) as recency
    from parsed
)

select
    tenant_id,
    connection_id,
    coalesce(nullif(trim(customer_code), ''), nullif(trim(customer_name), '')) as customer_code,
    nullif(trim(customer_name), '') as customer_name,
    case when length(trim(customer_country)) = 2 then upper(trim(customer_country)) end as country,
    nullif(trim(customer_tax_id), '') as tax_number,
    payload_sha256,
    fetched_at
from numbered
where recency = 1
