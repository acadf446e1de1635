{{ config(materialized='table') }}

{%- set relations = {
    'invoices': source('raw_xero', 'invoices'),
    'credit_notes': source('raw_xero', 'credit_notes'),
    'payments': source('raw_xero', 'payments'),
    'purchase_orders': source('raw_xero', 'purchase_orders'),
    'transactions': source('raw_bank', 'transactions'),
} %}

with landed as (
    {%- for entity, relation in relations.items() %}
    select
        '{{ entity }}' as entity,
        cast(_dlt_load_id as text) as load_id,
        count(*) as row_count
    from {{ relation }}
    group by _dlt_load_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    landed.entity,
    landed.load_id,
    landed.row_count,
    {% if var('since') -%}
    landed.row_count is distinct from seen.row_count as is_unseen
    {%- else -%}
    true as is_unseen
    {%- endif %}
from landed
{% if var('since') -%}
left join {{ this }} as seen
    on
        landed.entity = seen.entity
        and landed.load_id = seen.load_id
{%- endif %}
