with parties as (
    select * from {{ ref('int_parties__identified') }}
    where party_role = 'debtor'
),

reports as (
    select * from {{ ref('int_bureau_reports__linked') }}
),

first_invoices as (
    select
        tenant_id,
        debtor_id,
        min(issued_on) as first_seen_on
    from {{ ref('int_receivables__unified') }}
    group by tenant_id, debtor_id
)

select
    parties.tenant_id,
    parties.party_id as debtor_id,
    case when not parties.is_natural_person then parties.party_name end as display_name,
    parties.is_natural_person,
    parties.country,
    case when not parties.is_natural_person then parties.tax_id end as tax_id,
    reports.registered_on,
    reports.duns,
    reports.paydex,
    reports.failure_class,
    reports.failure_percentile,
    reports.delinquency_percentile,
    reports.limit_minor as bureau_limit_minor,
    reports.limit_currency as bureau_currency,
    coalesce(reports.has_severe_negative_events, false) as has_severe_negative_events,
    reports.operating_status,
    reports.pulled_at as bureau_pulled_at,
    coalesce(reports.is_insolvent, false) as is_insolvent,
    reports.insolvent_recorded_at,
    first_invoices.first_seen_on
from parties
left join reports
    on
        parties.tenant_id = reports.tenant_id
        and parties.party_id = reports.party_id
left join first_invoices
    on
        parties.tenant_id = first_invoices.tenant_id
        and parties.party_id = first_invoices.debtor_id
