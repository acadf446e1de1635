with current_records as (
    {{ ifp.current_records(source('raw_dnb', 'matches')) }}
)

select
    cast(current_records.tenant_id as text) as tenant_id,
    cast(current_records.connection_id as text) as connection_id,
    cast(current_records.record_id as text) as party_id,
    {{ ifp.json_text('candidate.element', 'organization.duns') }} as duns,
    cast(cast({{ ifp.json_text('candidate.element', 'matchQualityInformation.confidenceCode') }} as decimal(6, 2)) as integer) as confidence_code,
    {{ ifp.json_text('candidate.element', 'matchQualityInformation.matchGrade') }} as match_grade,
    current_records.is_deleted,
    cast(current_records.payload_sha256 as text) as payload_sha256,
    current_records.fetched_at
from current_records
{{ ifp.each_json('current_records.payload', 'matchCandidates', 'candidate') }}
