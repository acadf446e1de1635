with current_records as (
    {{ ifp.current_records(source('raw_dnb', 'reports')) }}
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns({'first_fetched_at': 'first_fetched_at'}),
        {
            'inquiry_duns': 'inquiryDetail.duns',
            'organization_duns': 'organization.duns',
            'pulled_text': 'transactionDetail.transactionTimestamp',
            'start_text': 'organization.startDate',
            'status_code': 'organization.dunsControlStatus.operatingStatus.dnbCode',
            'paydex_text': 'organization.businessTrading[0].summary[0].paydexScore',
            'failure_class_text': 'organization.dnbAssessment.failureScore.classScore',
            'failure_percentile_text': 'organization.dnbAssessment.failureScore.nationalPercentile',
            'delinquency_percentile_text': 'organization.dnbAssessment.delinquencyScore.nationalPercentile',
            'limit_text': 'organization.dnbAssessment.creditLimitRecommendation.maximumRecommendedLimit.value',
            'limit_currency': 'organization.dnbAssessment.creditLimitRecommendation.maximumRecommendedLimit.currency',
            'severe_text': 'organization.dnbAssessment.hasSevereNegativeEvents',
            'bankruptcy_count_text': 'organization.legalEvents.bankruptcy.periodSummary.12Months.totalCount',
            'bankruptcy_date_text': 'organization.legalEvents.bankruptcy.mostRecentFilingDate',
        }
    ) }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

statuses as (
    select * from {{ ref('operating_states') }}
)

select
    parsed.tenant_id,
    parsed.connection_id,
    parsed.record_id,
    coalesce(parsed.organization_duns, parsed.inquiry_duns) as duns,
    cast(parsed.pulled_text as timestamptz) as pulled_at,
    cast(
        case length(parsed.start_text)
            when 4 then parsed.start_text || '-01-01'
            when 7 then parsed.start_text || '-01'
            else nullif(substr(parsed.start_text, 1, 10), '')
        end as date
    ) as registered_on,
    statuses.operating_status,
    cast(cast(parsed.paydex_text as decimal(9, 2)) as integer) as paydex,
    cast(cast(parsed.failure_class_text as decimal(9, 2)) as integer) as failure_class,
    cast(cast(parsed.failure_percentile_text as decimal(9, 2)) as integer) as failure_percentile,
    cast(cast(parsed.delinquency_percentile_text as decimal(9, 2)) as integer) as delinquency_percentile,
    {{ ifp.minor_units('parsed.limit_text', 'coalesce(currencies.minor_per_major, 100)') }} as limit_minor,
    upper(parsed.limit_currency) as limit_currency,
    coalesce(parsed.severe_text = 'true', false) as has_severe_negative_events,
    coalesce(cast(cast(parsed.bankruptcy_count_text as decimal(9, 2)) as integer), 0) as bankruptcy_count,
    cast(nullif(substr(parsed.bankruptcy_date_text, 1, 10), '') as date) as bankruptcy_filed_on,
    parsed.is_deleted,
    parsed.payload_sha256,
    parsed.fetched_at,
    parsed.first_fetched_at
from parsed
left join currencies on upper(parsed.limit_currency) = currencies.currency
left join statuses on parsed.status_code = statuses.dnb_code
