with tenants as (
    select tenant_id from {{ ref('dim_sellers') }}
    union
    select tenant_id from {{ ref('stg_sync__entities') }}
),

failures as (
    select
        tenant_id,
        'data quality: ' || rule || ' in ' || connection_id || '.' || entity as failure
    from {{ ref('rpt_data_quality') }}
    where is_blocking and is_failed

    union all

    select
        tenant_id,
        'control total: ' || connection_id || '.' || entity || ' ' || currency as failure
    from {{ ref('rpt_control_totals') }}
    where difference_minor <> 0
)

select
    tenants.tenant_id,
    cast(count(failures.failure) as bigint) as failed_checks,
    count(failures.failure) = 0 as is_publishable,
    min(failures.failure) as first_failure
from tenants
left join failures on tenants.tenant_id = failures.tenant_id
group by tenants.tenant_id
