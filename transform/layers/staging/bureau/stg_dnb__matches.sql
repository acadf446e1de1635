with current_records as (
    {{ ifp.current_records(source('raw_dnb', 'matches')) }}
),

parsed as (
    {{ ifp.parsed_json(
        'current_records',
        ifp.envelope_columns(),
        {
            'duns': 'matchCandidates[0].organization.duns',
            'confidence_text': 'matchCandidates[0].matchQualityInformation.confidenceCode',
            'match_grade': 'matchCandidates[0].matchQualityInformation.matchGrade',
            'matched_text': 'transactionDetail.transactionTimestamp',
        }
    ) }}
)

select
    tenant_id,
    connection_id,
    record_id as party_id,
    duns,
    cast(cast(confidence_text as decimal(6, 2)) as integer) as confidence_code,
    match_grade,
    cast(matched_text as timestamptz) as matched_at,
    is_deleted,
    payload_sha256,
    fetched_at
from parsed
