with accepted as (
    select
        tenant_id,
        party_id,
        duns,
        confidence_code,
        max(confidence_code) over (partition by tenant_id, party_id) as best_confidence_code
    from {{ ref('stg_dnb__matches') }}
    where
        not is_deleted
        and confidence_code >= 8
        and substr(match_grade, 1, 1) = 'A'
),

matches as (
    select
        tenant_id,
        party_id,
        min(duns) as duns
    from accepted
    where confidence_code = best_confidence_code
    group by tenant_id, party_id
    having count(distinct duns) = 1
),

reports as (
    select
        *,
        row_number() over (
            partition by tenant_id, duns order by fetched_at desc, connection_id, record_id
        ) as place
    from {{ ref('stg_dnb__reports') }}
    where not is_deleted
),

first_syncs as (
    select * from {{ ref('int_syncs__first_completed') }}
),

linked as (
    select
        matches.tenant_id,
        matches.party_id,
        reports.duns,
        reports.paydex,
        reports.failure_class,
        reports.failure_percentile,
        reports.delinquency_percentile,
        reports.limit_minor,
        reports.limit_currency,
        reports.has_severe_negative_events,
        reports.operating_status,
        reports.registered_on,
        reports.bankruptcy_count,
        reports.bankruptcy_filed_on,
        reports.pulled_at,
        reports.payload_sha256,
        {{ ifp.recorded_at('reports.fetched_at', 'first_syncs.first_complete_at', 'reports.pulled_at') }} as recorded_at
    from matches
    inner join reports
        on
            matches.tenant_id = reports.tenant_id
            and matches.duns = reports.duns
            and reports.place = 1
    left join first_syncs
        on
            reports.tenant_id = first_syncs.tenant_id
            and reports.connection_id = first_syncs.connection_id
            and first_syncs.source_system = 'dnb'
            and first_syncs.entity = 'reports'
)

select
    linked.*,
    (linked.bankruptcy_count > 0 or coalesce(linked.operating_status = 'out_of_business', false)) as is_insolvent,
    case
        when linked.bankruptcy_count > 0 or linked.operating_status = 'out_of_business'
            then coalesce({{ ifp.utc_midnight('linked.bankruptcy_filed_on') }}, linked.recorded_at)
    end as insolvent_recorded_at
from linked
where linked.recorded_at <= {{ ifp.as_of() }}
