{{ config(materialized='incremental', incremental_strategy='append') }}
-- depends_on: {{ ref('int_receivables__touched') }}

with relations as (
    select distinct
        unified.tenant_id,
        unified.seller_id,
        unified.debtor_id,
        unified.currency
    from {{ ref('int_receivables__unified') }} as unified
    {%- if ifp.goes_on() %}
    inner join {{ ref('int_receivables__touched') }} as touched on unified.receivable_number = touched.receivable_number
    {%- endif %}
)

select
    {% if ifp.goes_on() -%}
    (select coalesce(max(relation_number), 0) from {{ this }}) +
    {%- endif %}
    cast(row_number() over (
        order by relations.tenant_id, relations.seller_id, relations.debtor_id nulls last, relations.currency
    ) as bigint) as relation_number,
    relations.tenant_id,
    relations.seller_id,
    relations.debtor_id,
    relations.currency
from relations
{%- if ifp.goes_on() %}
left join {{ this }} as held
    on
        relations.tenant_id = held.tenant_id
        and relations.seller_id = held.seller_id
        and relations.debtor_id is not distinct from held.debtor_id
        and relations.currency = held.currency
where held.relation_number is null
{%- endif %}
